"""The students' notebooks, made by nbgrader's own `generate_assignment` with the course's configuration.

nbgrader works in a temporary course directory with no gradebook, so a comparison touches nothing. What it
writes does not change from run to run: its checksums are of the cells' text, and the ids are the builder's.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment, NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from assignment.builder.checkout import NBGRADER_CONFIG
from assignment.builder.lesson_notebooks import text_of
from assignment.builder.problem import BuildError
from assignment.builder.stub import STUB, TEXT_STUB


def release_notebooks(
    notebooks: Mapping[str, NotebookNode], assignment: str, configuration: Path = NBGRADER_CONFIG
) -> dict[str, str]:
    """The texts of the released notebooks, by name.

    Args:
        notebooks: the instructor's, by name.
        assignment: nbgrader's id of the assignment.
        configuration: the course's nbgrader_config.py, followed in all but places and the gradebook.

    Raises:
        BuildError: with nbgrader's own words, if it refuses a notebook.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source", assignment)
        source.mkdir(parents=True)
        for name, notebook in notebooks.items():
            (source / f"{name}.ipynb").write_text(text_of(notebook), encoding="utf-8", newline="\n")
        _generate(_configured(configuration, Path(folder), assignment))
        release = Path(folder, "release", assignment)
        return {name: (release / f"{name}.ipynb").read_bytes().decode("utf-8") for name in notebooks}


def _configured(configuration: Path, root: Path, assignment: str) -> Config:
    """The course's configuration, moved to `root`; the stubs stand even where there is none yet."""
    config = Config()
    config.ClearSolutions.code_stub = {"python": STUB}
    config.ClearSolutions.text_stub = TEXT_STUB
    if configuration.is_file():
        config.merge(PyFileConfigLoader(configuration.name, str(configuration.parent)).load_config())
    place = config.CourseDirectory
    place.root, place.assignment_id, place.notebook_id = str(root), assignment, "*"
    place.source_directory, place.release_directory = "source", "release"
    place.directory_structure = "{nbgrader_step}/{student_id}/{assignment_id}"
    config.SaveCells.enabled = False
    config.GenerateAssignment.no_database = True
    return config


def _generate(config: Config) -> None:
    log, said = _logger()
    try:
        place = CourseDirectory(config=config, log=log)
        GenerateAssignment(coursedir=place, config=config, log=log).start()
    except (NbGraderException, SystemExit) as error:
        words = "\n".join(said) or str(error)
        raise BuildError(f"nbgrader generate_assignment refuses the notebooks:\n{words}") from error


def _logger() -> tuple[logging.Logger, list[str]]:
    """A logger that shows nothing and keeps what nbgrader says of errors."""
    said: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    log = logging.Logger("assignment.builder.release", logging.ERROR)
    log.addHandler(Keeper())
    return log, said
