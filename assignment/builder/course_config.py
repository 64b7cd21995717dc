"""course.toml, read once into types: the names, URLs, points and deadline that everything else is given."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from assignment.builder import counted
from assignment.builder.checkout import COURSE
from assignment.builder.problem import BuildError, Problem, shown
from assignment.builder.schema import KEYS, faults, nearest, table_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Course:
    """The facts of the course.

    Attributes:
        id: nbgrader's course id.
        url: the public repository, without a slash at the end.
        branch: of the public repository.
        book: where the book is read.
        assignment: nbgrader's assignment id, the folder of the notebooks.
        title: of the assignment.
        deadline: with its offset from UTC.
        points: what each question is worth, in the file's order; last the bonus that `[explain]` makes, if it makes one.
        bonus: questions on top of the total.
        limits: what [grading.limits] says, numbers by name; empty where the grader's own limits hold.
        common: lines of an answer that may be published, as they say nothing on their own.
        feedback_level: `reason`, `full`, or `auto`, which is the first before the deadline and the other after it.
        explain_graded: how questions about one's own code count: `off`, `bonus` or `within`.
        explain_points: what each of them is worth.
        ai: what is asked of students and their AI assistants: `off`, `tutor`, `free`, or nothing if it is empty.
        answers: when the book shows answers to the questions to think about: `never`, or from the `deadline` on.
        tables: the whole file, for what only one reader needs.
    """

    id: str
    name: str
    short: str
    term: str
    url: str
    branch: str
    book: str
    assignment: str
    title: str
    deadline: datetime
    points: Mapping[str, int | float]
    bonus: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    common: tuple[str, ...] = ()
    feedback_level: str = "auto"
    explain_graded: str = counted.OFF
    explain_points: int | float = 1
    ai: str = ""
    answers: str = "never"
    tables: Mapping[str, Any] = field(default_factory=dict)

    def shows_answers(self, now: datetime) -> bool:
        """Whether the book may show answers to the questions to think about at a moment."""
        return self.answers == "deadline" and now >= self.deadline

    @property
    def total(self) -> int | float:
        """All points but the bonus."""
        return sum(points for question, points in self.points.items() if question not in self.bonus)

    @property
    def kit(self) -> str:
        """What `pip install` takes to install the student kit."""
        return f"git+{self.url}@{self.branch}"

    def colab(self, notebook: str) -> str:
        """The address at which Colab opens a notebook of the release."""
        return f"https://colab.research.google.com/github/{self.repository}/blob/{self.branch}/{self._file(notebook)}"

    def raw(self, notebook: str) -> str:
        """The address from which a notebook of the release is fetched."""
        return f"https://raw.githubusercontent.com/{self.repository}/{self.branch}/{self._file(notebook)}"

    @property
    def repository(self) -> str:
        """The public repository as GitHub names it: OWNER/NAME."""
        return self.url.removeprefix("https://github.com/")

    def _file(self, notebook: str) -> str:
        return f"assignment/release/{self.assignment}/{notebook}.ipynb"


def load_course(path: Path = COURSE) -> Course:
    """Reads course.toml.

    Raises:
        BuildError: naming file, key, what the key is for and an example; every fault of the file at once.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BuildError(
            [Problem(shown(path), 0, "not there. It states the course's names, URLs, points and deadline.")]
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BuildError([Problem(shown(path), 0, f"not readable as TOML: {error}")]) from None
    if problems := faults(tables) or _bonus_faults(tables):
        raise BuildError(Problem(shown(path), 0, problem) for problem in problems)
    values = {key.to: _value(tables, key.table, key.name, key.default) for key in KEYS if key.to}
    explain = (tables["points"], values["explain_graded"], values["explain_points"])
    if problems := counted.counted_faults(*explain):
        raise BuildError(Problem(shown(path), 0, problem) for problem in problems)
    points = counted.points_of(*explain)
    values["bonus"] = (*values["bonus"], *(points.keys() - tables["points"].keys()))
    limits = table_of(tables, "grading.limits") or {}
    return Course(**values, points=points, limits=limits, tables=tables)


def _value(tables: Mapping[str, Any], table: str, name: str, default: Any) -> Any:
    value = (table_of(tables, table) or {}).get(name, default)
    return tuple(value) if isinstance(value, list) else value


def _bonus_faults(tables: Mapping[str, Any]) -> list[str]:
    questions = tables["points"]
    found = []
    for name in tables["assignment"].get("bonus", ()):
        if name not in questions:
            near = nearest(name, questions)
            advice = f"did you mean {near}?" if near else "add it to [points] or take it out."
            found.append(f"[assignment] bonus names {name}, which has no points: {advice}")
    return found
