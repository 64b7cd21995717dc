"""Whole submissions: numbers and weights of a real (short) training, as they are and with something done to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from ps8.data import DataError
from ps8.settings import settings

from autograder.artifacts import Findings, examine
from autograder.artifacts.artifact_files import ArtifactFolder, Files, known
from autograder.artifacts.course_findings import examine_elsewhere, findings_of
from autograder.artifacts.examination import DAMAGED, NOTHING
from autograder.artifacts.findings_cache import FindingsCache, images_id, key
from autograder.artifacts.networks import ROWS
from autograder.paths import DATA

from .saving import loaded, saved

Look = Callable[[dict[str, bytes]], Findings]


def claiming(handed_in: dict[str, bytes], **changes: Any) -> bytes:
    return json.dumps({**json.loads(handed_in["results.json"]), **changes}).encode()


def only(handed_in: dict[str, bytes], *names: str) -> dict[str, bytes]:
    return {name: handed_in[name] for name in ("results.json", *names)}


def test_numbers_and_weights_that_agree(handed_in: dict[str, bytes], look: Look) -> None:
    found = look(handed_in)
    reported = json.loads(handed_in["results.json"])["accuracy"]
    assert [line.row for line in found.lines] == list(ROWS)
    for line in found.lines:
        assert line.agrees is True
        assert line.measured is not None
        assert line.measured.accuracy == pytest.approx(reported[line.row], abs=0.002)
        assert line.measured.images == 1_000
    assert found.images == "1,000 test images (photo sample)"
    assert found.remarks == ()
    cfg = settings("full")
    assert found.notes == (f"Epochs trained, by results.json: autoencoder 2 of {cfg.ae_epochs}, CMC 2 of {cfg.cmc_epochs}.",)


def test_numbers_that_the_weights_do_not_give(handed_in: dict[str, bytes], look: Look) -> None:
    files = only(handed_in, "probe_cmc.pth")
    files["results.json"] = claiming(handed_in, accuracy={"cmc": 0.62, "random_rgb": 0.3})
    found = look(files)
    lines = {line.row: line for line in found.lines}
    assert lines["cmc"].agrees is False
    assert lines["random_rgb"].why == "probe_random_rgb.pth is missing"
    assert lines["random_rgb"].agrees is None
    assert len(found.remarks) == 1
    assert "0.620 for cmc, the weights give 0.3" in found.remarks[0]
    assert {"ae.pth was not handed in.", "encoder_cmc.pth was not handed in."} <= set(found.notes)


def test_layers_under_other_names(handed_in: dict[str, bytes], look: Look) -> None:
    files = only(handed_in, "probe_autoencoder.pth", "ae.pth")
    for name in ("probe_autoencoder.pth", "ae.pth"):
        state = {label.replace("layers.", "my_conv"): tensor for label, tensor in loaded(handed_in[name]).items()}
        assert state.keys() != loaded(handed_in[name]).keys()
        files[name] = saved(state)
    found = look(files)
    assert {line.row: line.agrees for line in found.lines}["autoencoder"] is True
    assert found.remarks == ()


def test_weights_that_cannot_be_measured(handed_in: dict[str, bytes], look: Look) -> None:
    files = dict(handed_in)
    for name, change in {
        "probe_cmc.pth": lambda t: torch.full_like(t, torch.nan),
        "probe_random_lab.pth": lambda t: torch.zeros(16, *t.shape[1:]),
        "probe_supervised.pth": lambda t: t.clone().zero_()[:1].expand(10**6, *t.shape[1:]),
    }.items():
        state = loaded(files[name])
        first = next(iter(state))
        files[name] = saved({**state, first: change(state[first])})
    files["probe_random_rgb.pth"] = files["probe_random_rgb.pth"][:5_000]
    found = look(files)
    assert {line.row: line.agrees for line in found.lines} == {**dict.fromkeys(ROWS), "autoencoder": True}
    said = "\n".join(found.remarks)
    assert "probe_cmc.pth: `encoder.encoder.encoder_l.layers.0.weight` holds NaN" in said
    assert "probe_random_lab.pth: `encoder.encoder.encoder_l.layers.0.weight` has the shape 16x1x4x4" in said
    assert "probe_supervised.pth: could not be unpacked" in said
    assert "probe_random_rgb.pth: is damaged or was cut off" in said


def test_a_probe_on_another_encoder_is_noticed(handed_in: dict[str, bytes], look: Look) -> None:
    state = loaded(handed_in["ae.pth"])
    state["encoder.layers.0.bias"] = state["encoder.layers.0.bias"] + 1e-3
    found = look({**only(handed_in, "probe_autoencoder.pth"), "ae.pth": saved(state)})
    assert len(found.remarks) == 1
    assert found.remarks[0].startswith("probe_autoencoder.pth holds another encoder than ae.pth")


def test_other_data_cannot_be_compared(handed_in: dict[str, bytes]) -> None:
    for data, named in (("STL-10", "`STL-10`"), ("", "an unnamed data set")):
        files = {**only(handed_in, "probe_cmc.pth"), "results.json": claiming(handed_in, data=data)}
        found = examine(known(files), DATA)
        assert all(line.measured is None for line in found.lines)
        assert any(f"is from {named}, the grader has `photo sample`" in note for note in found.notes)
        assert not any("the weights give" in remark for remark in found.remarks)


def test_numbers_without_weights(handed_in: dict[str, bytes]) -> None:
    found = examine(known({"results.json": claiming(handed_in, profile="grade")}), DATA)
    assert [line.reported is not None for line in found.lines] == [True] * len(ROWS)
    assert any("'grade'" in remark for remark in found.remarks)
    assert "No weights were handed in: the accuracies could not be measured again." in found.notes


def test_weights_without_numbers(handed_in: dict[str, bytes], look: Look) -> None:
    found = look({"probe_random_rgb.pth": handed_in["probe_random_rgb.pth"]})
    (line,) = found.lines
    assert line.reported is None
    assert line.measured is not None
    assert any(note.startswith("results.json was not handed in") for note in found.notes)


def test_nothing_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: Any) -> None:
        raise AssertionError("there is nothing to look at")

    for name in ("held_out", "unpack_in_jail", "measure"):
        monkeypatch.setattr(f"autograder.artifacts.examination.{name}", never)
    assert examine(Files(), Path("nowhere")) == Findings(notes=(NOTHING,))
    odd = "resnet50.pth is no file that the assignment asks for, and was not looked at."
    assert examine(Files(remarks=(odd,)), Path("nowhere")) == Findings(notes=(NOTHING, odd))  # no reason for a human to look


def test_images_that_cannot_be_used_are_said(handed_in: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: Path) -> None:
        raise DataError(f"{folder}/test_X.bin is truncated.")

    monkeypatch.setattr("autograder.artifacts.examination.held_out", broken)
    found = examine(known(only(handed_in, "probe_cmc.pth")), DATA)
    assert DAMAGED in found.notes
    assert str(DATA) not in str(found)


def test_findings_are_kept_and_made_again_when_something_changes(
    handed_in: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Files] = []

    def counted(files: Files, *others: object) -> Findings:
        runs.append(files)
        return Findings(remarks=(files.digest(),))

    monkeypatch.setattr("autograder.artifacts.course_findings.examine", counted)
    folder, cache = tmp_path / "ps8", FindingsCache(tmp_path / "evidence")
    folder.mkdir()
    (folder / "results.json").write_bytes(handed_in["results.json"])
    (folder / "ae.pth").write_bytes(handed_in["ae.pth"])
    first = findings_of(folder, cache)
    assert findings_of(folder, cache) == first
    assert len(runs) == 1
    (folder / "ae.pth").write_bytes(handed_in["ae.pth"] + b" ")
    second = findings_of(folder, cache)
    assert second != first
    assert len(runs) == 2
    for kept in tmp_path.rglob("*.artifacts.json"):
        kept.write_text('{"lines": [{"row": "cmc"}]}')
    assert findings_of(folder, cache) == second
    assert len(runs) == 3
    monkeypatch.setattr("autograder.artifacts.findings_cache.code", lambda: "another version")
    findings_of(folder, cache)
    assert len(runs) == 4


def test_other_images_are_another_key(handed_in: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = known(only(handed_in, "ae.pth"))
    here = key(files, DATA)
    monkeypatch.setattr("autograder.artifacts.findings_cache.images_id", lambda files, data: "other images")
    assert key(files, DATA) != here


def test_a_worker_with_other_images_leaves_it_to_the_grader(handed_in: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "results.json").write_bytes(handed_in["results.json"])
    submission = ArtifactFolder(tmp_path)
    assert examine_elsewhere(submission, DATA, None, "other images") is None
    cache = FindingsCache(tmp_path / "evidence")
    cache.keep_if_any("ab", None)
    assert cache.load("ab") is None
    found = examine_elsewhere(submission, DATA, None, images_id(submission.files(), DATA))
    cache.keep_if_any("ab", found)
    assert cache.load("ab") == found
