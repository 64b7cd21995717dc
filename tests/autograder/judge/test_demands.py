"""What is demanded in words is measured, and nothing else: text, criteria and known mistakes against each other."""

from __future__ import annotations

import re
import sys

import pytest
from nbjudge.judge.catalogue import Misconception
from nbjudge.judge.compare import Case, cleaned
from nbjudge.judge.judge import deviations

from autograder.catalogue import catalogue
from autograder.judge import reference
from autograder.paths import ROOT
from autograder.questions import FOLDER, QUESTIONS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SEED = 97_531
MISTAKES: dict[str, dict[str, dict[str, str]]] = {
    name: tomllib.loads((FOLDER / name / "mistakes.toml").read_text(encoding="utf-8")) for name in QUESTIONS
}
# Question -> criterion -> what is asked for, in the text's words, and a known mistake that does not do it.
DEMANDS = {
    question: {entry["breaks"]: (entry["asks"], name) for name, entry in entries.items() if "breaks" in entry}
    for question, entries in MISTAKES.items()
}
KNOWN: dict[str, Misconception] = {m.id: m for m in catalogue()}
ALL = [(question, criterion) for question, demands in DEMANDS.items() for criterion in demands]


def plain(text: str) -> str:
    """A text without comment signs and line breaks."""
    return " ".join(re.sub(r"^\s*#( |$)", " ", text, flags=re.MULTILINE).split())


@pytest.fixture(scope="module")
def told() -> str:
    """All that students are told: the lesson, and the docstrings and comments around the stubs."""
    files = [*(ROOT / "assignment" / "lesson").glob("*.md"), *(ROOT / "solution").glob("*.py")]
    return " ".join(plain(path.read_text(encoding="utf-8")) for path in sorted(files))


@pytest.mark.parametrize(("question", "criterion"), ALL)
def test_what_is_demanded_stands_in_the_text(question: str, criterion: str, told: str) -> None:
    assert plain(DEMANDS[question][criterion][0]) in told


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_demand_is_said_once(question: str) -> None:
    breaks = [entry["breaks"] for entry in MISTAKES[question].values() if "breaks" in entry]
    assert len(breaks) == len(set(breaks))


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_criterion_measures_a_demand_and_every_demand_has_a_criterion(question: str) -> None:
    measured = {criterion.id for criterion in QUESTIONS[question].criteria} - {"runs"}  # whoever asks, asks that it runs
    assert set(DEMANDS[question]) == measured


@pytest.mark.parametrize(("question", "criterion"), ALL)
def test_a_known_mistake_breaks_the_demand_and_loses_by_its_criterion(question: str, criterion: str) -> None:
    mistake = KNOWN[f"{question}.{DEMANDS[question][criterion][1]}"]
    evidence = cleaned(reference.fresh_evidence(question, SEED, mistake.edits))
    found = dict(deviations(QUESTIONS[question], Case(evidence, reference.evidence(question, SEED), SEED)))
    assert criterion in found, found
