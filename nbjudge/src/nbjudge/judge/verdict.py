"""What the judge says of one answer."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from nbjudge.ground.characters import whole


class Status(str, enum.Enum):
    """How an answer stands. The four are four different things to a student."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_STARTED = "not started"
    COULD_NOT_RUN = "could not run"


@dataclass(frozen=True)
class CriterionResult:
    """One criterion: what was asked, the points it earned, and if points were lost, why.

    Attributes:
        name: what was asked, in a student's words.
        points: most it can earn, >= 0.
        earned: in [0, points].
        reason: expected and actual, or what was raised. Empty when nothing was lost.
    """

    name: str
    points: float
    earned: float
    reason: str = ""

    def __post_init__(self) -> None:
        for name in ("name", "reason"):  # what an answer raised or gave is in it, and a file holds no lone surrogate
            object.__setattr__(self, name, whole(getattr(self, name)))


@dataclass(frozen=True)
class Verdict:
    """The judgement of one question of one submission.

    Attributes:
        question: its id, which is the grade id of its test cell.
        points: most it can earn.
        score: what it earned, finite, in [0, points].
        status: right, wrong, not started, could not run.
        lines: one for each criterion, or for each mistake that was recognised.
        mistakes: ids of the misconceptions that the answer equals, most often none or one.
        remarks: what cost nothing but should be said (a repair, `.cuda()` on a machine without a GPU, a time-out elsewhere).
        ordinary: whether no judge knows the question, and the test's own assertions decided.
    """

    question: str
    points: float
    score: float
    status: Status
    lines: tuple[CriterionResult, ...]
    mistakes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())
    ordinary: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.score <= self.points:
            raise ValueError(f"{self.question}: a score of {self.score} is not between 0 and {self.points}")

    def worth(self, points: float) -> Verdict:
        """The same verdict where the question is worth `points`: the judge's are shares. Rounded to hundredths."""
        factor = points / self.points if self.points else 0.0
        lines = (replace(line, points=_cents(factor * line.points), earned=_cents(factor * line.earned)) for line in self.lines)
        return replace(self, points=points, score=min(_cents(factor * self.score), points), lines=tuple(lines))

    def as_dict(self) -> dict[str, Any]:
        """The verdict as JSON can hold it."""
        return {**asdict(self), "status": self.status.value}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Verdict:
        """A verdict as `as_dict` gave it."""
        lines = tuple(CriterionResult(**line) for line in told["lines"])
        texts = {name: tuple(told[name]) for name in ("mistakes", "remarks")}
        ordinary = bool(told.get("ordinary", False))
        return cls(told["question"], told["points"], told["score"], Status(told["status"]), lines, **texts, ordinary=ordinary)


def _cents(points: float) -> float:
    return round(points, 2) if math.isfinite(points) else 0.0
