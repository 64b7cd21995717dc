"""One file to hand in, with what the grader will see, and a receipt that the grader works out again."""

from __future__ import annotations

import json
import sys
import types
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import ps8
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from nbjudge.repair.intake import intake
from ps8.handing_in import receipt, submission
from ps8.handing_in.answers import CheckedAnswer, State
from ps8.handing_in.dry_run import DryRun, rehearse
from ps8.handing_in.safetensors import as_safetensors
from ps8.handing_in.student_notebook import NoNotebook, find, read_student_notebook
from torch import nn

from autograder.artifacts.artifact_files import take
from autograder.artifacts.jailed_unpickling import unpack_in_jail
from autograder.artifacts.receipts import receipt_of
from autograder.artifacts.safetensors_weights import arrays, is_safetensors
from trials.classroom.submissions import hand_in, solved, students


@pytest.fixture
def dry(monkeypatch: pytest.MonkeyPatch) -> DryRun:
    """A dry run that takes no time."""
    made = DryRun({"encoder": CheckedAnswer("encoder", State.PASSES), "decoder": CheckedAnswer("decoder", State.EMPTY)})
    monkeypatch.setattr(submission, "rehearse", lambda notebook: made)
    monkeypatch.setattr(submission, "readable", lambda notebook: ({"ps8.html": b"<!doctype html>"}, ["No PDF was made."]))
    return made


def write(name: str = "ps8.ipynb", source: str = "class Encoder: pass") -> Path:
    """A notebook with one answer."""
    marks = {"grade_id": "encoder-answer", "solution": True, "grade": False}
    cell = {"cell_type": "code", "source": [source], "metadata": {"nbgrader": marks}, "outputs": []}
    Path(name).write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return Path(name)


def fill() -> None:
    """All that belongs to a run."""
    write()
    Path("results.json").write_text(json.dumps({"profile": "full", "accuracy": {"cmc": 0.5}}))
    for name in submission.WEIGHTS:
        torch.save(nn.Linear(3, 2).state_dict(), f"{name}.pth")


def test_the_zip_is_taken_by_the_grader_as_it_is(dry: DryRun, work: Path, capsys: pytest.CaptureFixture) -> None:
    fill()
    ps8.submit(namespace={})
    out = capsys.readouterr().out
    place = work / "submitted"
    place.mkdir()
    Path(submission.PACKED).rename(place / submission.PACKED)
    found = intake(place, ["ps8", "nce"])
    assert found.notebooks["ps8"] == Path("ps8.ipynb").read_bytes()
    assert found.remarks == ["ps8_hand_in.zip/ps8.ipynb was taken for ps8.ipynb."]
    files = take(place)
    assert files.results and len(files.weights) == len(submission.WEIGHTS) and not files.remarks
    states = unpack_in_jail(files.weights).states
    weights = torch.load("probe_cmc.pth", weights_only=True)
    assert list(states["probe_cmc.pth"]) == ["weight", "bias"]
    np.testing.assert_array_equal(states["probe_cmc.pth"]["weight"], weights["weight"])
    said, whole = receipt_of(place)
    assert whole and said.split()[1].rstrip(":") in out and "1.2 Decoder  empty: nothing to grade" in out


def test_the_receipt_is_the_same_however_the_files_are_packed_and_tells_what_is_not_as_it_was(dry: DryRun, work: Path) -> None:
    fill()
    ps8.submit(namespace={})
    place = work / "submitted"
    with zipfile.ZipFile(submission.PACKED) as archive:
        archive.extractall(place)
    (place / "ps8.ipynb").rename(place / "ps8 (1).ipynb")
    said, whole = receipt_of(place)
    assert whole and said.startswith("Receipt ")
    (place / "results.json").write_text("{}")
    (place / "ae.safetensors").unlink()
    said, whole = receipt_of(place)
    assert not whole and "results.json, ae.safetensors is missing, or was changed" in said
    (place / receipt.FILE).unlink()
    assert receipt_of(place) == ("", True)


def test_a_code_depends_on_every_file_and_on_nothing_else() -> None:
    one, two = receipt.digest(b"1"), receipt.digest(b"2")
    assert receipt.code([one, two]) == receipt.code([two, one]) != receipt.code([one])
    assert receipt.read_receipt(receipt.write({"a b.pth": b"1"}, "told")) == {"a b.pth": one}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64, torch.bool, torch.float16, torch.bfloat16])
def test_safetensors_are_what_the_library_reads(dtype: torch.dtype) -> None:
    turned = torch.ones(2, 3, 4).to(dtype).permute(2, 0, 1)
    state = {"turned": turned, "number": torch.zeros((), dtype=dtype), "none": torch.ones(0, dtype=dtype)}
    data = as_safetensors(state)
    read_back = safetensors.torch.load(data)
    for name, tensor in state.items():
        assert torch.equal(read_back[name], tensor) and read_back[name].dtype == dtype
    assert is_safetensors(data)


def test_the_order_of_the_layers_is_kept() -> None:
    state = {f"layer{n}": torch.full((1,), float(n)) for n in (3, 1, 2)}
    assert list(arrays(as_safetensors(state))) == list(state)
    by_library = safetensors.numpy.save({"b": np.ones(1, np.float32), "a": np.ones(1, np.float32)})
    assert set(arrays(by_library)) == {"a", "b"}


DAMAGES = (lambda d: d[:-1], lambda d: d[:40], lambda d: d[:8] + b"{" * 9 + d[17:], lambda d: d + b"0" * 2**23)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_safetensors_are_told(damage: Any) -> None:
    data = damage(as_safetensors({"weight": torch.ones(64)}))
    found = unpack_in_jail({"ae.pth": data})
    assert "ae.pth" in found.problems and not found.states


def test_what_is_missing_or_not_whole_is_said(dry: DryRun, capsys: pytest.CaptureFixture) -> None:
    write()
    Path("ae.pth").write_bytes(b"damaged")
    Path("results.json").write_text(json.dumps({"profile": "quick", "trainings": {"ae": {"interrupted": True}}}))
    ps8.submit("ps8.ipynb", {"In": ["", "class Encoder: pass\n# other"]})
    out = capsys.readouterr().out
    assert "What you ran for encoder is not what is in ps8.ipynb: save the notebook, and submit again." in out
    assert "ps8.ipynb was saved without outputs: run it, save it, and submit again." in out
    assert "results.json is from the profile 'quick'" in out and "not trained to the end: ae" in out
    assert "encoder_cmc.pth, probe_autoencoder.pth" in out and "ae.pth cannot be read" in out
    assert "ae.pth" in zipfile.ZipFile(submission.PACKED).namelist()


def test_a_name_of_an_answer_that_is_saved_is_not_told(dry: DryRun, capsys: pytest.CaptureFixture) -> None:
    write()
    ps8.submit(namespace={"In": ["class Encoder: other", "class Encoder: pass"]})
    assert "What you ran" not in capsys.readouterr().out


def test_it_finds_the_notebook_of_the_session(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with pytest.raises(NoNotebook, match=r"none.*ps8\.submit"):
        find({})
    write("mine.ipynb")
    Path("other.ipynb").write_text('{"cells": []}')
    assert find({}) == Path("mine.ipynb")
    write("second.ipynb")
    with pytest.raises(NoNotebook, match=r"mine\.ipynb, second\.ipynb"):
        find({})
    monkeypatch.setenv("JPY_SESSION_NAME", "/somewhere/else/second.ipynb")
    assert find({}) == Path("second.ipynb")
    assert find({"__vsc_ipynb_file__": str(work / "mine.ipynb")}) == work / "mine.ipynb"


@pytest.fixture
def colab(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """Colab's way to a student's own machine."""
    files = types.SimpleNamespace(upload=dict, downloaded=[])
    files.download = files.downloaded.append
    module = types.ModuleType("google.colab")
    module.files = files  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google.colab", module)
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    return files


def test_on_colab_it_asks_for_the_downloaded_file_and_gives_one_back(
    colab: types.SimpleNamespace, dry: DryRun, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(NoNotebook, match="No notebook was uploaded"):
        ps8.submit(namespace={})
    colab.upload = lambda: {str(write("Copy of ps8.ipynb")): b""}
    ps8.submit(namespace={})
    assert "Download it (File > Download > Download .ipynb)" in capsys.readouterr().out
    assert colab.downloaded == [submission.PACKED]
    assert zipfile.ZipFile(submission.PACKED).read("ps8.ipynb") == Path("Copy of ps8.ipynb").read_bytes()


@pytest.mark.parametrize("damaged", ["", "<html>", "[1]", '{"cells": 3}', '{"cells": [3]}', "[" * 100_000])
def test_what_is_no_notebook_is_told(damaged: str) -> None:
    Path("ps8.ipynb").write_text(damaged)
    with pytest.raises(NoNotebook, match=r"ps8\.ipynb is no notebook") as caught:
        read_student_notebook(Path("ps8.ipynb"))
    assert caught.value._render_traceback_() == [str(caught.value)]


def test_nothing_is_done_while_a_submission_is_graded(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PS8_PROFILE", "grade")
    ps8.submit(namespace={})
    ps8.status({})
    assert not list(work.iterdir())


@pytest.mark.slow
def test_own_cells_that_fail_in_a_fresh_session_are_told(work: Path) -> None:
    notebook = solved("ps8")
    own = nbformat.v4.new_code_cell("print(defined_in_a_deleted_cell)")
    notebook.cells.insert(10, own)
    Path("ps8.ipynb").write_text(json.dumps(notebook))
    run = rehearse(read_student_notebook(Path("ps8.ipynb")))
    assert run.errors == {11: "NameError: name 'defined_in_a_deleted_cell' is not defined"}
    assert all(answer.state is State.PASSES for answer in run.answers.values())
    assert sorted(path.name for path in work.iterdir()) == ["ps8.ipynb"]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "count"), [("ps8", 9), ("nce", 1)])
def test_a_notebook_whose_cells_have_lost_their_names_is_tried_all_the_same(name: str, count: int) -> None:
    notebook = json.loads(nbformat.writes(solved(name)))
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    Path("bare.ipynb").write_text(json.dumps(notebook))
    run = rehearse(read_student_notebook(Path("bare.ipynb")))
    assert len(run.answers) == count and all(answer.state is State.PASSES for answer in run.answers.values())


@pytest.mark.slow
def test_the_whole_way_with_the_optional_notebook(capsys: pytest.CaptureFixture) -> None:
    ada = students()[0]
    for name in ("ps8", "nce"):
        Path(f"{name}.ipynb").write_text(hand_in(ada, name))
    ps8.submit("ps8.ipynb", {})
    assert "10 of 10 answers pass their checks" in capsys.readouterr().out
    assert {"ps8.ipynb", "nce.ipynb", "ps8.html", receipt.FILE} == set(zipfile.ZipFile(submission.PACKED).namelist()) - {
        "ps8.pdf"
    }
