"""Reads the catalogue, one TOML file for each question: `mistakes.toml` in its folder."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.judge.reference import Edit
from autograder.questions import FOLDER, QUESTIONS
from nbjudge.judge.severity import BY_WORDS, Severity, cost

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = "mistakes.toml"


@dataclass(frozen=True)
class Misconception:
    """A known mistake.

    Attributes:
        id: unique: its question, a dot, and its name within it.
        question: the question it belongs to.
        name: a few words, as a student would say it.
        explanation: what happens, why it is wrong, and what to look at; holds no answer.
        severities: what follows of it, by the table of `nbjudge.judge.severity`; most often one.
        edits: the change to the reference that makes it.
        hints: causes of the student's check (`ps8.checks.hints`) that name it; one with the same id always does.
        unseen: why the student's check cannot see it in public; empty if it can.
    """

    id: str
    question: str
    name: str
    explanation: str
    severities: tuple[Severity, ...]
    edits: tuple[Edit, ...]
    hints: tuple[str, ...] = ()
    unseen: str = ""

    @property
    def costs(self) -> float:
        """Points it loses, > 0."""
        return cost(self.severities, QUESTIONS[self.question].points)


@functools.cache
def catalogue(folder: Path = FOLDER) -> tuple[Misconception, ...]:
    """Every misconception, by question and then in the file's order.

    Raises:
        ValueError: naming file and entry, if an entry lacks something or an id stands twice.
    """
    entries: dict[str, Misconception] = {}
    for path in sorted(folder.glob(f"*/{FILE}")):
        with path.open("rb") as file:
            table = tomllib.load(file)
        for key, value in table.items():
            entry = _entry(path, key, value)
            if entry.id in entries:
                raise ValueError(f"{entry.question}/{FILE}: {entry.id} stands twice")
            entries[entry.id] = entry
    return tuple(entries.values())


def _entry(path: Path, key: str, value: dict) -> Misconception:
    question = path.parent.name
    try:
        edits = value.get("edits", [value])
        return Misconception(
            id=f"{question}.{key}",
            question=question,
            name=value["name"],
            explanation=" ".join(value["explanation"].split()),
            severities=tuple(_severity(words) for words in _listed(value["severity"])),
            edits=tuple(Edit(edit.get("module") or value["module"], edit["old"], edit["new"]) for edit in edits),
            hints=(f"{question}.{key}", *(_whole(cause, question) for cause in value.get("hints", ()))),
            unseen=value.get("unseen", ""),
        )
    except KeyError as error:
        raise ValueError(f"{question}/{FILE}: [{key}] lacks {error}") from None
    except BadSeverity as error:
        raise ValueError(f"{question}/{FILE}: [{key}] {error}") from None


def _whole(cause: str, question: str) -> str:
    """The id of a cause: one without a dot is the question's own."""
    return cause if "." in cause else f"{question}.{cause}"


class BadSeverity(Exception):
    """Words that the table of severities does not know."""


def _severity(words: str) -> Severity:
    if words not in BY_WORDS:
        raise BadSeverity(f"has the severity {words!r}: choose of {', '.join(BY_WORDS)}")
    return BY_WORDS[words]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
