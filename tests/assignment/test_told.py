"""What goes wrong with a student's files, in the published notebook's cells: a sentence each, no traceback, nothing lost."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from assignment.builder.checkout import KIT, RELEASE
from assignment.builder.course_config import load_course
from tests.assignment.bare import run_cells, shown

MODEL = "from types import SimpleNamespace\ndata, model = SimpleNamespace(name='photo sample'), nn.Linear(2, 1)"
NOT_WRITABLE = "for name in ('x.pth.part', 'results.json.part'):\n    os.mkdir(name)  # also root cannot write a file there"


@pytest.mark.slow
def test_each_is_told_in_a_sentence(tmp_path: Path) -> None:
    course = load_course()
    released = json.loads((RELEASE / course.assignment / f"{course.assignment}.ipynb").read_text("utf-8"))
    given = {cell["id"]: "".join(cell["source"]) for cell in released["cells"]}
    (tmp_path / "results.json").write_text('{"data": "photo sample", "accu')
    whole = nn.Linear(2, 1)
    torch.save(whole.state_dict(), tmp_path / "whole.pth")
    (tmp_path / "damaged.pth").write_bytes((tmp_path / "whole.pth").read_bytes()[:300])
    torch.save(nn.Linear(3, 1).state_dict(), tmp_path / "other.pth")
    cells = {
        "profile": given["profile"],
        "setup": given["given-setup"],
        "model": MODEL,
        "results": given["given-results"],
        "functions": given["given-keep-recall"],
        "damaged": "recall('damaged', model)",
        "missing": "recall('missing', model)",
        "other": "recall('other', model)",
        "whole": "print(recall('whole', model).weight.tolist())",
        "full": NOT_WRITABLE,
        "kept": "keep('x', model, x_losses=[1.0])\nprint(recall('x', nn.Linear(2, 1)) is model, results['x_losses'])",
    }
    env = {**os.environ, "PS8_PROFILE": "quick", "PYTHONPATH": str(KIT.parent)}
    ran = run_cells(sys.executable, list(cells.values()), tmp_path, env, whatever=True)
    told = {name: shown(cell).strip() for name, cell in zip(cells, ran, strict=True)}
    assert not any("Traceback" in text or "---->" in text for text in told.values()), told
    assert told["results"].startswith("results.json is damaged and is results.json.damaged now")
    assert (tmp_path / "results.json.damaged").read_text().endswith('"accu')
    for name, words in (("damaged", "is damaged"), ("missing", "is not there"), ("other", "holds no weights of this Linear")):
        assert told[name].startswith(f"{name}.pth {words}") and told[name].count("\n") == 0
    assert json.loads(told["whole"]) == whole.weight.tolist()
    assert told["full"] == "" and told["kept"].count("could not be written") == 2 and "True [1.0]" in told["kept"]
    assert "x.pth could not be written: Is a directory. What was trained is kept" in told["kept"]
