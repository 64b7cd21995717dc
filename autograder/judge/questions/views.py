"""2.1: the features of the two views."""

from __future__ import annotations

from collections.abc import Callable

from autograder.judge.compare import Case, close, difference
from autograder.judge.criteria import MET, Criterion, Outcome, Question, same


def _values(key: str, what: str) -> Callable[[Case], Outcome]:
    """A check of a view's features that lets another shape pass: the shape has a criterion of its own."""

    def check(case: Case) -> Outcome:
        got, expected = case.got.arrays.get(key), case.expected.arrays[key]
        if got is not None and got.size == expected.size and close(got.reshape(expected.shape), expected):
            return MET
        return Outcome(0.0, difference(case, key, what))

    return check


def _flat(case: Case) -> Outcome:
    """Both views flattened, for a batch of three and of one; only right numbers count."""
    for key in ("feat_l", "feat_ab", "feat_l_one", "feat_ab_one"):
        got, expected = case.got.arrays.get(key), case.expected.arrays[key]
        if got is None or got.shape != expected.shape:
            return Outcome(0.0, difference(case, key, f"features of a batch of {len(expected)}"))
    if any(_values(key, "features")(case).share == 1 for key in ("feat_l", "feat_ab")):
        return MET
    return Outcome(0.0, "the shapes are right, but neither view's numbers are")


ENCODER_CMC = Question(
    "encoder_cmc",
    "2.1 Two encoders",
    "encoder-cmc",
    (
        Criterion("l", "the features of L, returned first", 3, _values("feat_l", "features of L")),
        Criterion("ab", "the features of ab, returned second", 3, _values("feat_ab", "features of ab")),
        Criterion("flat", "both of shape (batch_size, 384)", 2, _flat),
        Criterion("gradient", "both let the gradient through to their encoder", 2, same("gradient", what="the gradient")),
    ),
)
