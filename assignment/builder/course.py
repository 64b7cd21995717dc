"""course.toml, read once into types: the names, URLs, points and deadline that everything else is given."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from assignment.builder.paths import COURSE
from assignment.builder.problem import BuildError, Problem, shown

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

NAME = re.compile(r"[A-Za-z0-9_-]+")  # what nbgrader takes as an id
URL = re.compile(r"https?://[^\s/]+(/[^\s]*)?")


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
        points: what each question is worth, in the file's order.
        bonus: questions on top of the total.
        limits: what [grading.limits] says, numbers by name; empty where the grader's own limits hold.
        common: lines of an answer that may be published, as they say nothing on their own.
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
    limits: Mapping[str, int | float] = field(default_factory=dict)
    common: tuple[str, ...] = ()
    tables: Mapping[str, Any] = field(default_factory=dict)

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
        repository = self.url.removeprefix("https://github.com/")
        file = f"assignment/release/{self.assignment}/{notebook}.ipynb"
        return f"https://colab.research.google.com/github/{repository}/blob/{self.branch}/{file}"


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
    values: dict[str, Any] = {}
    problems = [f for key in KEYS if (f := _take(tables, key, values))] + _unknown(tables)
    if not problems:
        problems = _bonus_problems(values)
    if problems:
        raise BuildError(Problem(shown(path), 0, problem) for problem in problems)
    return Course(**values, tables=tables)


@dataclass(frozen=True)
class _Key:
    table: str
    name: str
    use: str
    example: str
    wanted: str
    valid: Callable[[Any], bool]
    to: str = ""  # the attribute of Course; the key's own name if empty
    default: Any = None  # None: the key must be there

    @property
    def attribute(self) -> str:
        return self.to or self.name

    @property
    def title(self) -> str:
        return f"[{self.table}]" if not self.name else f"[{self.table}] {self.name}"


def _text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != "" and "\n" not in value


def _name(value: Any) -> bool:
    return isinstance(value, str) and NAME.fullmatch(value) is not None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0


def _url(value: Any) -> bool:
    return isinstance(value, str) and URL.fullmatch(value) is not None


def _github(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", value) is not None


def _numbers(value: Any) -> bool:
    return isinstance(value, dict) and all(_name(name) and _number(n) for name, n in value.items())


def _points(value: Any) -> bool:
    return _numbers(value) and value != {}


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(_name(name) for name in value)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(_text(text) for text in value)


def _instant(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


_TEXT = "a text of one line"
_ID = "a text of letters, digits, - and _"
KEYS = (
    _Key("course", "id", "nbgrader's name for the course", '"vision"', _ID, _name),
    _Key("course", "name", "the course's name in the notebooks and the book", '"Computer Vision"', _TEXT, _text),
    _Key("course", "short", "the course's number or short name", '"VISION 442"', _TEXT, _text),
    _Key("course", "term", "the term, in titles", '"Fall 2026"', _TEXT, _text),
    _Key(
        "course",
        "url",
        "the public repository, from which Colab opens the notebooks and pip installs the kit",
        '"https://github.com/example-university/ps8"',
        "the address of a GitHub repository, as Colab opens no other",
        _github,
    ),
    _Key("course", "branch", "the public repository's branch", '"main"', _TEXT, _text, default="main"),
    _Key("course", "book", "where the book is read", '"https://example.org/ps8/"', "a web address", _url),
    _Key("assignment", "id", "nbgrader's name for the assignment", '"ps8"', _ID, _name, to="assignment"),
    _Key("assignment", "title", "the assignment's title", '"Learning without labels"', _TEXT, _text),
    _Key(
        "assignment",
        "deadline",
        "when hand-ins are due",
        "2026-12-11T23:59:00-05:00",
        "a date and time with its offset from UTC, without quotes",
        _instant,
    ),
    _Key(
        "assignment",
        "bonus",
        "the questions on top of the total",
        '["nce"]',
        "a list of questions",
        _names,
        default=(),
    ),
    _Key(
        "points",
        "",
        "what each question is worth",
        "encoder = 10",
        "a number above 0 for each question",
        _points,
        "points",
    ),
    _Key(
        "grading.limits",
        "",
        "bounds on a hand-in's run",
        "seconds_per_cell = 60",
        "a number above 0 for each limit",
        _numbers,
        "limits",
        default={},
    ),
    _Key(
        "publish",
        "common",
        "lines of an answer that say nothing on their own and that the kit holds, too",
        '["loss.backward()"]',
        "a list of texts of one line",
        _texts,
        default=(),
    ),
)


def _take(tables: Mapping[str, Any], key: _Key, values: dict[str, Any]) -> str | None:
    """Puts the key's value into `values`, or says what is wrong with it."""
    place: Any = tables
    for part in [*key.table.split("."), *filter(None, [key.name])]:
        place = place.get(part) if isinstance(place, dict) else None
    if place is None and key.default is not None:
        values[key.attribute] = key.default
    elif place is None:
        return f"{key.title} is missing: {key.use}. Example: {_example(key)}"
    elif not key.valid(place):
        return f"{key.title} is {place!r}, but must be {key.wanted}: {key.use}. Example: {_example(key)}"
    else:
        values[key.attribute] = tuple(place) if isinstance(place, list) else place
    return None


def _example(key: _Key) -> str:
    return f"{key.name} = {key.example}" if key.name else f"[{key.table}] {key.example}"


def _unknown(tables: Mapping[str, Any]) -> list[str]:
    """Keys of [course] and [assignment] that nobody reads: mistyped, most likely."""
    problems = []
    for table in ("course", "assignment"):
        known = [key.name for key in KEYS if key.table == table]
        found = tables.get(table)
        for name in found if isinstance(found, dict) else ():
            if name not in known:
                near = get_close_matches(name, known, 1)
                guess = f"did you mean {near[0]}?" if near else f"it may hold {', '.join(known)}."
                problems.append(f"[{table}] {name} is not a key of this table: {guess}")
    return problems


def _bonus_problems(values: Mapping[str, Any]) -> list[str]:
    return [
        f"[assignment] bonus names {question!r}, which has no points: add it to [points] or take it out."
        for question in values["bonus"]
        if question not in values["points"]
    ]
