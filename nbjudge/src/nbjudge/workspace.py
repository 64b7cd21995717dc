"""Where one assignment of a course is graded: nbgrader's course directory, and what stands where in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbjudge.assignment import Assignment, named

SECRET = "secret.key"
EVIDENCE = "evidence"
GRADED = "graded"
GRADEBOOK = "gradebook.db"


def main_of(assignment: str, names: Sequence[str]) -> str:
    """The main one of an assignment's notebooks, of which there is at least one: that of its name, or else the first."""
    return assignment if assignment in names else names[0]


def assignments_of(root: Path) -> list[str]:
    """The assignments of a course: the folders of `source/` that hold notebooks; .ipynb_checkpoints is Jupyter's."""
    return sorted({path.parent.name for path in (root / "source").glob("[!.]*/*.ipynb")})


@dataclass(frozen=True)
class Workspace:
    """A course directory and an assignment in it.

    Attributes:
        root: nbgrader's course directory.
        assignment: which one.
        gradebook_file: nbgrader's gradebook, where it is not in the course directory.
    """

    root: Path
    assignment: Assignment
    gradebook_file: Path | None = None

    @classmethod
    def of(cls, root: Path, id: str, gradebook: Path | None = None) -> Workspace:
        """The workspace of the assignment with this id, as the process knows it."""
        return cls(root, named(id), gradebook)

    @property
    def id(self) -> str:
        return self.assignment.id

    @property
    def source(self) -> Path:
        """The folder of the instructor's notebooks."""
        return self.root / "source" / self.id

    def notebooks(self) -> list[Path]:
        """The instructor's notebooks, by name."""
        return sorted(self.source.glob("*.ipynb"))

    def given(self) -> list[Path]:
        """The instructor's notebooks and the files beside them that a submission's code finds."""
        if not self.assignment.carried:
            return self.notebooks()
        found = (path for path in self.source.rglob("*") if path.is_file() and path.parent.name != ".ipynb_checkpoints")
        return sorted(found)

    @property
    def main(self) -> str:
        """The name of the main notebook: that of the assignment, or else the first."""
        names = [path.stem for path in self.notebooks()]
        return main_of(self.id, names) if names else self.id

    def submitted(self, student: str) -> Path:
        return self.root / "submitted" / student / self.id

    def prepared(self, student: str) -> Path:
        return self.root / "prepared" / student / self.id

    def autograded(self, student: str) -> Path:
        return self.root / "autograded" / student / self.id

    def feedback(self, student: str) -> Path:
        return self.root / "feedback" / student / self.id

    def output(self, name: str) -> Path:
        """Where a file about the class is written: `grades.csv`; `grades-ps9.csv` where the course has several assignments."""
        plain = self.root / name
        return plain.with_stem(f"{plain.stem}-{self.id}") if len(assignments_of(self.root)) > 1 else plain

    @property
    def graded(self) -> Path:
        """The grader's own notes on this assignment."""
        return self.root / GRADED / self.id

    @property
    def evidence(self) -> Path:
        """What is kept of earlier runs."""
        return self.root / EVIDENCE

    @property
    def secret(self) -> Path:
        return self.root / SECRET

    @property
    def gradebook(self) -> Path:
        return self.gradebook_file or self.root / GRADEBOOK

    @property
    def database(self) -> str:
        """The gradebook's address, as nbgrader has it."""
        return f"sqlite:///{self.gradebook}"
