"""What a student keeps: nothing is lost to a shorter run, another profile, a damaged file or a full disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from ps8.artifacts import ASIDE, Unreadable, load, open_results, save, save_results, save_run
from ps8.progress import progress
from ps8.runtime import seed_everything
from ps8.trainings import resume
from torch import nn


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, as a student."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PS8_PROFILE", "full")
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr("ps8.trainings.checkpoints.DRIVE", tmp_path / "no drive")
    seed_everything(42)
    return tmp_path


def net(value: float) -> nn.Module:
    made = nn.Linear(1, 1)
    nn.init.constant_(made.weight, value)
    return made


def weight(path: str) -> float:
    return load(nn.Linear(1, 1), path).weight.item()


def test_a_run_comes_back(capsys: pytest.CaptureFixture[str]) -> None:
    results = open_results("photo sample")
    assert save_run(results, "ae", net(1.0), ae_losses=[3.0, 2.0])
    assert open_results("photo sample") == results and results["ae_losses"] == [3.0, 2.0]
    assert weight("ae.pth") == 1.0
    assert capsys.readouterr().out == "Saved ae.pth.\nSaved results.json: hand it in with the notebook.\n"


def test_full_then_quick_then_full_loses_nothing(monkeypatch: pytest.MonkeyPatch, work: Path) -> None:
    full = open_results("STL-10")
    save_run(full, "ae", net(1.0), ae_losses=[1.0] * 100)
    monkeypatch.setenv("PS8_PROFILE", "quick")
    quick = open_results("STL-10")
    assert "ae_losses" not in quick and not Path("ae.pth").exists()
    save_run(quick, "ae", net(2.0), ae_losses=[1.0] * 4)
    monkeypatch.setenv("PS8_PROFILE", "full")
    assert open_results("STL-10") == full and weight("ae.pth") == 1.0
    monkeypatch.setenv("PS8_PROFILE", "quick")
    assert open_results("STL-10") == quick and weight("ae.pth") == 2.0
    assert [path.name for path in (work / ASIDE).iterdir()] == ["STL_10-full-42"]


def test_what_is_set_aside_never_takes_the_place_of_what_was(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Path(ASIDE) / "STL_10-full-42" / "ae.pth"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"by hand")
    save_results({"data": "STL-10", "profile": "full"})
    monkeypatch.setenv("PS8_PROFILE", "quick")
    open_results("STL-10")
    assert kept.read_bytes() == b"by hand"
    assert (Path(ASIDE) / "STL_10-full-42-2" / "results.json").is_file()


@pytest.mark.parametrize("shorter", [[], [9.0]])
def test_a_training_that_was_interrupted_leaves_a_longer_one(shorter: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    results = open_results("STL-10")
    save_run(results, "ae", net(1.0), ae_losses=[3.0, 2.0])
    assert not save_run(results, "ae", net(7.0), ae_losses=shorter)
    assert weight("ae.pth") == 1.0 and results["ae_losses"] == [3.0, 2.0] == open_results("STL-10")["ae_losses"]
    assert "they come from 2 epochs" in capsys.readouterr().out
    Path("ae.pth").unlink()
    if shorter:
        assert save_run(results, "ae", net(7.0), ae_losses=shorter) and weight("ae.pth") == 7.0


def test_a_training_without_an_epoch_is_not_kept(capsys: pytest.CaptureFixture[str]) -> None:
    results = open_results("STL-10")
    assert not save_run(results, "encoder_cmc", net(1.0), cmc_history={"loss": [], "prob_l": []})
    assert not list(Path().iterdir()) and "No epoch was finished" in capsys.readouterr().out
    assert save_run(results, "encoder_cmc", net(1.0), cmc_history={"loss": [11.0], "prob_l": [0.1]})
    assert save_run(results, "encoder_cmc", net(2.0), cmc_history={"loss": [11.0, 9.0], "prob_l": [0.1, 0.2]})
    assert weight("encoder_cmc.pth") == 2.0


@pytest.mark.parametrize("damaged", [b"", b"{", b"\xff\xfe", b"[1]", b'{"accuracy": 3}', b"[" * 100_000])
def test_damaged_results_are_set_aside_and_said(damaged: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    Path("results.json").write_bytes(damaged)
    save(net(1.0), "ae.pth")
    assert open_results("STL-10")["accuracy"] == {}
    assert Path("results.json.damaged").read_bytes() == damaged and Path("ae.pth").is_file()
    assert "results.json is damaged" in capsys.readouterr().err


def test_results_of_an_earlier_kit_get_what_they_lack() -> None:
    save_results({"data": "STL-10", "profile": "full", "accuracy": {"cmc": 0.5}})
    lacked = {"data": "STL-10", "profile": "full", "seed": 42, "standardised": {}}
    assert open_results("STL-10") == {"accuracy": {"cmc": 0.5}, **lacked}


def test_another_seed_is_another_run() -> None:
    seed_everything(42)
    first = open_results("STL-10")
    save_run(first, "ae", net(1.0), ae_losses=[1.0])
    seed_everything(7)
    assert "ae_losses" not in open_results("STL-10") and not Path("ae.pth").exists()
    seed_everything(42)
    assert open_results("STL-10") == first and weight("ae.pth") == 1.0


def test_results_say_that_a_training_was_interrupted() -> None:
    results = open_results("STL-10")
    for stop, told in ((1, {"epochs": 1, "of": 3, "interrupted": True}), (None, {"epochs": 3, "of": 3, "interrupted": False})):
        losses = []
        with resume("ae", results), progress(3, "autoencoder") as bar:
            for epoch in bar:
                if epoch == stop:
                    raise KeyboardInterrupt
                losses.append(1.0)
        save_run(results, "ae", net(1.0), ae_losses=losses)
        assert open_results("STL-10")["trainings"] == {"ae": told}


@pytest.mark.parametrize("damaged", [b"", b"not weights", b"PK\x03\x04 cut short"])
def test_damaged_weights_are_told_in_a_sentence_without_a_traceback(damaged: bytes) -> None:
    Path("ae.pth").write_bytes(damaged)
    with pytest.raises(Unreadable, match=r"ae\.pth is damaged") as caught:
        load(net(0.0), "ae.pth")
    assert caught.value._render_traceback_() == [str(caught.value)]
    with pytest.raises(Unreadable, match="run the training cell"):
        load(net(0.0), "other.pth")


@pytest.mark.parametrize("other", [nn.Linear(3, 1).state_dict(), nn.Sequential(nn.Linear(1, 1)).state_dict(), [1.0], 3, None])
def test_weights_of_another_network_are_told_in_a_sentence(other: object) -> None:
    torch.save(other, "ae.pth")
    with pytest.raises(Unreadable, match=r"ae\.pth holds no weights of this Linear: .*Was your network changed") as caught:
        load(net(0.0), "ae.pth")
    assert caught.value._render_traceback_() == [str(caught.value)] and "\n" not in str(caught.value)


def test_weights_that_were_cut_short_are_told() -> None:
    save(net(1.0), "ae.pth")
    whole = Path("ae.pth").read_bytes()
    Path("ae.pth").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unreadable, match="damaged"):
        load(net(0.0), "ae.pth")


def test_a_file_that_cannot_be_written_costs_no_training(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("ae.pth.part").mkdir()
    Path("results.json.part").mkdir()
    results = open_results("STL-10")
    assert save_run(results, "ae", net(1.0), ae_losses=[2.0])  # the model counts, and goes on
    assert capsys.readouterr().err.count("could not be written") == 2
    assert results["ae_losses"] == [2.0] and not Path("ae.pth").exists()


def test_an_interrupted_write_leaves_the_earlier_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    save(net(1.0), "ae.pth")

    def interrupted(state: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(net(2.0), "ae.pth")
    assert weight("ae.pth") == 1.0


def test_nothing_is_written_or_moved_while_a_submission_is_graded(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("results.json").write_text(json.dumps({"data": "STL-10", "profile": "full"}))
    monkeypatch.setenv("PS8_PROFILE", "grade")
    results = open_results("photo sample")
    assert save_run(results, "ae", net(1.0), ae_losses=[2.0])
    assert [path.name for path in Path().iterdir()] == ["results.json"]
