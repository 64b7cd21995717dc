"""What a collection would do, found out without doing it: who is taken, who twice, what cannot be read, who is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from nbjudge.collect import canvas, gradescope, moodle, plain
from nbjudge.collect.downloads import Download, NoDownload
from nbjudge.collect.entries import Layout
from nbjudge.collect.files import SubmissionFiles, read_files
from nbjudge.collect.matching import Candidate, Matched, match
from nbjudge.collect.sheets import Worksheet
from nbjudge.ground.foreign_names import shown
from nbjudge.nbgrader_ext.timestamps import NAME as TIMESTAMP
from nbjudge.nbgrader_ext.timestamps import read_timestamp
from nbjudge.roster.roster_entry import Roster
from nbjudge.workspace import Workspace

NEW, REPLACES, SAME = "new", "replaces what is there", "is there already"


@dataclass(frozen=True)
class Taken:
    """A submission that is taken.

    Attributes:
        candidate: which.
        state: `NEW`, `REPLACES` or `SAME`.
        digests: path of each file -> SHA-256.
        origin: path of each file -> how the download calls it.
        doubts: what makes one doubt that it can be graded.
    """

    candidate: Candidate
    state: str
    digests: Mapping[str, str]
    origin: Mapping[str, str]
    doubts: Sequence[str] = ()


@dataclass
class CollectionPlan:
    """What is to be done, by student's id; and all that is not.

    Attributes:
        taken: what goes into `submitted/`.
        twice: who is there more than once, and which counts.
        unreadable: of whom nothing can be taken, and why.
        missing: who is on the roster, and neither in the downloads nor in `submitted/`.
        matched: whose the entries are.
        downloads: what was given, in words.
    """

    matched: Matched
    downloads: list[str]
    taken: dict[str, Taken] = field(default_factory=dict)
    twice: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


Do = Callable[[Taken, SubmissionFiles], None]


def layout_of(download: Download, roster: Roster, assignment: str) -> Layout:
    """A download, taken apart as the platform it is of has laid it.

    Raises:
        NoDownload: if it is one that is not taken here.
    """
    members = download.members
    if not members:
        raise NoDownload(f"{download.path} is empty.")
    if any(f"+{assignment}+" in part for part in members[0].path.split("/")):
        raise NoDownload(f"{download.path} is nbgrader's exchange: `nbgrader collect {assignment}` takes it from there.")
    if metadata := gradescope.metadata_of(members):
        ((_, text, problem),) = download.contents([metadata])
        try:
            if problem:
                raise ValueError(f"{metadata.name} {problem}")
            return gradescope.layout(members, metadata, text)
        except ValueError as why:
            raise NoDownload(f"{download.path}: {why}.") from None
    if moodle.is_moodle(members):
        return moodle.layout(members)
    if canvas.is_canvas(members):
        return canvas.layout(members)
    return plain.layout(members, roster, assignment, download.path)


def plan(
    workspace: Workspace,
    downloads: Sequence[Download],
    roster: Roster,
    worksheet: Worksheet,
    groups: Mapping[str, Sequence[str]],
    do: Do = lambda taken, files: None,
) -> CollectionPlan:
    """Finds out what there is to do, and does it one student after another.

    Args:
        workspace: of the assignment.
        downloads: from the platform, the newer ones last.
        roster: of the course.
        worksheet: what a table beside them says.
        groups: student's id -> the ids of all in the same group.
        do: what is done with each submission that is taken; nothing, in a dry run.
    """
    layouts = [(download, layout_of(download, roster, workspace.id)) for download in downloads]
    names = [f"{shown(download.name)} ({layout.platform}, {len(layout.entries)} submissions)" for download, layout in layouts]
    found = CollectionPlan(match(layouts, roster, worksheet, groups), names)
    found.unreadable = dict(found.matched.empty)
    for student, candidates in sorted(found.matched.candidates.items()):
        _take(workspace, student, candidates, found, do)
    here = {student for student in roster.students if workspace.submitted(student).is_dir()}
    found.missing = sorted(roster.students.keys() - found.taken.keys() - found.unreadable.keys() - here)
    return found


def _take(workspace: Workspace, student: str, candidates: Sequence[Candidate], found: CollectionPlan, do: Do) -> None:
    """Takes the newest of a student's submissions of which something can be read."""
    problems: list[str] = []
    for candidate in candidates:
        files = read_files(candidate)
        problems += files.problems
        if not files.data:
            continue
        taken = Taken(candidate, _state(workspace, candidate, files), files.digests, files.origin, (*problems, *files.doubts()))
        found.taken[student] = taken
        if len(candidates) > 1:
            others = [f"{shown(one.entry.label)} in {shown(one.download.name)}" for one in candidates if one is not candidate]
            found.twice[student] = (
                f"{shown(candidate.entry.label)} in {shown(candidate.download.name)} counts, not {', '.join(others)}"
            )
        do(taken, files)
        return
    found.unreadable[student] = "; ".join(dict.fromkeys(problems)) or "there is no file in it"


def _state(workspace: Workspace, candidate: Candidate, files: SubmissionFiles) -> str:
    """What becomes of what lies in `submitted/` now."""
    folder = workspace.submitted(candidate.student)
    if not folder.is_dir():
        return NEW
    return SAME if _contents(folder) == files.data and _same_time(folder, candidate.when) else REPLACES


def _contents(folder: Path) -> dict[str, bytes] | None:
    """The files of a folder but for the time; None if it holds a link, or what cannot be read."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_symlink():
            return None
        if path.is_file() and path != folder / TIMESTAMP:
            try:
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
            except OSError:
                return None
    return found


def _same_time(folder: Path, when: datetime | None) -> bool:
    if when is None:
        return True
    there, _ = read_timestamp(folder)
    return there == when.astimezone(timezone.utc).replace(tzinfo=None)
