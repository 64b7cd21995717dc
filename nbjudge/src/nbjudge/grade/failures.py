"""What went wrong with a student: said in a line, kept in a file, and never trusted."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import traceback
from collections.abc import Iterator
from pathlib import Path

from nbjudge.grade.student_names import shown_student, student_key
from nbjudge.nbgrader_ext.log import NotConverted

LONGEST = 400  # characters of a reason
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


class SubmissionRefused(ValueError):
    """A submission that is not graded. Its text says why, in words."""


def reason(error: BaseException) -> str:
    """An exception in a line that is harmless anywhere, whatever its own text is or does."""
    try:
        told = str(error)
    except Exception:
        told = ""
    if not isinstance(error, SubmissionRefused | NotConverted):
        told = f"{type(error).__name__}: {told}".rstrip(": ")
    return failure_line(told)


def failure_line(text: str, longest: int = LONGEST) -> str:
    """A text as one printable line, the first of it."""
    text = " ".join(text[: 4 * longest].split())
    text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def out_of_room(error: BaseException) -> str:
    """That the disk is full, or cannot be written, if that is what an exception comes of; else nothing."""
    for one in _chain(error):
        if isinstance(one, OSError) and one.errno in _FULL:
            return f"{os.strerror(one.errno or 0)}: make room on the disk"
        if isinstance(one, sqlite3.OperationalError) and "full" in str(one):
            return f"the gradebook cannot grow ({one}): make room on the disk"
    return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it comes of."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        if (one := left.pop()) is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            left += [one.__cause__, one.__context__]


class Failures:
    """The reasons why students could not be graded, in a file each, until they are.

    Args:
        folder: `graded/` of a course.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, student: str) -> Path:
        return self.folder / f"{student_key(student)}.error.txt"

    def keep(self, student: str, why: str, error: BaseException) -> None:
        """Keeps a reason, and below it all there is to know."""
        told = "".join(traceback.format_exception(error))
        logs = [one.log for one in _chain(error) if isinstance(one, NotConverted) and one.log]
        text = "\n".join([shown_student(student), why, "", told, *logs])
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path(student).write_text(text, encoding="utf-8", errors="backslashreplace")

    def drop(self, student: str) -> None:
        """Forgets a student's, who is graded."""
        self.path(student).unlink(missing_ok=True)

    def of(self, student: str) -> str:
        """Why the last try to grade a student failed; nothing if it did not."""
        with contextlib.suppress(OSError), self.path(student).open(encoding="utf-8", errors="replace") as file:
            return failure_line(file.read(16 * LONGEST).split("\n")[1:2][0]) or "no reason was noted"
        return ""
