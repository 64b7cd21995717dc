"""The files of one submission: read within bounds, under names that lead nowhere, and looked at for damage."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256

from nbjudge.collect.matching import Candidate
from nbjudge.ground.foreign_names import shown_file as shown
from nbjudge.nbgrader_ext.timestamps import NAME as TIMESTAMP
from nbjudge.repair.archives import SUFFIXES, kind_of, opened
from nbjudge.repair.members import Budget, Unusable
from nbjudge.repair.search import MAX_DEPTH

LONGEST = 200  # bytes of a name: a file system takes 255
_NOTEBOOKS = (".ipynb", ".py", ".html", ".htm", *SUFFIXES)  # what a notebook may be in


@dataclass
class SubmissionFiles:
    """The files of a submission.

    Attributes:
        data: path below the submission's folder -> bytes.
        origin: the same path -> how the download calls the file.
        problems: what could not be read, a sentence each.
    """

    data: dict[str, bytes] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def digests(self) -> dict[str, str]:
        """Path -> SHA-256."""
        return {path: sha256(data).hexdigest() for path, data in self.data.items()}

    def doubts(self) -> list[str]:
        """What makes one doubt that it can be graded, though it is taken as it is."""
        if self.data and not any(path.casefold().endswith(_NOTEBOOKS) for path in self.data):
            return [f"no notebook: {', '.join(map(shown, list(self.data)[:4]))}"]
        return [f"{shown(path)} {why}" for path, data in self.data.items() if (why := _broken(path, data))]


def read_files(candidate: Candidate) -> SubmissionFiles:
    """Reads a submission's files. Raises nothing for what is in them."""
    files = SubmissionFiles()
    names = {id(member): name for member, name in candidate.entry.files}
    taken: set[str] = set()
    for member, data, problem in candidate.download.contents([member for member, _ in candidate.entry.files]):
        if problem:
            files.problems.append(f"{shown(names[id(member)])} {problem}")
            continue
        path = _free(safe_path(names[id(member)]), taken)
        files.data[path], files.origin[path] = data, member.path
    return files


def safe_path(name: str) -> str:
    """A path, relative and of bounded length, that is as near as may be to the name of a submitted file."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if len(parts) > MAX_DEPTH:
        parts = parts[-MAX_DEPTH:]
    safe = [_safe_part(part) for part in parts] or ["file"]
    if safe[-1].casefold() == TIMESTAMP and len(safe) == 1:  # nbgrader believes this one: it is not the student's to write
        safe[-1] = f"submitted-{TIMESTAMP}"
    return "/".join(safe)


def _safe_part(part: str) -> str:
    text = "".join(char if char.isprintable() else "_" for char in unicodedata.normalize("NFC", part)).strip()
    text = text.replace(":", "_").rstrip(".") or "_"
    text = f"_{text[1:]}" if text.startswith(".") else text
    stem, dot, suffix = text.rpartition(".")
    ending = f".{suffix}" if dot and len(suffix.encode()) <= 20 else ""
    stem = stem if ending else text
    return stem.encode()[: LONGEST - len(ending.encode())].decode("utf-8", "ignore") + ending


def _free(path: str, taken: set[str]) -> str:
    """The path, numbered where another file has it, whatever its case."""
    folder, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    stem, ending = (stem, f".{suffix}") if dot and stem else (name, "")
    tries = (path, *(f"{folder}{slash}{stem} ({number}){ending}" for number in range(2, 100_000)))
    free = next(tried for tried in tries if tried.casefold() not in taken)
    taken.add(free.casefold())
    return free


def _broken(path: str, data: bytes) -> str:
    """Why nothing will be read of a file; empty if that cannot be said."""
    if not data:
        return "is empty"
    if path.casefold().endswith(".zip") or kind_of(data) == "zip":
        try:
            members = opened(data, path, Budget()).members()
        except Unusable as why:
            return str(why)
        refused = [member.problem for member in members if member.problem]
        return refused[0] if refused and len(refused) == len(members) else "" if members else "holds no file"
    begins = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" or data[:2] in (b"\xff\xfe", b"\xfe\xff")  # UTF-8, UTF-16
    if path.casefold().endswith(".ipynb") and not begins:
        return "is called a notebook and is none"
    return ""
