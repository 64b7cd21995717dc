"""Whether source and release are what course.toml, lesson and solution would build now.

Nothing heavy is imported here before something has changed, so that asking costs next to nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbjudge.grade.preconditions import NotBuilt, disagreement, points_of_source
from nbjudge.workspace import Workspace

from autograder import grading_config
from autograder.paths import COURSE, KIT, ROOT, SOLUTION

MEND = "`make notebooks`"
_NOTED = ".built"  # among the notes on the assignment: a digest of what was found to be right
_INPUTS = (ROOT / "assignment" / "lesson", ROOT / "assignment" / "builder", KIT, SOLUTION)
_OUTPUTS = (COURSE / "source", ROOT / "assignment" / "release")


def problem(workspace: Workspace) -> str:
    """What is not as the course says, and what to type; empty if all is.

    What was looked at once and has not changed since is not looked at again. A course directory outside this repository has a
    source of its own: there the points alone are compared with course.toml.
    """
    if workspace.root.resolve() == COURSE:
        noted, digest = workspace.graded / _NOTED, _digest()
        if not noted.is_file() or noted.read_text("utf-8", "replace") != digest:
            if found := _differences():
                more = f" And {len(found) - 1} more." if len(found) > 1 else ""
                return f"{found[0].removesuffix(f' Run: {MEND}')}{more} Run {MEND}."
            noted.parent.mkdir(parents=True, exist_ok=True)
            noted.write_text(digest)
    try:
        other = disagreement(points_of_source(workspace), grading_config.course())
    except NotBuilt as unreadable:
        return f"{unreadable} Run {MEND}."
    if other:
        return f"The notebooks in {workspace.root.name}/source/ are not what course.toml says: {other}. Run {MEND}."
    return ""


def _differences() -> list[str]:
    from assignment.builder.__main__ import Build  # brings torch and all of nbgrader
    from assignment.builder.generated_files import differences
    from assignment.builder.problem import BuildError

    build = Build()
    try:
        return [str(found) for what in ("notebooks", "release") for found in differences(*_planned(build.plan(what)))]
    except BuildError as error:
        return str(error).splitlines()


def _planned(plan: tuple[Any, Any]) -> tuple[Any, str, Any]:
    files, suffix = plan
    return files, MEND, suffix


def _digest() -> str:
    """A digest of all that the notebooks are made of, and of the notebooks."""
    digest = hashlib.sha256()
    for path in sorted(
        {ROOT / "assignment" / "course.toml", COURSE / "nbgrader_config.py", COURSE / "definition.py", *_files()}
    ):
        if path.is_file():
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for folder in (*_INPUTS, *_OUTPUTS):
        yield from (path for path in folder.rglob("*") if path.suffix not in (".pyc", "") and "__pycache__" not in path.parts)
