"""From what lies in `submitted/` to notebooks fit to run: found, read, and rebuilt on the source."""

from __future__ import annotations

import functools
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.nbgrader_ext.repair import release_of
from autograder.paths import ASSIGNMENT, COURSE
from autograder.repair.intake import intake
from autograder.repair.read import read_notebook
from autograder.repair.rebuild import rebuild


@dataclass
class Prepared:
    """One student's hand-in, ready to be run.

    Attributes:
        student: the name of the folder.
        notebooks: name -> rebuilt notebook; its `ps8` metadata holds what was repaired. Always has the main notebook.
        remarks: what was wrong with the files.
    """

    student: str
    notebooks: dict[str, NotebookNode] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


@functools.cache
def notebook_names(course: Path = COURSE) -> tuple[str, ...]:
    """The assignment's notebooks; the first is the main one."""
    names = sorted(path.stem for path in (course / "source" / ASSIGNMENT).glob("*.ipynb"))
    return tuple(sorted(names, key=lambda name: name != ASSIGNMENT))


def prepare(student: str, course: Path = COURSE) -> Prepared:
    """Reads and rebuilds one student's hand-in. Whatever is in the files, the main notebook comes of it, blank if need be."""
    found = intake(course / "submitted" / student / ASSIGNMENT, notebook_names(course))
    prepared = Prepared(student, remarks=list(found.remarks))
    for name in notebook_names(course):
        if name in found.notebooks:
            read = read_notebook(found.notebooks[name])
            notebook, repairs = rebuild_read(read.notebook, name, course)
            repairs = [*read.remarks, *([read.reason] if read.reason else []), *repairs]
        elif name == ASSIGNMENT:
            notebook, repairs = rebuild_read(None, name, course)
        else:
            continue  # the optional notebook was not handed in
        if name == ASSIGNMENT:
            repairs = [*prepared.remarks, *repairs]
        notebook.metadata["ps8"] = {"repairs": repairs}
        prepared.notebooks[name] = notebook
    return prepared


def rebuild_read(notebook: NotebookNode | None, name: str, course: Path) -> tuple[NotebookNode, list[str]]:
    """A notebook rebuilt on the release of that name, and what was repaired."""
    repaired = rebuild(notebook, release_of(course / "source" / ASSIGNMENT / f"{name}.ipynb"))
    return repaired.notebook, list(repaired.remarks)


def stage(prepared: Prepared, course: Path = COURSE) -> Path:
    """Writes the rebuilt notebooks where nbgrader finds them, `prepared/NAME/ps8/`, and gives that folder."""
    folder = course / "prepared" / prepared.student / ASSIGNMENT
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, notebook in prepared.notebooks.items():
        nbformat.write(notebook, folder / f"{name}.ipynb")
    timestamp = course / "submitted" / prepared.student / ASSIGNMENT / "timestamp.txt"
    if timestamp.is_file() and not timestamp.is_symlink() and timestamp.stat().st_size < 200:
        shutil.copy(timestamp, folder)
    return folder
