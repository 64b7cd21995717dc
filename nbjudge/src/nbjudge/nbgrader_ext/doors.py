"""The door to nbgrader, which has no types: the classes that ours extend, with what ours use of them.

A type checker reads the declarations; what runs is nbgrader's own. A test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from nbconvert import preprocessors
    from nbconvert.exporters.exporter import ResourcesDict
    from nbformat import NotebookNode
    from sqlalchemy.engine import Engine
    from sqlalchemy.orm import scoped_session
    from traitlets.config import LoggingConfigurable

    class NbGraderPreprocessor(preprocessors.Preprocessor):
        def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]: ...

    class CheckCellMetadata(NbGraderPreprocessor): ...

    class Execute(NbGraderPreprocessor): ...

    class GetGrades(NbGraderPreprocessor):
        gradebook: Gradebook
        notebook_id: str
        assignment_id: str
        student_id: str

        def _get_score(self, cell: NotebookNode, resources: ResourcesDict) -> None: ...

    class BaseConverter(LoggingConfigurable):
        coursedir: Any
        exporter: Any
        force: bool

        def start(self) -> None: ...
        def convert_single_notebook(self, notebook_filename: str) -> None: ...

    class Autograde(BaseConverter):
        def _init_preprocessors(self) -> None: ...

    class LateSubmissionPlugin(LoggingConfigurable):
        penalty_method: str

        def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None: ...

    class ExportPlugin(LoggingConfigurable):
        to: str
        student: list[str]
        assignment: list[str]

        def export(self, gradebook: Gradebook) -> None: ...

    class Gradebook:
        """Its tables are SQLAlchemy's without types, so what is found in them is Any."""

        engine: Engine
        db: scoped_session[Any]
        course_id: str

        def __init__(self, db_url: str, course_id: str = "default_course") -> None: ...
        def __enter__(self) -> Gradebook: ...
        def __exit__(
            self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
        ) -> None: ...
        def close(self) -> None: ...
        def update_or_create_student(self, student_id: str, **kwargs: Any) -> Any: ...
        def check_course(self, course_id: str = "default_course") -> Any: ...
        def find_assignment(self, name: str) -> Any: ...
        def find_student(self, student_id: str) -> Any: ...
        def find_notebook(self, name: str, assignment: str) -> Any: ...
        def find_source_cell(self, name: str, notebook: str, assignment: str) -> Any: ...
        def find_graded_cell(self, name: str, notebook: str, assignment: str) -> Any: ...
        def find_submission(self, assignment: str, student: str) -> Any: ...
        def find_submission_notebook(self, notebook: str, assignment: str, student: str) -> Any: ...
        def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Any: ...
        def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Any: ...
else:
    from nbgrader.api import Gradebook
    from nbgrader.converters import Autograde, BaseConverter
    from nbgrader.plugins import ExportPlugin, LateSubmissionPlugin
    from nbgrader.preprocessors import CheckCellMetadata, Execute, GetGrades, NbGraderPreprocessor

__all__ = [
    "Autograde",
    "BaseConverter",
    "CheckCellMetadata",
    "Execute",
    "ExportPlugin",
    "GetGrades",
    "Gradebook",
    "LateSubmissionPlugin",
    "NbGraderPreprocessor",
]
