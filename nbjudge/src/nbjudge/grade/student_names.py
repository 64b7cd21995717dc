"""Names of students: a folder in `submitted/` may be called anything that a file system holds.

A name is Python's text for the folder's bytes: a byte that is no UTF-8 is a lone surrogate. `shown_student` shows it,
`student_key` is what it is stored under, `find_students` chooses it on the command line. Only the standard library is imported.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable

from nbjudge.ground import foreign_names

_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # small letters only: some file systems take Ada and ada for the same file
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")  # names of devices, on Windows


def shown_student(student: str, longest: int = 0) -> str:
    """A student's name as it may stand anywhere, whole unless there is room for `longest` characters only."""
    return foreign_names.shown(student, longest)


def student_key(student: str) -> str:
    """A file's name for what is kept of a student, one for each name: small letters, digits, `_`, `-` and `~`, at most 100."""
    if _PLAIN.fullmatch(student) and not _RESERVED.fullmatch(student):
        return student
    begins = re.sub(r"[^a-z0-9_-]+", "-", student.lower())[:32].strip("-")  # for whoever looks into the folder
    return f"{begins}~{hashlib.sha256(student.encode('utf-8', 'surrogatepass')).hexdigest()}"


def refusal(student: str) -> str:
    """Why nbgrader cannot hold a student of this name; empty if it can."""
    try:
        student.encode("utf-8")
    except UnicodeEncodeError:
        return "the folder's name is not UTF-8, and nbgrader's gradebook holds nothing else: rename the folder and grade again"
    return ""


def find_students(texts: Iterable[str], known: Collection[str]) -> tuple[list[str], list[str]]:
    """The students that a command line speaks of, each as the folder is called or as it is shown, several between commas.

    Returns:
        Those that are known, in order and each once; and what names nobody.
    """
    by_text = {shown_student(student): student for student in known} | {student: student for student in known}
    found: list[str] = []
    unknown: list[str] = []
    for text in texts:
        for part in [text] if text in by_text else text.split(","):  # a name may hold a comma itself
            (found if part in by_text else unknown).append(by_text.get(part, part))
    return list(dict.fromkeys(found)), list(dict.fromkeys(unknown))
