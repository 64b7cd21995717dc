"""Feedback pages in a zip that a platform takes back and gives to each student.

Canvas: Assignment, Upload Submissions. A page is called as the submitted file was in the download, but for its ending: Canvas
finds student and file by the two numbers in the name (`infer_comment_context_from_filename` of canvas-lms), so only who was
collected from Canvas can get one. Moodle: Upload multiple feedback files in a zip. A page lies in the folder in which the
submission was (`mod/assign/feedback/file/importziplib.php`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from nbjudge.collect.collected_files import noted
from nbjudge.workspace import Workspace

CANVAS, MOODLE = "canvas", "moodle"
_CANVAS = re.compile(r"(?P<prefix>.*?_?(?:LATE_)?(?<![^_])\d+_\d+_).+", re.DOTALL)


@dataclass
class Packed:
    """What became of whom.

    Attributes:
        packed: students whose pages are in the zip.
        left_out: student's id -> why not.
    """

    packed: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


def pack(workspace: Workspace, students: Sequence[str], platform: str, target: Path) -> Packed:
    """Writes the zip.

    Args:
        workspace: where the pages are.
        students: who is to get theirs.
        platform: `CANVAS` or `MOODLE`.
        target: the zip.
    """
    found, notes, names = Packed(), noted(workspace), set[str]()
    partial = target.with_name(f"{target.name}.part")
    with ZipFile(partial, "w", ZIP_DEFLATED, strict_timestamps=False) as archive:
        for student in students:
            pages, why = _pages(workspace, student)
            where = (_canvas if platform == CANVAS else _moodle)(notes.get(student), pages)
            why = why or ("" if where else f"was not collected from {platform.capitalize()} by `nbjudge collect`")
            if not why and names & set(where.values()):
                why = "is in a group whose submission has feedback already"
            if why:
                found.left_out[student] = why
                continue
            names |= set(where.values())
            for page, name in where.items():
                archive.write(page, name)
            found.packed.append(student)
    partial.replace(target)
    return found


def _pages(workspace: Workspace, student: str) -> tuple[list[Path], str]:
    """A student's pages, and why they are not to be given out."""
    pages = sorted(workspace.feedback(student).glob("*.html"))
    graded = list(workspace.autograded(student).glob("*.ipynb"))
    again = f"run `nbgrader generate_feedback {workspace.id} --force` first"
    if not graded:
        return [], "is not graded"
    if not pages:
        return [], f"has no feedback page: {again}"
    newest = max(path.stat().st_mtime for path in graded)
    return pages, f"was graded after the feedback page was written: {again}" if min(
        path.stat().st_mtime for path in pages
    ) < newest else ""


def _canvas(note: Mapping[str, Any] | None, pages: Sequence[Path]) -> dict[Path, str]:
    """Page -> its name in the zip: with the numbers of the file that it is about, or else of the first notebook."""
    files = (note or {}).get("files", {})
    prefixes = {
        path: match["prefix"] for path, told in files.items() if (match := _CANVAS.fullmatch(PurePosixPath(told["from"]).name))
    }
    if not prefixes:
        return {}
    first = min(prefixes, key=lambda path: (not path.endswith(".ipynb"), path))
    return {page: f"{prefixes.get(f'{page.stem}.ipynb', prefixes[first])}{page.name}" for page in pages}


def _moodle(note: Mapping[str, Any] | None, pages: Sequence[Path]) -> dict[Path, str]:
    """Page -> its path in the zip."""
    told = note or {}
    if not told.get("participant"):
        return {}
    return {page: f"{told['entry']}_assignsubmission_file/{page.name}" for page in pages}
