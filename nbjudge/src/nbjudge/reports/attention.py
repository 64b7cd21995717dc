"""Who needs a person's look, and why."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from nbjudge.ground.listing import listed
from nbjudge.reports.details import Details
from nbjudge.reports.scores import Sheet, StudentScores
from nbjudge.reports.similar import Pair

NAMED = 3  # students or questions that one reason names
KINDS = {  # the most urgent first
    "not graded": "has no grades yet",
    "unreadable": "handed in nothing that could be read",
    "lost": "a part of the submission was not found, or could not be read",
    "stopped": "code that could not be run: an error, a time-out, a kernel that died",
    "nothing": "earned no point at all",
    "odd run": "a time-out, a kernel that died, weights that do not give the numbers reported",
    "alike": "work nearly the same as another's",
    "repaired": "the notebook was put right before grading",
}


@dataclass(frozen=True)
class Look:
    """One student and the reasons, each with a key of `KINDS`.

    Attributes:
        student: the name.
        reasons: the most urgent first.
        lost: points that were lost to anything but the judge's opinion of an answer: files that were not found or could not
            be read, time-outs, dead kernels, code that could not run. Of a submission without any point, all of them.
    """

    student: str
    reasons: Sequence[tuple[str, str]] = field(default_factory=tuple)
    lost: float = 0.0

    @property
    def urgent(self) -> bool:
        """Whether there is more than repairs, which cost nothing and are told to the student."""
        return any(kind != "repaired" for kind, _ in self.reasons)


def looks(rows: Sequence[StudentScores], details: Sequence[Details], pairs: Sequence[Pair], sheet: Sheet) -> list[Look]:
    """Those whom a person should look at, who lost most points first. Names in `rows` are as they can be shown."""
    row_of, detail_of = {row.student: row for row in rows}, {detail.student: detail for detail in details}
    alike, points, bonus = likenesses(pairs, sheet), sheet.points, sheet.bonus
    order = list(KINDS)
    found = []
    for student in dict.fromkeys([*row_of, *detail_of, *alike]):
        row, detail = row_of.get(student), detail_of.get(student, Details(student))
        reasons = [
            *_of_row(row, detail, sheet),
            *_of_detail(detail, sheet),
            *(("alike", told) for told in alike.get(student, ())),
        ]
        if reasons:
            reasons.sort(key=lambda reason: order.index(reason[0]))
            found.append(Look(student, reasons, lost(row, detail, points, bonus)))
    return sorted(found, key=lambda look: (-look.lost, order.index(look.reasons[0][0]), look.student))


def lost(row: StudentScores | None, detail: Details, points: Mapping[str, float], bonus: Collection[str] = ()) -> float:
    """The points that a student lost to anything but the judge's opinion of an answer. What waits for a person is not lost.

    Args:
        row: the scores; None if there are none.
        detail: what the graded notebooks say.
        points: question -> what it can earn.
        bonus: questions that nobody needs to hand in.
    """
    missed = {question: _missed(question, most, row) for question, most in points.items()}
    if detail.unreadable or (row is not None and (not row.graded or _has_nothing(row))):
        return sum(missed[question] for question in points if question not in bonus)
    statuses = ("could not run", "not started") if detail.lost else ("could not run",)
    unjudged = {question for question, status in detail.status.items() if status in statuses} | set(detail.reasons)
    return sum(missed.get(question, 0.0) for question in unjudged)


def _missed(question: str, points: float, row: StudentScores | None) -> float:
    score = row.scores.get(question) if row is not None and row.graded else 0.0
    return points - score if score is not None else 0.0


def _has_nothing(row: StudentScores) -> bool:
    """Whether all of a graded submission is worth no point, but for what waits for a person."""
    return row.graded and not any(row.scores.values())


def _of_row(row: StudentScores | None, detail: Details, sheet: Sheet) -> list[tuple[str, str]]:
    if row is not None and not row.graded:
        return [
            (
                "not graded",
                f"Not graded: `nbjudge grade {sheet.id} --students {shlex.quote(row.student)}` says why.",
            )
        ]
    if row is None or detail.unreadable or not _has_nothing(row):
        return []
    standing: dict[str, list[str]] = {}
    for question, status in detail.status.items():
        standing.setdefault(status, []).append(sheet.title(question))
    told = "; ".join(f"{status}: {listed(titles, NAMED)}" for status, titles in standing.items())
    return [("nothing", f"No point at all{f' ({told})' if told else ''}.")]


def _of_detail(detail: Details, sheet: Sheet) -> list[tuple[str, str]]:
    if detail.unreadable:
        return [("unreadable", remark) for remark in detail.repairs]
    stopped: dict[str, list[str]] = {}
    for question, reason in detail.reasons.items():
        stopped.setdefault(reason, []).append(sheet.title(question))
    told = [
        ("stopped", f"{listed(titles, NAMED)} could not be run: {reason or 'no reason given'}")
        for reason, titles in stopped.items()
    ]
    told += [("lost", remark) for remark in detail.lost]
    told += [("odd run", remark) for remark in detail.remarks]
    return told + [("repaired", remark) for remark in detail.repairs if remark not in detail.lost]


def likenesses(pairs: Sequence[Pair], sheet: Sheet) -> dict[str, list[str]]:
    """For each student in a pair a sentence for each of the others, as far as `NAMED` goes."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        alike = [
            f"{sheet.title(q)} ({percent:.0f} %)" for q, percent in sorted(pair.questions.items(), key=lambda item: -item[1])
        ]
        for student, other in ((pair.one, pair.other), (pair.other, pair.one)):
            found.setdefault(student, []).append(f"Nearly the same as {other}: {listed(alike, NAMED)}.")
    return {s: [*told[:NAMED], *([f"And {len(told) - NAMED} more."] if len(told) > NAMED else [])] for s, told in found.items()}


def counts(found: Sequence[Look]) -> Mapping[str, int]:
    """How many students there are with each kind of reason."""
    return {kind: n for kind in KINDS if (n := sum(any(k == kind for k, _ in look.reasons) for look in found))}
