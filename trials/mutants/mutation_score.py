"""Mutants of every answer before the judge: `python -m trials mutants`, into `benchmarks/mutants.json`.

Prints and writes how many keep full marks, how much the others lose by their gravest deviation, and how many lose everything.
Ends with 1 if one keeps full marks that is not listed as right in `equivalent_mutants.toml`.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbjudge.ground.atomic_files import write_whole
from nbjudge.judge.severity import Severity

from autograder.paths import ROOT
from autograder.questions import QUESTIONS
from trials.answer_folders import one_thread
from trials.mutants.combined import KINDS, combinations_of, together
from trials.mutants.equivalent import equivalent
from trials.mutants.mutate import Mutant, mutants
from trials.mutants.trial import try_answer

OUT = ROOT / "benchmarks" / "mutants.json"
SEED = 20_261
TOGETHER = 12  # combinations of each kind that are tried, of each question


@dataclass(frozen=True)
class MutantResult:
    """A mutant, and what became of it.

    Attributes:
        question, kind, what: of the mutant.
        lost, points: what the judge took, of how many.
        worst: the gravest deviation in words; `full marks` if it lost nothing.
        deviations: the criteria that are not met.
        names: the known mistakes that were named.
    """

    question: str
    kind: str
    what: str
    lost: float
    points: float
    worst: str
    deviations: tuple[str, ...]
    names: tuple[str, ...]


FULL = "full marks"


def row(mutant: Mutant, seed: int = SEED) -> MutantResult:
    trial = try_answer(mutant.answer, seed)
    verdict = trial.verdict
    about = (mutant.question, mutant.kind, mutant.what, round(verdict.points - verdict.score, 2), verdict.points)
    worst = FULL if trial.full else trial.worst.words
    return MutantResult(*about, worst, tuple(trial.deviations), verdict.mistakes)


def rows(questions: Iterable[str], workers: int, seed: int = SEED) -> list[MutantResult]:
    """Every mutant of these questions, tried."""
    found = [mutant for question in questions for mutant in mutants(question)]
    with ProcessPoolExecutor(workers, initializer=one_thread) as pool:
        return list(pool.map(row, found, [seed] * len(found), chunksize=8))


def survivors(tried: Iterable[MutantResult]) -> dict[str, list[str]]:
    """Those with full marks that are not listed as right, by question."""
    known, found = equivalent(), dict[str, list[str]]()
    for one in tried:
        if one.worst == FULL and one.what not in known.get(one.question, {}):
            found.setdefault(one.question, []).append(one.what)
    return found


def table(tried: list[MutantResult]) -> dict[str, dict[str, int]]:
    """For each question how many mutants there are, and how many lose what."""
    kinds = [FULL, *(s.words for s in Severity if s)]
    found = {}
    for question in dict.fromkeys(one.question for one in tried):
        counts = Counter(one.worst for one in tried if one.question == question)
        found[question] = {"mutants": sum(counts.values()), **{kind: counts[kind] for kind in kinds}}
    return found


def report(tried: list[MutantResult]) -> dict[str, Any]:
    counts = table(tried)
    total = Counter[str]()
    for of_question in counts.values():
        total.update(of_question)
    wrong = total["mutants"] - total[FULL]
    return {
        "seed": SEED,
        "total": dict(total),
        "lose_everything": round(total[Severity.NOTHING_RIGHT.words] / max(wrong, 1), 4),
        "questions": counts,
        "full_marks_and_not_listed": survivors(tried),
    }


def combined(questions: Iterable[str], workers: int, seed: int = SEED) -> dict[str, Any]:
    """What became of mistakes together: see `trials.mutants.combined`."""
    found = [one for question in questions for one in combinations_of(question, TOGETHER)]
    with ProcessPoolExecutor(workers, initializer=one_thread) as pool:
        tried = list(pool.map(together, found, [seed] * len(found), chunksize=TOGETHER))
    kinds = {kind: [one for one in tried if one.kind == kind] for kind in KINDS}
    return {
        "counts": {
            kind: {
                "tried": len(those),
                "named": sum(one.named for one in those),
                "named_otherwise_with_the_same_numbers": sum(bool(one.other) for one in those),
            }
            for kind, those in kinds.items()
        },
        "above_one_of_its_parts": [one.what for one in tried if one.above],
        "full_marks": [one.what for one in tried if one.full],
    }


def text(found: dict[str, Any]) -> str:
    """The report for a terminal."""
    columns = list(next(iter(found["questions"].values())))
    lines = [f"{'':18}" + "".join(f"{c:>24}" for c in columns)]
    for question, counts in (*found["questions"].items(), ("all", found["total"])):
        lines.append(f"{question:18}" + "".join(f"{counts[c]:>24}" for c in columns))
    lines.append(f"{found['lose_everything']:.1%} of those that lose something lose everything.")
    for question, those in found["full_marks_and_not_listed"].items():
        lines += [f"full marks, and not listed as right: {question}: {what}" for what in those]
    for kind, counts in found["together"]["counts"].items():
        lines.append(f"{kind}: " + ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in counts.items()))
    lines += [f"scores above one of its parts: {what}" for what in found["together"]["above_one_of_its_parts"]]
    lines += [f"full marks: {what}" for what in found["together"]["full_marks"]]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Measures, writes, prints; 1 if a mutant keeps full marks that is not listed as right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--question", choices=list(QUESTIONS), help="only this one's; nothing is written")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=OUT, help="where the JSON goes")
    parser.add_argument("--rows", type=Path, help="also write what became of each mutant into this file")
    asked = parser.parse_args(arguments)
    os.environ["PS8_PROFILE"] = "grade"
    questions = [asked.question] if asked.question else list(QUESTIONS)
    tried = rows(questions, asked.workers, asked.seed)
    found = report(tried) | {"together": combined(questions, asked.workers, asked.seed)}
    if not asked.question:
        write_whole(asked.out, json.dumps(found, indent=1) + "\n")
    if asked.rows:
        asked.rows.write_text("".join(json.dumps(vars(one)) + "\n" for one in tried))
    print(text(found))
    return int(bool(found["full_marks_and_not_listed"] or found["together"]["full_marks"]))
