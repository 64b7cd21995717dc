"""From what lies in `submitted/` to notebooks fit to run: found, read, and rebuilt on the source."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode
from nbrepair.plan import Plan
from nbrepair.remarks import Remark

from nbjudge.ground import notebooks
from nbjudge.jail.held import put
from nbjudge.nbgrader_ext.config import course_config
from nbjudge.nbgrader_ext.timestamps import read_timestamp, write_timestamp
from nbjudge.repair.beside import beside
from nbjudge.repair.intake import Submission, intake
from nbjudge.repair.plan import plan_of
from nbjudge.repair.read import Read, read_notebook
from nbjudge.repair.rebuild import error_line, rebuild_whatever
from nbjudge.workspace import Workspace


@dataclass
class Prepared:
    """One student's submission, ready to be run.

    Attributes:
        student: the name of the folder.
        notebooks: name -> rebuilt notebook; its record holds what was repaired. Has all but the optional ones.
        when: it was handed in, in UTC; None if that is not known.
        files: what its notebooks find in their working directory, by path.
    """

    student: str
    notebooks: dict[str, NotebookNode] = field(default_factory=dict)
    when: datetime | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


def plans(workspace: Workspace) -> dict[str, Plan]:
    """For each of the assignment's notebooks what a submission is rebuilt on, as the file is now."""
    config = course_config(workspace.root)
    return {path.stem: plan_of(path, config) for path in workspace.notebooks()}


def prepare_submission(student: str, workspace: Workspace) -> Prepared:
    """Reads and rebuilds one student's submission. Whatever is in the files, a main notebook comes of it, blank if need be."""
    folder, main, optional = workspace.submitted(student), workspace.main, workspace.assignment.optional
    found_plans = plans(workspace)
    found, when, doubt = _found(folder, found_plans)
    files = beside(folder, workspace.source, workspace.assignment, course_config(workspace.root)).files
    prepared = Prepared(student, when=when, files=files)
    for name, plan in found_plans.items():
        remarks = [*found.remarks, *filter(None, [doubt])] if name == main else []
        if name in found.notebooks:
            read = read_notebook(found.notebooks[name])
        elif name == main:
            read = Read()  # what was there instead is in the remarks
        elif name not in optional:
            read = Read(reason=Remark(f"No {name}.ipynb was found in the submission.", cost=True))
        else:
            continue
        remarks += [*read.remarks, *filter(None, [read.reason])]
        prepared.notebooks[name] = rebuild_whatever(read.notebook, plan, remarks).notebook
    return prepared


def _found(folder: Path, found_plans: Mapping[str, Plan]) -> tuple[Submission, datetime | None, str]:
    """What lies in a submission's folder, and when it was handed in, or why that is not known. Raises nothing."""
    try:
        found = intake(folder, list(found_plans), plans=found_plans)
    except Exception as error:  # whatever a folder may hold that nobody thought of
        found = Submission(
            remarks=[Remark(f"The files of the submission could not be looked through: {error_line(error)}.", cost=True)]
        )
    try:
        return found, *read_timestamp(folder)
    except Exception as error:
        return found, None, f"It is not known when this was handed in: {error_line(error)}."


def stage(prepared: Prepared, workspace: Workspace) -> Path:
    """Writes the rebuilt notebooks where nbgrader finds them, `prepared/NAME/ASSIGNMENT/`, and gives that folder."""
    folder = workspace.prepared(prepared.student)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    put(prepared.files, folder)
    for name, notebook in prepared.notebooks.items():
        notebooks.write(notebook, folder / f"{name}.ipynb")
    if prepared.when is not None:
        write_timestamp(folder, prepared.when)
    return folder
