"""A question of plain numpy: `line`, which asks for slope * x + shift of the judge's x, with three known mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from nbjudge.evidence import Evidence
from nbjudge.judge.catalogue import Edit, Misconception
from nbjudge.judge.criteria import Criterion, Question, runs, same, shows
from nbjudge.judge.severity import Severity

REFERENCE = {
    "line": "def line(x):\n    return 3 * x + 5\n",
    "parts": "def half(x):\n    return x[: len(x) // 2]\n\n\ndef total(x):\n    return x.sum()\n",
}


def edited(edits: tuple[Edit, ...]) -> dict[str, str] | None:
    """The reference with edits made to it, one after another; None if one does not fit any more."""
    texts = dict(REFERENCE)
    for edit in edits:
        if texts[edit.module].count(edit.old) != 1:
            return None
        texts[edit.module] = texts[edit.module].replace(edit.old, edit.new)
    return texts


def evidence(seed: int, edits: tuple[Edit, ...] = ()) -> Evidence | None:
    """What the probe records of the reference, changed."""
    texts = edited(edits)
    if texts is None:
        return None
    names: dict[str, Any] = {}
    for text in texts.values():
        exec(text, names)
    x = np.random.default_rng(seed).normal(size=16)
    found = Evidence({"x": x})
    for key, ask in {
        "y": lambda: names["line"](x),
        "half": lambda: names["half"](x),
        "total": lambda: names["total"](x),
    }.items():
        try:
            found.arrays[key] = np.asarray(ask())
        except Exception as error:
            found.errors[key] = f"{type(error).__name__} in {key}, line 2: {error}"
    return found


def mistake(key: str, module: str, old: str, new: str, *severities: Severity) -> Misconception:
    edits = (Edit(module, old, new),)
    return Misconception(f"line.{key}", "line", key.replace("_", " "), f"About {key}.", 10, severities, edits)


MISTAKES = (
    mistake("no_shift", "line", " + 5", "", Severity.OTHER_NUMBERS),
    mistake("steeper", "line", "3 * x", "4 * x", Severity.LEARNS_ELSE),
    mistake("mean", "parts", "x.sum()", "x.mean()", Severity.NOT_GENERAL),
    mistake("no_line", "line", "3 * x + 5", "7 * x - 1", Severity.OTHER_NUMBERS),
)
CRITERIA = (
    Criterion("runs", "It runs", 0, runs({"y": "y of x", "half": "the half"})),
    Criterion("line", "The line is right", 6, same("y", what="y", severity=Severity.LEARNS_ELSE)),
    Criterion("half", "Half of them", 3, same("half", what="the half", severity=Severity.NOT_GENERAL)),
    Criterion("total", "The total", 1, same("total", what="the total")),
    Criterion("quiet", "It prints nothing", 0, shows("printed", Severity.NONE, "it prints, which costs nothing")),
)


@dataclass
class Tries:
    """The question, and its evidence."""

    question: Question
    evidence: Callable[..., Any]


@pytest.fixture
def line() -> Question:
    return Question(
        "line",
        "A line",
        CRITERIA,
        borne_out=lambda case: any(
            key in case.actual.arrays
            and case.actual.arrays[key].shape == case.expected.arrays[key].shape
            and np.allclose(case.actual.arrays[key], case.expected.arrays[key])
            for key in ("half", "total", "y")
        ),
        variant=evidence,
        mistakes=lambda: MISTAKES,
        noted=re.compile(r"^x$|^printed$|\.left\d+$"),
    )
