"""The progress bar: it counts, shows numbers, keeps what was trained when interrupted, and is silent while grading."""

from __future__ import annotations

import ps8
import pytest
import torch
from ps8.training_doctor import quiet
from torch import nn


@pytest.fixture(autouse=True)
def as_a_student(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PS8_PROFILE", raising=False)


def test_it_counts_and_shows_the_loss(capsys: pytest.CaptureFixture[str]) -> None:
    with ps8.progress(3, "autoencoder") as bar:
        assert list(bar) == [0, 1, 2]
        bar.report(loss=0.12345)
    out, _ = capsys.readouterr()
    assert "autoencoder" in out and "3/3" in out and "loss=0.123" in out


def test_an_interrupt_keeps_what_was_trained(capsys: pytest.CaptureFixture[str]) -> None:
    done = []
    with ps8.progress(5, "CMC") as bar:
        for epoch in bar:
            if epoch == 2:
                raise KeyboardInterrupt
            done.append(epoch)
    assert done == [0, 1]
    assert "Interrupted after 2 of 5 epochs. The model goes on as it is now." in capsys.readouterr().out


def test_other_errors_go_through() -> None:
    with pytest.raises(ZeroDivisionError), ps8.progress(5, "CMC"):
        1 / 0  # noqa: B018


@pytest.mark.parametrize("reason", ["grading", "a check"])
def test_it_is_silent_while_graded_and_in_a_check(
    reason: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason == "grading":
        monkeypatch.setenv("PS8_PROFILE", "grade")
    model = nn.Linear(2, 2)

    def run() -> None:
        with ps8.progress(8, "CMC", model=model) as bar:
            for epoch in bar:
                model(torch.zeros(1, 2))
                bar.report(loss=float("nan"))
                if epoch == 3:
                    raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        if reason == "grading":
            run()
        else:
            with quiet():
                run()
    assert capsys.readouterr() == ("", "")
    assert not model._forward_hooks


def test_the_doctor_speaks_through_the_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with ps8.progress(3, "CMC", model=nn.Linear(2, 2)) as bar:
        for _ in bar:
            bar.report(loss=float("nan"))
    assert capsys.readouterr().out.count("Doctor, after epoch 1: loss is nan") == 1


def test_the_doctors_hooks_end_with_the_training() -> None:
    model = nn.Linear(2, 2)
    with ps8.progress(1, "autoencoder", model=model):
        assert model._forward_hooks
    assert not model._forward_hooks


def test_no_epochs_at_all() -> None:
    with ps8.progress(0, "nothing") as bar:
        assert list(bar) == []
