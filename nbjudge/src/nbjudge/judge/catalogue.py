"""Reads a catalogue of known mistakes, one TOML file for each question."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbjudge.judge.severity import BY_WORDS, Severity, cost

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Edit:
    """A change to the text of the reference: `old` stands exactly once in `module` and becomes `new`."""

    module: str
    old: str
    new: str


@dataclass(frozen=True)
class Misconception:
    """A known mistake.

    Attributes:
        id: unique, such as `cmc_score.temperature_forgotten`.
        question: the question it belongs to.
        name: a few words, as a student would say it.
        explanation: what happens, why it is wrong, and what to look at; holds no answer.
        points: of its question, as the judge counts.
        severities: what follows of it, by the table of `nbjudge.judge.severity`; most often one.
        edits: the change to the reference that makes it.
        hints: causes of the student's check that name it; one with the same id always does.
        unseen: why the student's check cannot see it in public; empty if it can.
    """

    id: str
    question: str
    name: str
    explanation: str
    points: float
    severities: tuple[Severity, ...]
    edits: tuple[Edit, ...]
    hints: tuple[str, ...] = ()
    unseen: str = ""

    @property
    def costs(self) -> float:
        """Points it loses, > 0."""
        return cost(self.severities, self.points)


def read_catalogue(files: Iterable[tuple[str, Path]], points: Mapping[str, float]) -> tuple[Misconception, ...]:
    """The misconceptions of several questions, in the files' order.

    Args:
        files: each question with its file.
        points: of each question, as the judge counts.

    Raises:
        ValueError: naming file and entry, if an entry lacks something.
    """
    entries = []
    for question, path in files:
        with path.open("rb") as file:
            table = tomllib.load(file)
        entries += [_entry(path, question, key, value, points[question]) for key, value in table.items()]
    return tuple(entries)


def _entry(path: Path, question: str, key: str, value: dict[str, Any], points: float) -> Misconception:
    try:
        edits = value.get("edits", [value])
        return Misconception(
            id=f"{question}.{key}",
            question=question,
            name=value["name"],
            explanation=" ".join(value["explanation"].split()),
            points=points,
            severities=tuple(_severity(words) for words in _listed(value["severity"])),
            edits=tuple(Edit(edit.get("module") or value["module"], edit["old"], edit["new"]) for edit in edits),
            hints=(f"{question}.{key}", *value.get("hints", ())),
            unseen=value.get("unseen", ""),
        )
    except KeyError as error:
        raise ValueError(f"{path.parent.name}/{path.name}: [{key}] lacks {error}") from None
    except BadSeverity as error:
        raise ValueError(f"{path.parent.name}/{path.name}: [{key}] {error}") from None


class BadSeverity(Exception):
    """Words that the table of severities does not know."""


def _severity(words: str) -> Severity:
    if words not in BY_WORDS:
        raise BadSeverity(f"has the severity {words!r}: choose of {', '.join(BY_WORDS)}")
    return BY_WORDS[words]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
