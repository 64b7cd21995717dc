"""A download of Moodle's: Assignment, Download all submissions. After `mod/assign/locallib.php` and `feedback/file` of Moodle.

Each student has a folder `FULL NAME_PARTICIPANT_assignsubmission_file` (until Moodle 4.0 with a `_` at its end); where folders
were not asked for, a file's name begins so. In a group assignment FULL NAME begins with `GROUP-`. PARTICIPANT is the number in
the grading worksheet's `Participant 123`, another one in each assignment; where marking is blind, FULL NAME is `Participant`.
When a submission was made is not in a download, but in the grading worksheet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbjudge.collect.entries import DownloadEntry, Layout, Owner
from nbjudge.repair.members import Member

PLATFORM = "Moodle"
_PART = re.compile(
    r"(?P<name>[^_]*)_(?P<participant>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<rest>.*))?", re.DOTALL | re.IGNORECASE
)


def is_moodle(members: Sequence[Member]) -> bool:
    """Whether most of a download's files lie as Moodle lays them."""
    return sum(any(map(_PART.fullmatch, one.path.split("/"))) for one in members) * 2 > len(members)


def layout(members: Sequence[Member]) -> Layout:
    """The submissions of a download, by Moodle's number of the participant."""
    found = Layout(PLATFORM)
    files: dict[tuple[str, str], list[tuple[Member, str]]] = {}
    texts: dict[tuple[str, str], str] = {}
    for member in members:
        parts = member.path.split("/")
        place = next((place for place, part in enumerate(parts) if _PART.fullmatch(part)), None)
        match = None if place is None else _PART.fullmatch(parts[place])
        if place is None or match is None:
            found.others.append(member.path)
            continue
        who = (match["participant"], match["name"])
        if match["kind"] == "onlinetext":
            texts[who] = match["kind"]
            continue
        path = "/".join(filter(None, [match["rest"], *parts[place + 1 :]]))
        files.setdefault(who, []).append((member, path or member.name))
    for (participant, name), those in files.items():
        found.entries.append(DownloadEntry(f"{name}_{participant}", (Owner((), name),), tuple(those), participant=participant))
    for participant, name in texts.keys() - files.keys():
        problem = "is a text that was typed into Moodle, and no file"
        found.entries.append(
            DownloadEntry(f"{name}_{participant}", (Owner((), name),), participant=participant, problem=problem)
        )
    return found
