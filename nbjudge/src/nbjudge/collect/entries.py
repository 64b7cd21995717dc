"""What all platforms' downloads come down to: entries, each of one submission and of who has made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nbjudge.repair.members import Member


@dataclass(frozen=True)
class Owner:
    """Who has submitted, as far as a download says.

    Attributes:
        keys: (one of `nbjudge.roster.roster_entry.KEYS`, its value), what tells most first.
        name: as a person is called, where a download says it.
    """

    keys: tuple[tuple[str, str], ...] = ()
    name: str = ""


@dataclass(frozen=True)
class DownloadEntry:
    """A submission in a download.

    Attributes:
        label: how the download calls it.
        owners: who has submitted; several where a group has.
        files: the members of the download, each with the name under which it was submitted.
        when: it was submitted; None if the download does not say.
        late: whether the platform has marked it late.
        order: greater for a newer one of the same student, where the platform numbers them.
        problem: why there is nothing to be taken; empty if there is.
        participant: Moodle's number of who has submitted, which is another one in each assignment.
    """

    label: str
    owners: tuple[Owner, ...]
    files: tuple[tuple[Member, str], ...] = ()
    when: datetime | None = None
    late: bool = False
    order: int = 0
    problem: str = ""
    participant: str = ""


@dataclass
class Layout:
    """A download, taken apart.

    Attributes:
        platform: whose.
        entries: the submissions.
        others: paths that belong to none.
    """

    platform: str
    entries: list[DownloadEntry] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def without_suffixes(names: Sequence[str]) -> list[str]:
    """The names without the `-1`, `-2` that a platform adds to a file that is submitted again, where no two become the same."""
    short = [_short(name) for name in names]
    return [
        plain if short.count(plain) == 1 and (plain == name or plain not in names) else name
        for name, plain in zip(names, short, strict=True)
    ]


def _short(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        return name
    plain, dash, number = stem.rpartition("-")
    return f"{plain}.{suffix}" if dash and plain and number.isdecimal() and len(number) <= 2 else name
