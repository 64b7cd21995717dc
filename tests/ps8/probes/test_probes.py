"""Each probe: the same seed gives the same evidence, a stub and a missing answer are written down, nothing is left behind."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from ps8.probes import probe
from ps8.probes.evidence import MAX_BYTES
from ps8.questions import PROBES, ROOMS

from autograder.judge import reference

RANDOM = {
    f"drawn_{view}{call}" for view in ("l", "ab") for call in ("", "_again", "_many")
}  # rows that the answer itself draws


@pytest.fixture(autouse=True)
def graded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PS8_PROFILE", "grade")


@pytest.mark.parametrize("question", PROBES)
def test_a_seed_decides_everything(question: str) -> None:
    first, again, other = (probe(question, reference.namespace(), seed) for seed in (3, 3, 4))
    assert not first.errors and not other.errors
    assert first.arrays.keys() == again.arrays.keys() == other.arrays.keys()
    same = {k for k in first.arrays if np.array_equal(first.arrays[k], again.arrays[k])}
    assert same >= set(first.arrays) - RANDOM
    assert any(not np.array_equal(first.arrays[k], other.arrays[k]) for k in first.arrays)


@pytest.mark.parametrize("question", PROBES)
def test_evidence_is_small_plain_and_finite(question: str) -> None:
    evidence = probe(question, reference.namespace(), 7)
    assert sum(a.nbytes for a in evidence.arrays.values()) < MAX_BYTES / 10
    for name, array in evidence.arrays.items():
        assert array.dtype.kind in "fiub" and array.flags.owndata and np.isfinite(array).all(), name


@pytest.mark.parametrize("question", PROBES)
def test_an_empty_notebook_gives_errors_and_nothing_else(question: str) -> None:
    evidence = probe(question, {}, 1)
    assert evidence.errors and all(text.startswith("KeyError") for text in evidence.errors.values())


@pytest.mark.parametrize("question", PROBES)
def test_the_namespace_is_left_as_it_was(question: str) -> None:
    namespace = reference.namespace()
    before = dict(namespace)
    probe(question, namespace, 1)
    assert namespace == before


@pytest.mark.parametrize("question", PROBES)
def test_an_answer_that_raises_is_written_down(question: str) -> None:
    def stub(*args: object, **kwargs: object) -> None:
        raise NotImplementedError

    evidence = probe(question, dict.fromkeys((room.defines[0] for room in ROOMS.values()), stub), 1)
    assert any(text.startswith("NotImplementedError") for text in evidence.errors.values())


def test_an_interrupt_ends_a_probe() -> None:
    def stop(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        probe("encoder", {"Encoder": stop}, 1)


def test_a_lazy_layer_gets_its_weights_too() -> None:
    names: dict = {"nn": torch.nn}
    exec(
        "class Encoder(nn.Module):\n"
        "    def __init__(self, in_channels=3):\n"
        "        super().__init__()\n"
        "        self.layers = nn.Sequential(*[m for n in (12, 24, 48, 24) for m in (nn.LazyConv2d(n, 4, 2, 1), nn.ReLU())])\n"
        "    def forward(self, x):\n"
        "        return self.layers(x)\n",
        names,
    )
    actual, expected = probe("encoder", names, 5), probe("encoder", reference.namespace(), 5)
    assert not actual.errors
    for key in ("out", "out_one", "out_gray"):
        np.testing.assert_allclose(actual.arrays[key], expected.arrays[key], rtol=1e-5, atol=1e-6)
