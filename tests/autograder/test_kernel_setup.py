"""What PS8's kernels have, and how it comes to them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbjudge.gather import gather
from nbjudge.jail import Limits, reasons_unavailable

from autograder.kernel_setup import ps8_settings

needs_jail = pytest.mark.skipif(bool(reasons_unavailable()), reason="; ".join(reasons_unavailable()))


@needs_jail
@pytest.mark.parametrize("warm", [True, False])
def test_an_answer_is_probed_with_and_without_a_warm_parent(warm: bool) -> None:
    """A kernel that was started cold could not import the collector: no answer of the class left any evidence."""
    test = new_code_cell("1")
    test.metadata["nbgrader"] = {"grade": True, "solution": False, "locked": True, "grade_id": "softmax_loss", "points": 10}
    cells = [new_code_cell("import os\n(os.environ['PS8_PROFILE'], os.environ['PS8_DATA'], input('?'))"), test]
    gathered = gather(new_notebook(cells=cells), {"softmax_loss": 1}, Limits(), replace(ps8_settings(), warm=warm))
    assert gathered.outputs[cells[0].id][0].data["text/plain"] == "('grade', '/data', '')"
    assert not gathered.problems and gathered.evidence["softmax_loss"]
