"""Whose a submission is: the entries of the downloads, matched to the roster, and of several the one that counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

from nbjudge.collect.downloads import Download
from nbjudge.collect.entries import DownloadEntry, Layout, Owner
from nbjudge.collect.sheets import Worksheet
from nbjudge.ground.foreign_names import shown
from nbjudge.roster.roster_entry import Roster, letters

EARLIEST = datetime.min.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class Candidate:
    """An entry of one student.

    Attributes:
        student: the id.
        entry: of a download.
        download: it is in.
        place: of the download among all that were given.
    """

    student: str
    entry: DownloadEntry
    download: Download
    place: int

    @property
    def when(self) -> datetime | None:
        """The time of the submission, with its zone; what has none is UTC."""
        when = self.entry.when
        return when if when is None or when.tzinfo else when.replace(tzinfo=timezone.utc)


@dataclass
class Matched:
    """All entries, by whose they are.

    Attributes:
        candidates: student's id -> theirs, the newest first.
        unknown: what is nobody's, each with the reason.
        empty: what holds nothing to be taken, each with the reason; by the student's id.
        others: files that belong to no submission.
        notes: what else is to be said.
    """

    candidates: dict[str, list[Candidate]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    empty: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def match(
    layouts: Sequence[tuple[Download, Layout]], roster: Roster, worksheet: Worksheet, groups: Mapping[str, Sequence[str]]
) -> Matched:
    """Finds out whose each entry is.

    Args:
        layouts: the downloads, in the order in which they were given.
        roster: of the course.
        worksheet: what a table beside them says.
        groups: student's id -> the ids of all in the same group.
    """
    found = Matched()
    for place, (download, layout) in enumerate(layouts):
        found.others += [f"{shown(download.name)}: {shown(path)}" for path in layout.others]
        for entry in layout.entries:
            students, why = _students(entry, roster, worksheet, found)
            if why:
                found.unknown.append(f"{shown(download.name)}: {shown(entry.label)} {why}")
            for id in dict.fromkeys(member for student in students for member in groups.get(student, [student])):
                timed = replace(entry, when=worksheet.times.get(id, entry.when))
                if entry.problem:
                    found.empty[id] = f"{shown(entry.label)} {entry.problem}"
                else:
                    found.candidates.setdefault(id, []).append(Candidate(id, timed, download, place))
    for those in found.candidates.values():
        those.sort(key=_newest)
    for id in found.candidates:
        found.empty.pop(id, None)
    return found


def _newest(candidate: Candidate) -> tuple[float, int, int]:
    """What is newer comes first: by its time, then by the platform's number, then by the order of the downloads.

    Only where both times are known do they tell; a download's own order is trusted before a time that one of two lacks.
    """
    when = candidate.when
    return -(when.timestamp() if when else 0.0), -candidate.entry.order, -candidate.place


def _students(entry: DownloadEntry, roster: Roster, worksheet: Worksheet, found: Matched) -> tuple[list[str], str]:
    """The ids of who has submitted an entry, and what is to be said of those who are not known."""
    known, unknown = [], []
    for owner in entry.owners:
        student, why = _student(owner, entry, roster, worksheet, found)
        if student:
            known.append(student)
        else:
            unknown.append(why)
    return known, "; ".join(unknown)


def _student(owner: Owner, entry: DownloadEntry, roster: Roster, worksheet: Worksheet, found: Matched) -> tuple[str, str]:
    if entry.participant in worksheet.participants and entry.participant:
        return worksheet.participants[entry.participant], ""
    for key, value in owner.keys:
        if student := roster.by(key, value):
            if owner.name and not _same(owner.name, student.name):
                found.notes.append(
                    f"{shown(entry.label)} goes to {shown(student.id)} by its number, and is called {shown(owner.name)}: "
                    "a group? Name its members with --groups FILE."
                )
            return student.id, ""
    if not owner.keys and not owner.name:
        return "", entry.problem or "does not say whose it is"
    if any(getattr(one, key) for one in roster.students.values() for key, _ in owner.keys):
        told = " or ".join(f"{key.replace('lms_user_id', 'number')} {shown(value)}" for key, value in owner.keys)
        return "", f"is of nobody on the roster ({told})"
    names = [owner.name, owner.name.partition("-")[2]]  # in a group, Moodle has its name before the student's
    named = next((students for name in names if (students := roster.by_name(name))), [])
    if len(named) == 1:
        return named[0].id, ""
    if named:
        return "", f"may be of {', '.join(shown(one.id) for one in named)}, who have the same name: give --worksheet FILE"
    return "", f"is of nobody on the roster (name {shown(owner.name)})"


def _same(told: str, name: str) -> bool:
    """Whether a download's name of a student is the roster's, as far as it can be told: Canvas leaves only letters."""
    return not name or sorted(letters(told)) == sorted(letters(name))
