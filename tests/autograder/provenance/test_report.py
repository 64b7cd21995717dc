"""Remarks on submissions that were run: an answer from elsewhere, a changed kernel; none on honest work."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nbformat import NotebookNode
from nbjudge.gather import Gathered
from nbjudge.gather.evidence_file import parse_evidence
from nbjudge.judge.judge import CriteriaJudge

from autograder import provenance

pytestmark = pytest.mark.slow
STUB = "class SoftmaxLoss(nn.Module):\n    def forward(self, x):\n        raise NotImplementedError"
BODY = "F.cross_entropy(x[:, :, 0], torch.zeros(len(x), dtype=torch.long))"
RIGHT = f"class {{name}}(nn.Module):\n    def forward(self, x):\n        return {BODY}"
LOSS = RIGHT.format(name="SoftmaxLoss")
# An own cell below the answer's cell, which holds a stub.
ELSEWHERE = {
    "defined again": LOSS,
    "through globals": f"{RIGHT.format(name='Mine')}\nglobals()['SoftmaxLoss'] = Mine",
    "by another name": f"{RIGHT.format(name='Mine')}\nname = 'Softmax' + 'Loss'\nglobals()[name] = Mine",
    "patched": f"SoftmaxLoss.forward = lambda self, x: {BODY}",
    "by exec": f"exec({LOSS!r})",
    "inherited": f"{RIGHT.format(name='Mine')}\nclass SoftmaxLoss(Mine, SoftmaxLoss): pass",
}
HONEST = {
    "a timer": "import time\n_old = SoftmaxLoss.forward\nprint(time.time())",
    "a wrapper": "import functools\n@functools.wraps(SoftmaxLoss)\ndef loss(*a):\n    return SoftmaxLoss(*a)",
    "a helper": "def helper(x):\n    return x\ndef helper(x):\n    return 2 * x",
    "trials": "torch.manual_seed(0); torch.set_num_threads(1); torch.backends.cudnn.benchmark = True\nprint(SoftmaxLoss())",
    "a subclass": "class Mine(SoftmaxLoss):\n    pass",
    "an optimizer": "torch.optim.AdamW(nn.Linear(2, 2).parameters()); torch.optim.RMSprop(nn.Linear(2, 2).parameters())",
    "a thread that ended": "import threading\nt = threading.Thread(target=print)\nt.start(); t.join()",
    "a loader": "from torch.utils.data import DataLoader\nnext(iter(DataLoader([1, 2], num_workers=0)))",
    "a figure": "import matplotlib.pyplot as plt\nplt.rcParams['figure.dpi'] = 50\nplt.plot([1, 2]); plt.show()",
}


@pytest.mark.parametrize("how", ELSEWHERE)
def test_an_answer_from_another_cell_is_told(
    how: str,
    notebook: Callable[..., NotebookNode],
    run: Callable[[NotebookNode], Gathered],
    judge: CriteriaJudge,
    seeds: dict[str, int],
) -> None:
    """Its numbers earn what they earn."""
    made = notebook(question="softmax_loss", answer=STUB, after=ELSEWHERE[how])
    evidence = run(made).evidence
    earned = {
        "softmax_loss": judge.judge("softmax_loss", parse_evidence(evidence["softmax_loss"]), seeds["softmax_loss"]).score
    }
    assert earned["softmax_loss"] == 10
    (told,) = [r for r in provenance.remarks(made, evidence, earned) if "SoftmaxLoss" in r]
    assert "not what stands in its answer cell" in told
    assert f"cell {made.cells.index(next(c for c in made.cells if c.source == ELSEWHERE[how])) + 1}" in told or how == "by exec"


@pytest.mark.parametrize("what", HONEST)
def test_no_word_on_honest_work(
    what: str,
    notebook: Callable[..., NotebookNode],
    run: Callable[[NotebookNode], Gathered],
) -> None:
    made = notebook(question="softmax_loss", after=HONEST[what])
    assert provenance.remarks(made, run(made).evidence, dict.fromkeys(("softmax_loss", "encoder"), 10.0)) == []


def test_evidence_that_the_collector_did_not_write_is_told(
    notebook: Callable[..., NotebookNode],
    run: Callable[[NotebookNode], Gathered],
) -> None:
    replaced = "import autograder.collector.inkernel as k\nfrom safetensors.numpy import save\n"
    replaced += "k.write = lambda evidence, path, notes: open(path, 'wb').write(save(evidence.arrays))"
    made = notebook(before=replaced)
    told = " ".join(provenance.remarks(made, run(made).evidence, {}))
    assert "reaches for the grader's part in the kernel" in told
    assert "`autograder.collector.inkernel.write`" in told or "not written by the grader's own collector" in told
