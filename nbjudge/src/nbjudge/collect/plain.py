"""A folder or zip that no platform made: `STUDENT/…`, or `STUDENT.ipynb`, `STUDENT.zip`, `STUDENT_ps8.ipynb`, one a student.

STUDENT is what the roster has as id, login, number or email. So a folder of the zips that students have sent is taken, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from nbjudge.collect.entries import DownloadEntry, Layout, Owner
from nbjudge.repair.members import Member
from nbjudge.roster.roster_entry import Roster, Student

PLATFORM = "plain"


def layout(members: Sequence[Member], roster: Roster, assignment: str, path: Path) -> Layout:
    """The submissions, by the first part of a member's path that names a student; else by the name of the download itself."""
    found = Layout(PLATFORM)
    if not any(_named(member.path.split("/"), roster)[0] for member in members) and (student := roster.by_any(path.stem)):
        owner = Owner((("id", student.id),))
        return Layout(PLATFORM, [DownloadEntry(path.name, (owner,), tuple((member, member.path) for member in members))])
    files: dict[str, list[tuple[Member, str]]] = {}
    unknown: dict[str, list[tuple[Member, str]]] = {}
    for member in members:
        parts = member.path.split("/")
        student, depth = _named(parts, roster)
        if student is None:
            unknown.setdefault(parts[0], []).append((member, "/".join(parts[1:]) or parts[0]))
            continue
        rest = parts[depth + 1 :]
        rest = rest[1:] if len(rest) > 1 and rest[0] == assignment else rest  # a copy of nbgrader's own `submitted/`
        files.setdefault(student.id, []).append((member, "/".join(rest) or parts[-1]))
    for id, those in files.items():
        found.entries.append(DownloadEntry(id, (Owner((("id", id),)),), tuple(those), when=None))
    for label, those in unknown.items():
        found.entries.append(DownloadEntry(label, (Owner((), PurePosixPath(label).stem),), tuple(those)))
    return found


def _named(parts: Sequence[str], roster: Roster) -> tuple[Student | None, int]:
    """The student whom a part of a path names, and which part that is: a folder of the first two, or the file."""
    for depth, part in enumerate(parts[:2]):
        if depth < len(parts) - 1:
            if student := roster.by_any(part):
                return student, depth
        else:
            stem = part.split(".", 1)[0] if roster.by_any(part.rsplit(".", 1)[0]) is None else part.rsplit(".", 1)[0]
            for text in (stem, stem.rpartition("_")[0], stem.partition("_")[0]):
                if text and (student := roster.by_any(text)):
                    return student, depth
    return None, 0
