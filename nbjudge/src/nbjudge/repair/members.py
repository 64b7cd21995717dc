"""What there is to say of a file in an archive, whatever kind of archive that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

MAX_MEMBERS = 200_000
MAX_UNPACKED = 512 * 2**20  # bytes of all archives of a submission, those too that are only passed over to come to others


class Unusable(ValueError):
    """An archive that cannot be read. Its text says why, to stand behind its name."""


@dataclass(frozen=True)
class Member:
    """A file in an archive.

    Attributes:
        path: with / between its parts.
        key: where the archive has it.
        changed: seconds since 1970.
        problem: why it is not read, to stand behind its name. Empty if it can be.
    """

    path: str
    key: int
    changed: float
    problem: str = ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]


class Archive(Protocol):
    """What can be looked into."""

    damaged: str

    def members(self) -> list[Member]:
        """All of its files."""
        ...

    def contents(self, chosen: Sequence[Member], longest: int) -> Iterator[tuple[Member, bytes]]:
        """The chosen ones' first `longest` bytes, and one more where there are more."""
        ...


@dataclass
class Budget:
    """Bytes that may still be unpacked."""

    left: int = MAX_UNPACKED

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise Unusable(f"holds more than {MAX_UNPACKED // 2**20} MB: the rest was not looked at")


def outside(path: str) -> str:
    """Why a member's path is not believed: it leads out of the archive. Empty if it does not."""
    parts = path.replace("\\", "/").split("/")
    return "points out of the archive and was not read" if ".." in parts or parts[0] == "" or ":" in parts[0] else ""
