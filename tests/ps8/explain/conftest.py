"""What the tests of `ps8.explain` share."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

import pytest
from ps8.cuda import CudaOnCpu
from ps8.explain.item import Posed, Ran, Run, key_of

from trials.misconceptions.rewriting import RightAnswer

SEEDS = (31, 32)


@pytest.fixture(autouse=True)
def nothing_asked_yet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test in a session of its own."""
    from ps8.explain import dialogue

    monkeypatch.delenv("PS8_PROFILE", raising=False)  # as a student has it
    monkeypatch.setattr(dialogue, "_asked", {})
    monkeypatch.setattr(dialogue, "_next", {})
    yield


def key_for(answer: RightAnswer, posed: Posed, run: Run) -> Ran | None:
    """What comes of a change to an answer, as the student would get it, on a machine with the GPU that it asks for."""
    device = CudaOnCpu() if answer.asks_for_gpu else contextlib.nullcontext()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), device:
        return key_of(posed, run, answer.namespace(), SEEDS)
