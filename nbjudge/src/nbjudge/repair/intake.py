"""Finds the notebooks that were meant, and the artifacts beside them, in whatever folder was handed in."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from nbrepair.plan import Plan
from nbrepair.remarks import Remark

from nbjudge.ground.foreign_names import shown_file as shown
from nbjudge.repair import file_types
from nbjudge.repair.archives import SUFFIXES
from nbjudge.repair.candidates import EXPORTS, assigned, chosen, has_answers
from nbjudge.repair.exports import is_export
from nbjudge.repair.file_reader import MAX_FILE, SubmittedFile
from nbjudge.repair.search import GUESSED, Search
from nbjudge.workspace import main_of

ARTIFACTS = ("*results*.json", "*.pth", "*.safetensors")
EXPECTED = ("results.json",)
MAX_FILES = 50
MAX_SHOWN = 8  # files that a remark names

_PLAIN = (".json", ".txt", ".bak", ".orig", ".old")  # a notebook may hide behind these names: what is in the file tells


@dataclass
class Submission:
    """What one student handed in.

    Attributes:
        notebooks: the file of each notebook that was found, by the notebook's name (without `.ipynb`).
        files: the artifacts, by file name.
        remarks: what was found elsewhere than expected, or not read, a sentence each; a `Remark` with `cost` tells of a loss.
    """

    notebooks: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def intake(
    folder: Path, names: Sequence[str], artifacts: Sequence[str] = ARTIFACTS, plans: Mapping[str, Plan] | None = None
) -> Submission:
    """Looks through a submission's folder. Follows no links, and raises nothing for what is in it.

    Args:
        folder: what the student handed in.
        names: of the assignment's notebooks, any of which may be missing. The main one bears the folder's name, or else it is
            the first.
        artifacts: patterns of the other files to take.
        plans: of the notebooks, by name, to tell from what is in a file which of them it is and how much of it is answered.
    """
    plans = plans or {}
    expected = [f"{name}.ipynb" for name in names]
    search = Search(_rank(expected, artifacts), [*expected, *EXPECTED])
    search.folder(folder)
    submission = Submission(remarks=search.remarks)
    notebooks = [found for found in search.found if _is_notebook(found)]
    main = main_of(folder.name, names)
    for name, files in assigned(notebooks, [main, *(name for name in names if name != main)], plans).items():
        submission.notebooks[name] = chosen(name, files, submission.remarks, plans.get(name)).data
    taken = {id(found) for found in notebooks}
    unknown = [found.path for found in search.found if id(found) not in taken and not _is_artifact(found.name, artifacts)]
    others = [*search.seen, *unknown]
    if main not in submission.notebooks:
        there = f" There were: {_listed(others)}." if others else ""
        submission.remarks.insert(0, Remark(f"No {main}.ipynb was found in the submission.{there}", cost=True))
    elif main in plans and _promising(others) and not has_answers(submission.notebooks[main], plans[main]):
        submission.remarks.append(
            Remark(f"Nothing is written in the notebook. Besides it there were: {_listed(others)}.", cost=True)
        )
    _artifacts(submission, [found for found in search.found if _is_artifact(found.name, artifacts)])
    return submission


def artifacts(folder: Path, patterns: Sequence[str] = ARTIFACTS, expected: Sequence[str] = EXPECTED) -> Submission:
    """The artifacts of a submission without its notebooks. Follows no links, and raises nothing for what is in the folder.

    Args:
        folder: what the student handed in.
        patterns: of the files to take.
        expected: the names that they should have: these are found first.
    """

    def rank(name: str) -> int | None:
        if name.casefold() in expected:
            return 0
        return 1 if name.casefold().endswith(SUFFIXES) else 2 if _is_artifact(name, patterns) else None

    search = Search(rank, expected)
    search.folder(folder)
    submission = Submission(remarks=search.remarks)
    _artifacts(submission, [found for found in search.found if _is_artifact(found.name, patterns)], expected)
    return submission


def _rank(expected: Sequence[str], artifacts: Sequence[str]) -> Callable[[str], int | None]:
    """How soon a file is to be read: first what bears the name it should, last what may be anything."""
    first = {name.casefold() for name in (*expected, *EXPECTED)}
    stems = [name.casefold().removesuffix(".ipynb") for name in expected]

    def rank(name: str) -> int | None:
        plain = unicodedata.normalize("NFKC", name).casefold()
        if plain in first:
            return 0
        if plain.endswith(SUFFIXES):
            return 3
        if ".ipynb" in plain:
            return 1 if any(stem in plain for stem in stems) else 2
        if plain.endswith(EXPORTS):
            return 4
        if _is_artifact(name, artifacts):
            return 5
        return GUESSED if plain.endswith(_PLAIN) or "." not in plain else None

    return rank


def _is_notebook(found: SubmittedFile) -> bool:
    """Whether a file is to be a notebook by its name, or else is one by what is in it."""
    name = unicodedata.normalize("NFKC", found.name).casefold()
    if ".ipynb" in name:
        return True
    if name.endswith(EXPORTS):
        return is_export(found.data.decode("utf-8", "replace"))
    begins = found.data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    return begins and (b'"cells"' in found.data or b'"worksheets"' in found.data) and b'"nbformat"' in found.data


def _is_artifact(name: str, artifacts: Sequence[str]) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in artifacts)


def _promising(paths: Sequence[str]) -> bool:
    """Whether a file that was not read may hold the work."""
    return any(file_types.may_hold_work(path) for path in paths)


def _listed(paths: Sequence[str]) -> str:
    """Names and kinds of files that were not read, those first that may hold the work."""
    ordered = sorted(dict.fromkeys(paths), key=lambda path: (not file_types.may_hold_work(path), path.count("/"), path))
    told = [f"{shown(path)} ({kind})" if (kind := file_types.of_name(path)) else shown(path) for path in ordered[:MAX_SHOWN]]
    return ", ".join(told) + (f", and {len(ordered) - MAX_SHOWN} more" if len(ordered) > MAX_SHOWN else "")


def _artifacts(submission: Submission, found: Sequence[SubmittedFile], expected: Sequence[str] = EXPECTED) -> None:
    """Takes the artifacts, the expected names and those that lie higher first. Of names that differ in case only, one."""
    seen: dict[str, SubmittedFile] = {}
    order = sorted(
        found, key=lambda file: (file.name.casefold() not in expected, file.depth, file.name != file.name.lower(), file.path)
    )
    for file in order:
        key = unicodedata.normalize("NFC", file.name).casefold()
        if key in seen:
            if file.data != seen[key].data:
                submission.remarks.append(f"{shown(file.path)} was left out: {shown(seen[key].path)} has the same name.")
        elif file.size > MAX_FILE:
            submission.remarks.append(f"{shown(file.path)} is too large ({file.size / 2**20:.0f} MB) and was left out.")
        elif len(seen) >= MAX_FILES:
            submission.remarks.append(f"There are more than {MAX_FILES} artifacts: {shown(file.path)} was left out.")
            break
        else:
            seen[key] = file
            submission.files[shown(file.name)] = file.data
