"""Who needs a person's look, and why."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.ground.names import shown
from autograder.reports.details import Details
from autograder.reports.items import title_of
from autograder.reports.scores import Row
from autograder.reports.similar import Pair

NAMED = 3  # students or questions that one reason names
KINDS = {  # the most urgent first
    "not graded": "has no grades yet",
    "unreadable": "handed in a file that could not be read",
    "stopped": "code that could not be run: an error, a time-out, a kernel that died",
    "odd run": "a time-out, a kernel that died, weights that do not give the numbers reported",
    "alike": "work nearly the same as another's",
    "repaired": "the notebook was put right before grading",
}


@dataclass(frozen=True)
class Look:
    """One student and the reasons, each with a key of `KINDS`."""

    student: str
    reasons: Sequence[tuple[str, str]] = field(default_factory=tuple)

    @property
    def urgent(self) -> bool:
        """Whether there is more than repairs, which cost nothing and are told to the student."""
        return any(kind != "repaired" for kind, _ in self.reasons)


def looks(rows: Sequence[Row], details: Sequence[Details], pairs: Sequence[Pair]) -> list[Look]:
    """Those whom a person should look at, the most urgent first."""
    reasons: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if not row.graded:
            reasons.setdefault(row.student, []).append(
                (
                    "not graded",
                    f"Not graded: `autograder grade ps8 --students {shlex.quote(shown(row.student, longest=0))}` says why.",
                )
            )
    for detail in details:
        reasons.setdefault(detail.student, []).extend(_of_one(detail))
    for student, likeness in likenesses(pairs).items():
        reasons.setdefault(student, []).extend(("alike", told) for told in likeness)
    order = list(KINDS)
    found = [Look(s, sorted(r, key=lambda reason: order.index(reason[0]))) for s, r in reasons.items() if r]
    return sorted(found, key=lambda look: (order.index(look.reasons[0][0]), look.student))


def _of_one(detail: Details) -> list[tuple[str, str]]:
    if detail.unreadable:
        return [("unreadable", remark) for remark in detail.repairs]
    stopped: dict[str, list[str]] = {}
    for question, reason in detail.reasons.items():
        stopped.setdefault(reason, []).append(title_of(question))
    told = [
        ("stopped", f"{_listed(titles)} could not be run: {reason or 'no reason given'}") for reason, titles in stopped.items()
    ]
    told += [("odd run", remark) for remark in detail.remarks]
    return told + [("repaired", remark) for remark in detail.repairs]


def likenesses(pairs: Sequence[Pair]) -> dict[str, list[str]]:
    """For each student in a pair a sentence for each of the others, as far as `NAMED` goes."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        alike = [f"{title_of(q)} ({percent:.0f} %)" for q, percent in sorted(pair.questions.items(), key=lambda item: -item[1])]
        for student, other in ((pair.one, pair.other), (pair.other, pair.one)):
            found.setdefault(student, []).append(f"Nearly the same as {shown(other)}: {_listed(alike)}.")
    return {s: [*told[:NAMED], *([f"And {len(told) - NAMED} more."] if len(told) > NAMED else [])] for s, told in found.items()}


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def counts(found: Sequence[Look]) -> Mapping[str, int]:
    """How many students there are with each kind of reason."""
    return {kind: n for kind in KINDS if (n := sum(any(k == kind for k, _ in look.reasons) for look in found))}
