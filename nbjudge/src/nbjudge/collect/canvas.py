"""A download of Canvas's: Assignment, Download Submissions. After `lib/content_zipper.rb` of canvas-lms.

Each file is called `NAME_USER_ATTACHMENT_FILE`, or `NAME_LATE_USER_ATTACHMENT_FILE`: NAME is the sortable name (or the group's)
in small letters without blanks and signs, USER Canvas's number of the student (of one of the group's), ATTACHMENT the file's.
A text entry is `NAME_USER_text.html`, an address `NAME_USER_link.html`; where grading is anonymous, NAME_USER is
`anon_LETTERS`. Canvas adds `-1` to the name of a file that is submitted again. When a submission was made is not in a download.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbjudge.collect.entries import DownloadEntry, Layout, Owner, without_suffixes
from nbjudge.repair.members import Member

PLATFORM = "Canvas"
_FILE = re.compile(r"(?P<name>.*?)_?(?P<late>LATE_)?(?P<user>(?<![^_])\d+)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL)
_TEXT = re.compile(r"(?P<name>.*?)_?(?P<late>LATE_)?(?P<user>(?<![^_])\d+)_(?P<kind>text|link)(-\d+)?\.html")
_ANONYMOUS = re.compile(r"(?P<late>LATE_)?anon_(?P<user>[A-Za-z0-9]{3,})_(\d+_.+|(text|link)(-\d+)?\.html)", re.DOTALL)
_KINDS = {"text": "a text that was typed into Canvas, and no file", "link": "an address of a web page, and no file"}


def is_canvas(members: Sequence[Member]) -> bool:
    """Whether most of a download's files are named as Canvas names them."""
    named = sum(
        bool(_FILE.fullmatch(one.name) or _TEXT.fullmatch(one.name) or _ANONYMOUS.fullmatch(one.name)) for one in members
    )
    return named * 2 > len(members)


def layout(members: Sequence[Member]) -> Layout:
    """The submissions of a download, by Canvas's number of the student."""
    found = Layout(PLATFORM)
    files: dict[str, list[tuple[Member, re.Match[str]]]] = {}
    for member in members:
        if match := _ANONYMOUS.fullmatch(member.name):
            problem = "is anonymous: switch off anonymous grading in Canvas, and download again"
            found.entries.append(DownloadEntry(member.name, (Owner(),), late=bool(match["late"]), problem=problem))
        elif match := _FILE.fullmatch(member.name):
            files.setdefault(match["user"], []).append((member, match))
        elif match := _TEXT.fullmatch(member.name):
            owner = Owner((("lms_user_id", match["user"]),), match["name"])
            problem = f"is {_KINDS[match['kind']]}"
            found.entries.append(DownloadEntry(member.name, (owner,), late=bool(match["late"]), problem=problem))
        else:
            found.others.append(member.path)
    for user, those in files.items():
        found.entries.append(_entry(user, sorted(those, key=lambda one: int(one[1]["attachment"]))))
    return found


def _entry(user: str, files: Sequence[tuple[Member, re.Match[str]]]) -> DownloadEntry:
    names = without_suffixes([match["file"] for _, match in files])
    first = files[0][1]
    return DownloadEntry(
        f"{first['name']}_{user}",
        (Owner((("lms_user_id", user),), first["name"]),),
        tuple((member, name) for (member, _), name in zip(files, names, strict=True)),
        late=any(match["late"] for _, match in files),
        order=max(int(match["attachment"]) for _, match in files),
    )
