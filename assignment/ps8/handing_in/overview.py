"""`ps8.status`: what is done, checked, trained, measured and missing, and what comes next."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ps8.checks.hints import TEXTS
from ps8.probes import Namespace
from ps8.questions import READ
from ps8.runtime import is_grading, profile
from ps8.settings import Settings, settings
from ps8.trainings import run_name
from ps8.trainings.checkpoints import found, root

from .answers import CheckedAnswer, State, look_at, questions
from .parts import RESULTS, ROWS, TRAININGS, WEIGHTS, length

WIDTH = 26


def status(namespace: Namespace | None = None) -> None:
    """Prints a table of what is done, checked, trained, measured and missing, and the next step.

    Args:
        namespace: where the answers are defined; by default the caller's globals. Left as it was.
    """
    if is_grading():
        return
    if namespace is None:
        namespace = sys._getframe(1).f_globals
    results = _results(namespace)
    answers = [look_at(question, namespace) for question in questions(namespace)]
    print(_title(results))
    for heading, rows in (
        ("answers", {answer.title: answer.state.value for answer in answers}),
        ("trainings", {f"{part.section} {part.title}": trained(name, results) for name, part in TRAININGS.items()}),
        ("measured", {f"{section} {title}": _measured(row, results) for row, (title, section) in ROWS.items()}),
        ("to hand in", dict(_files())),
    ):
        print(f"\n{heading}")
        for name, told in rows.items():
            print(f"  {name:{WIDTH}}{told}")
    print(f"\nNext: {next_step(answers, results, namespace)}")


def trained(name: str, results: Mapping[str, Any]) -> str:
    """How far a training has come, in words."""
    part = TRAININGS[name]
    wanted = getattr(_settings(results), part.setting)
    done = length(results.get(part.history))
    kept = max((head.epochs for head in found(root() / run_name(results), name)), default=0) if results else 0
    if done >= wanted:
        return f"{done} of {wanted} epochs"
    if kept > done:
        return f"{kept} of {wanted} epochs in {root()}: run its cell and it goes on"
    return f"interrupted after {done} of {wanted} epochs: run its cell again and it goes on" if done else "not yet"


def next_step(answers: list[CheckedAnswer], results: Mapping[str, Any], namespace: Namespace) -> str:
    """What to do first, in the order of the lesson."""
    code = [answer for answer in answers if answer.question not in READ]
    data = [answer for answer in answers if answer.question in READ]
    for steps in (_open_answers(code), _open_runs(results, namespace), _open_answers(data)):
        if first := next(steps, None):
            return first
    missing = [name for name, told in _files() if told == "missing"]
    if missing:
        return f"run the cells that write {', '.join(missing)} again."
    if results.get("profile") != "full":
        return "run all with the profile full: the report asks for it. The first cell of the notebook sets it."
    return "write the report, save the notebook, and call ps8.submit()."


def _open_answers(answers: list[CheckedAnswer]) -> Iterator[str]:
    if len(answers) > 1 and all(answer.state is State.ABSENT for answer in answers):
        yield "run the cells of the notebook from the top: none of your answers is known in this session yet."
    for answer in answers:
        where = TEXTS[answer.question].section
        if answer.state is State.EMPTY:
            yield f"write {answer.title.split(' ', 1)[-1]}, {where}."
        elif answer.state is State.FAILS:
            yield f'find what is off in {answer.title}: run ps8.check("{answer.question}"), then ps8.hint("{answer.question}").'
        elif answer.state is State.ABSENT:
            yield f"run the cell with your answer to {answer.title}, {where}."


def _open_runs(results: Mapping[str, Any], namespace: Namespace) -> Iterator[str]:
    bets = namespace.get("my_bet")
    if isinstance(bets, dict) and not any(bet is not None for bet in bets.values()) and not results.get("accuracy"):
        yield "write down your bets, at the end of section 0."
    for part in TRAININGS.values():
        if length(results.get(part.history)) < getattr(_settings(results), part.setting):
            yield f"train the {part.title}, section {part.section}."
    for row, (title, section) in ROWS.items():
        if row not in results.get("accuracy", {}):
            yield f"measure {title}, section {section}."


def _results(namespace: Namespace) -> Mapping[str, Any]:
    """The numbers of this run: the session's, else those of the file."""
    known = namespace.get("results")
    if isinstance(known, dict) and "accuracy" in known:
        return known
    try:
        read = json.loads(Path(RESULTS).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _settings(results: Mapping[str, Any]) -> Settings:
    named = results.get("profile")
    return settings(named if named in ("full", "quick") else profile())


def _title(results: Mapping[str, Any]) -> str:
    if not results:
        return f"PS8, profile {profile()}, nothing trained or measured yet"
    data, named, seed = (results.get(key, "unknown") for key in ("data", "profile", "seed"))
    return f"PS8, {data}, profile {named}, seed {seed}"


def _measured(row: str, results: Mapping[str, Any]) -> str:
    plain, fair = (results.get(table, {}).get(row) for table in ("accuracy", "standardised"))
    if not isinstance(plain, (int, float)):
        return "not yet"
    return f"{plain:.3f}" + (f", standardised {fair:.3f}" if isinstance(fair, (int, float)) else "")


def _files() -> Iterator[tuple[str, str]]:
    for name in (RESULTS, *(f"{name}.pth" for name in WEIGHTS)):
        path = Path(name)
        yield name, f"{path.stat().st_size / 1024:.0f} kB" if path.is_file() else "missing"
