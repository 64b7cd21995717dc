"""Numbers from other machines: the same verdict in float64, rounded as TF32 and bfloat16 do it, on one thread and on two."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from nbjudge.judge.compare import Case
from nbjudge.judge.judge import judge_case
from nbjudge.judge.rounding import ROUNDED
from nbjudge.judge.verdict import Verdict
from ps8.probes import Evidence, Namespace, probe
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from autograder.judge import reference
from autograder.questions import QUESTIONS
from trials.misconceptions.rewriting import ANSWERS

SEEDS = (3, 24_680)
PRODUCTS = ("mm", "addmm", "bmm", "baddbmm", "convolution", "convolution_backward", "sampled_addmm", "mv", "dot")


class Products(TorchDispatchMode):
    """Computes products and convolutions, forwards and backwards, as another machine may."""

    def __init__(self, rounded: Callable[[Any, tuple, dict], Any]) -> None:
        super().__init__()
        self.rounded = rounded

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func._schema.name.removeprefix("aten::") in PRODUCTS:
            return self.rounded(func, args, kwargs or {})
        return func(*args, **(kwargs or {}))


def _each(change: Callable[[Tensor], Tensor], values: Any) -> Any:
    if isinstance(values, (tuple, list)):
        return type(values)(_each(change, value) for value in values)
    plain = isinstance(values, Tensor) and values.is_floating_point() and values.layout == torch.strided
    return change(values) if plain else values


def in_double(func: Any, args: tuple, kwargs: dict) -> Any:
    if any(isinstance(a, Tensor) and a.layout != torch.strided for a in args):
        return func(*args, **kwargs)
    return _each(lambda t: t.float(), func(*_each(lambda t: t.double(), args), **kwargs))


def in_tf32(func: Any, args: tuple, kwargs: dict) -> Any:
    """Relative errors of at most 5e-4, one for each number."""
    generator = torch.Generator().manual_seed(1)
    noise = lambda t: t * (1 + 5e-4 * (2 * torch.rand(t.shape, generator=generator) - 1))  # noqa: E731
    return _each(noise, func(*args, **kwargs))


def judged(question: str, evidence: Evidence, seed: int) -> Verdict:
    return judge_case(QUESTIONS[question], Case(evidence, reference.evidence(question, seed), seed))


def probed(question: str, seed: int, names: Namespace | None = None) -> Evidence:
    torch.manual_seed(0)
    return probe(question, names or reference.namespace(), seed)


@pytest.fixture(autouse=True)
def graded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PS8_PROFILE", "grade")
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rounded", [in_double, in_tf32])
@pytest.mark.parametrize("question", QUESTIONS)
def test_products_rounded_otherwise_change_no_verdict(question: str, rounded: Callable, seed: int) -> None:
    reference.evidence(question, seed)  # on this machine
    with Products(rounded):
        evidence = probed(question, seed)
    verdict = judged(question, evidence, seed)
    assert verdict.score == verdict.points, [line for line in verdict.lines if line.reason]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_number_of_threads_changes_no_verdict(question: str, threads: int) -> None:
    expected = reference.evidence(question, SEEDS[0])
    torch.set_num_threads(threads)
    verdict = judge_case(QUESTIONS[question], Case(probed(question, SEEDS[0]), expected, SEEDS[0]))
    assert (verdict.score, verdict.remarks) == (verdict.points, ())


@contextmanager
def half() -> Iterator[None]:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        yield


def in_half(answer: Any) -> Any:
    """The answer with autocast around its forward pass, or around the whole training."""
    if isinstance(answer, type) and issubclass(answer, nn.Module):

        class Half(answer):  # type: ignore[misc, valid-type]
            def forward(self, *args: Any, **kwargs: Any) -> Any:
                with half():
                    return super().forward(*args, **kwargs)

        return Half

    @functools.wraps(answer)
    def halved(*args: Any, **kwargs: Any) -> Any:
        with half():
            return answer(*args, **kwargs)

    return halved


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_half_precision_inside_an_answer_costs_nothing_and_is_remarked(question: str, seed: int) -> None:
    """Single numbers do not tell; the features, scores and images of the other questions do."""
    names = reference.namespace()
    name = ANSWERS[question][1][0]
    names[name] = in_half(names[name])
    verdict = judged(question, probed(question, seed, names), seed)
    assert verdict.score == verdict.points, [line for line in verdict.lines if line.reason]
    assert set(verdict.remarks) <= {ROUNDED}
    if question in ("encoder", "decoder", "encoder_cmc", "cmc_score"):
        assert verdict.remarks == (ROUNDED,)
