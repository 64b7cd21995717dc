"""What nbjudge has to be told of PS8. Nothing heavy is imported before it is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbjudge.assignment import Assignment, Facts, Mistake, Seen, plain_title

from assignment.builder.stub import STUB, TEXT_STUB
from autograder import grading_config
from autograder.paths import ASSIGNMENT, COURSE, DATA, KIT, ROOT, SOLUTION

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from nbjudge.grade.tasks import Task
    from nbjudge.gradescope.course_code import CourseCode
    from nbjudge.jail import JailSettings, Limits, MachineCheck
    from nbjudge.judge.verdict import Verdict
    from nbjudge.workspace import Workspace

    from autograder.judging import PS8Judge


class _PS8(Assignment):
    """PS8, learning without labels."""

    optional = ("nce",)
    carried = ()  # what is handed in besides is looked at outside the kernel
    modules = (
        "autograder.judging",
        "autograder.questions.*",  # found by their folders
        "autograder.review",
        "autograder.explain.counting",
        "autograder.collector.weights",
    )
    distribution = ("ps8", "course")
    libraries = ("torch", "torchvision", "numpy", "scikit-image", "safetensors")

    # ---- what is said of it

    def facts(self) -> Facts:
        return grading_config.course()

    def title(self, question: str) -> str:
        from autograder.questions import QUESTIONS

        return QUESTIONS[question].title if question in QUESTIONS else plain_title(question)

    def section(self, question: str, notebook: str) -> str:
        from assignment.builder.anchors import section_anchor

        return _address(notebook, section_anchor(question))

    def mistakes(self) -> Mapping[str, Mistake]:
        from autograder.catalogue import catalogue

        return {known.id: Mistake(known.question, known.name, known.costs) for known in catalogue()}

    def mistake(self, id: str) -> str:
        from assignment.builder.anchors import MISTAKES, mistake_anchor

        return _address(MISTAKES, mistake_anchor(id))

    def bonus_cap(self) -> float | None:
        return grading_config.bonus_cap()

    # ---- how its submissions are run

    def limits(self) -> Limits:
        return grading_config.limits()

    def jail(self) -> JailSettings:
        return grading_config.jail_settings()

    def make_ready(self) -> None:
        from autograder.sample_images import make_ready

        make_ready(self.jail().data)

    # ---- how they are judged

    def judge(self, secret: bytes) -> PS8Judge:
        from autograder.judging import PS8Judge

        return PS8Judge(secret)

    def adjusted(
        self, student: str, nb: NotebookNode, facts: Facts
    ) -> Callable[[Verdict, float, Sequence[Verdict]], Verdict] | None:
        from autograder.explain.counting import Counting

        counting = Counting.of(grading_config.course(), student, nb)
        return counting.verdict if counting else None

    def look(self, nb: NotebookNode, seen: Seen) -> list[str]:
        from autograder.review import look

        return look(nb, seen)

    def added(self, cell: NotebookNode, after: NotebookNode | None) -> str:
        from autograder.review import added

        return added(cell, after)

    def of_no_concern(self, remark: str) -> bool:
        from autograder.review import of_no_concern

        return of_no_concern(remark)

    # ---- how a class is graded

    def code(self) -> CourseCode:
        from nbjudge.gradescope.course_code import CourseCode

        return CourseCode(ROOT, tuple(sorted(_code())), ("", "assignment"))

    def check(self, workspace: Workspace) -> str:
        from autograder.built import problem

        return problem(workspace)

    def disagreement(self, workspace: Workspace) -> str:
        from autograder.registries import problems

        found = problems(workspace.root)
        return found[0] + (f" And {len(found) - 1} more." if len(found) > 1 else "") if found else ""

    def files(self) -> Iterator[Path]:
        """The reference, the known mistakes, the course's facts, and images of another data set than the sample."""
        from autograder.catalogue import FILE
        from autograder.catalogue import FOLDER as CATALOGUE

        yield from sorted(SOLUTION.rglob("*.py"))
        yield from sorted(CATALOGUE.glob(f"*/{FILE}"))
        yield ROOT / "assignment" / "course.toml"
        yield from sorted(KIT.rglob("*.toml"))  # titles of the questions
        yield from sorted(DATA.glob("*/test_?.bin"))

    def tasks(self, workspace: Workspace, student: str) -> dict[str, Task]:
        """The task of measuring a student's artifacts again, if there are any that were not yet."""
        from nbjudge.grade.tasks import Task

        from autograder.artifacts.artifact_files import ArtifactFolder
        from autograder.artifacts.course_findings import data_folder, examine_elsewhere
        from autograder.artifacts.findings_cache import FindingsCache, images_id, key

        cache, submission, data = FindingsCache(workspace.evidence), ArtifactFolder(workspace.submitted(student)), data_folder()
        files = submission.files()
        if not files or cache.load(name := key(files, data)) is not None:
            return {}
        call = (examine_elsewhere, submission, data, self.jail(), images_id(files, data))
        return {name: Task(call, partial(cache.keep_if_any, name))}

    def summary(self, workspace: Workspace, students: Sequence[str]) -> str:
        from autograder.artifacts.course_findings import findings_of_class
        from autograder.artifacts.findings_text import in_a_line

        return in_a_line(dict(findings_of_class(students, workspace)))

    def findings(self, workspace: Workspace, student: str) -> str:
        from nbjudge.grade.student_names import shown_student

        from autograder.artifacts.course_findings import findings_of_class
        from autograder.artifacts.findings_text import as_text

        return "\n".join(as_text(shown_student(name), found) for name, found in findings_of_class([student], workspace))

    def doctor(self, workspace: Workspace) -> Iterable[MachineCheck]:
        from autograder.sample_images import finding

        yield finding(DATA)

    def configure(self, c: Any) -> None:
        c.CourseDirectory.course_id = grading_config.course().id
        c.CourseDirectory.release_directory = os.path.join("..", "assignment", "release")  # Colab opens the release there
        c.ClearSolutions.code_stub = {"python": STUB}
        c.ClearSolutions.text_stub = TEXT_STUB
        c.Repair.reserved = ["PS8_PROFILE"]  # how much to compute is the grader's to say
        for name, value in grading_config.late_terms().items():
            setattr(c.LatePolicy, name, value)
        c.HTMLExporter.preprocessors = ["autograder.beside.formgrade.Likenesses"]


def _code() -> Iterator[str]:
    """What of the checkout grading imports or reads; of this folder, in which the class's work lies, what is the grader's."""
    yield from ("assignment", "solution", "pyproject.toml", "LICENSE", "data_cache/README.md", "data_cache/CREDITS.md")
    yield f"autograder/source/{ASSIGNMENT}"
    yield from (f"autograder/{path.name}" for path in COURSE.glob("*.py"))
    yield from (f"autograder/{path.parent.name}" for path in COURSE.glob("*/__init__.py"))


def _address(page: str, anchor: str) -> str:
    """A place in the book."""
    return f"{grading_config.course().book.rstrip('/')}/{page}.html#{anchor}"


PS8 = _PS8(ASSIGNMENT)


def at(course: Path = COURSE) -> Workspace:
    """PS8 in a course directory."""
    from nbjudge.workspace import Workspace

    return Workspace(course, PS8)
