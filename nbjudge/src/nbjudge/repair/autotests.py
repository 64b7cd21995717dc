"""Tests that nbgrader writes itself: of a line `### AUTOTEST f(3)` it makes assertions, by running the instructor's answer.

What was made of them stands in the gradebook, where `generate_assignment` has put it, and not in the source.
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import InstantiateTests
from nbgrader.utils import is_grade
from sqlalchemy.engine import make_url
from traitlets.config import Config


def autotests(source: NotebookNode, config: Config | None) -> list[str]:
    """The names of the tests that nbgrader has yet to write."""
    mark = InstantiateTests(config=config or Config()).autotest_delimiter
    return [
        cell.metadata.nbgrader.grade_id
        for cell in source.cells
        if cell.cell_type == "code" and is_grade(cell) and mark in cell.source
    ]


def with_tests(source: NotebookNode, path: Path, names: Collection[str], config: Config | None) -> NotebookNode:
    """The instructor's notebook with the tests that nbgrader wrote, as far as the gradebook has them.

    Args:
        source: what stands in the file.
        path: of the file, whose folder is that of the assignment.
        names: of the tests.
        config: nbgrader's.
    """
    address = CourseDirectory(config=config or Config()).db_url
    if not Path(make_url(address).database or "").is_file():
        return source
    source = copy.deepcopy(source)
    with Gradebook(address) as gradebook:
        for cell in source.cells:
            if (name := cell.metadata.get("nbgrader", {}).get("grade_id")) in names:
                try:
                    cell.source = gradebook.find_source_cell(name, path.stem, path.parent.name).source
                except MissingEntry:
                    continue
    return source
