"""From what lies in `submitted/` to notebooks fit to run: found, read, and rebuilt on the source."""

from __future__ import annotations

import functools
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.nbgrader_ext.timestamps import read_timestamp, write_timestamp
from autograder.paths import ASSIGNMENT, COURSE
from autograder.repair.intake import intake
from autograder.repair.plan import Plan, make_plan
from autograder.repair.read import Read, read_notebook
from autograder.repair.rebuild import rebuild


@dataclass
class Prepared:
    """One student's hand-in, ready to be run.

    Attributes:
        student: the name of the folder.
        notebooks: name -> rebuilt notebook; its `ps8` metadata holds what was repaired. Always has the main notebook.
        when: it was handed in, in UTC; None if that is not known.
    """

    student: str
    notebooks: dict[str, NotebookNode] = field(default_factory=dict)
    when: datetime | None = None


@functools.cache
def plans(course: Path = COURSE) -> dict[str, Plan]:
    """For each of the assignment's notebooks what a hand-in is rebuilt on, made once a process."""
    sources = sorted((course / "source" / ASSIGNMENT).glob("*.ipynb"))
    return {path.stem: make_plan(nbformat.read(path, as_version=4)) for path in sources}


def prepare(student: str, course: Path = COURSE) -> Prepared:
    """Reads and rebuilds one student's hand-in. Whatever is in the files, the main notebook comes of it, blank if need be."""
    folder = course / "submitted" / student / ASSIGNMENT
    found, (when, doubt) = intake(folder, list(plans(course))), read_timestamp(folder)
    prepared = Prepared(student, when=when)
    for name, plan in plans(course).items():
        remarks = [*found.remarks, *filter(None, [doubt])] if name == ASSIGNMENT else []
        if name in found.notebooks:
            read = read_notebook(found.notebooks[name])
        elif name == ASSIGNMENT:
            read = Read()
        else:
            continue  # the optional notebook was not handed in
        remarks += [*read.remarks, *filter(None, [read.reason])]
        prepared.notebooks[name] = rebuild(read.notebook, plan, remarks).notebook
    return prepared


def stage(prepared: Prepared, course: Path = COURSE) -> Path:
    """Writes the rebuilt notebooks where nbgrader finds them, `prepared/NAME/ps8/`, and gives that folder."""
    folder = course / "prepared" / prepared.student / ASSIGNMENT
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, notebook in prepared.notebooks.items():
        nbformat.write(notebook, folder / f"{name}.ipynb", indent=None)  # nobody reads it, and it is written much faster so
    if prepared.when is not None:
        write_timestamp(folder, prepared.when)
    return folder
