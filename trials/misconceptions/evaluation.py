"""Measures the grader with known answers: `python -m trials misconceptions` (make misconceptions).

Every misconception and every right answer written differently goes through the judge and the student's check; every pair of a
question through the judge. Writes `benchmarks/misconceptions.json`, prints the table, ends with 1 if a number falls short.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from nbjudge.evidence import Evidence
from nbjudge.ground.atomic_files import write_whole
from nbjudge.judge.catalogue import Misconception
from nbjudge.judge.compare import Case
from nbjudge.judge.judge import judge_case
from nbjudge.judge.mistake_matching import known_fingerprint
from nbjudge.judge.verdict import Verdict
from ps8.checks import CheckFailed, check
from ps8.cuda import CudaOnCpu
from ps8.probes import Namespace
from ps8.runtime import one_thread

from autograder.catalogue import catalogue
from autograder.judge import reference
from autograder.paths import ROOT
from autograder.questions import QUESTIONS
from trials.misconceptions.rewriting import RightAnswer, right_answers, written_by_hand

OUT = ROOT / "benchmarks" / "misconceptions.json"
SEED = 2_026  # of the inputs
MORE_SEEDS = (7, 99, 12_345, 271_828, 31_415_926)  # with which points and names must be the same
PASSED = "passed"


@dataclass(frozen=True)
class MistakeResult:
    """A misconception before the judge and before the student's check.

    Attributes:
        id, question: of the misconception.
        points_to_lose, points_lost: what the catalogue says, and what the judge took.
        name_given: the mistakes that the judge named.
        other_seeds: inputs with which points or names came out otherwise.
        hint_given: the cause that the student's check found; `passed` if it found nothing wrong.
        hint_names_it: whether that cause is this mistake's.
    """

    id: str
    question: str
    points_to_lose: float
    points_lost: float
    name_given: str
    other_seeds: tuple[int, ...]
    hint_given: str
    hint_names_it: bool

    @property
    def named(self) -> bool:
        return self.name_given == self.id


@dataclass(frozen=True)
class EvaluationSummary:
    """The numbers that the project promises, each with its bound; see `short`."""

    variants: int
    losing_exactly: int
    named: float
    seeds: int
    differing_by_seed: tuple[str, ...]
    hinted: float
    passing_unlisted: tuple[str, ...]
    passing_listed: tuple[str, ...]
    pairs: int
    pairs_named: float
    pairs_hidden: int
    pairs_full_marks: tuple[str, ...]
    right_answers: int
    right_answers_by_hand: int
    right_answers_losing: tuple[str, ...]
    right_answers_refused: tuple[str, ...]

    def short(self) -> list[str]:
        """What falls short of its bound."""
        checks = {
            "at least 60 misconceptions": self.variants >= 60,
            "every one loses exactly its points": self.losing_exactly == self.variants,
            "95 % of the single mistakes are named": self.named >= 0.95,
            "points and names are the same for every seed": not self.differing_by_seed,
            "80 % of the pairs are named": self.pairs_named >= 0.80,
            "no pair gets full marks": not self.pairs_full_marks,
            "200 right answers": self.right_answers >= 200,
            "no right answer loses a point": not self.right_answers_losing,
            "the student's check refuses no right answer": not self.right_answers_refused,
            "70 % get a hint that names the cause": self.hinted >= 0.70,
            "none passes the student's check silently": not self.passing_unlisted,
        }
        return [what for what, holds in checks.items() if not holds]


def judged(question: str, evidence: Evidence, seed: int = SEED) -> Verdict:
    return judge_case(QUESTIONS[question], Case(evidence, reference.evidence(question, seed), seed))


def judged_variant(mistake: Misconception, seed: int) -> tuple[float, str]:
    """The points that a variant loses, and the names that it is given."""
    verdict = judged(mistake.question, reference.fresh_evidence(mistake.question, seed, mistake.edits), seed)
    return round(verdict.points - verdict.score, 2), " + ".join(verdict.mistakes)


def measure_single(mistake: Misconception, hint: Callable[[Misconception], str]) -> MistakeResult:
    lost, name = judged_variant(mistake, SEED)
    others = tuple(seed for seed in MORE_SEEDS if judged_variant(mistake, seed) != (lost, name))
    cause = hint(mistake)
    return MistakeResult(mistake.id, mistake.question, mistake.costs, lost, name, others, cause, cause in mistake.hints)


def hint_of(mistake: Misconception) -> str:
    """The cause that the student's check gives for the mistake."""
    return checked(mistake.question, reference.namespace(*mistake.edits))


def checked(question: str, answers: Namespace) -> str:
    """What the student's check says of an answer: a cause, or `PASSED`."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            check(question, namespace=answers)
    except CheckFailed as failed:
        return failed.finding.cause
    except Exception as error:  # a check that breaks is a finding of its own
        return f"broke: {type(error).__name__}"
    return PASSED


def measure_pairs() -> dict[str, dict[str, Any]]:
    """Every pair within a question that does not touch the same text: what the judge named, and how that is to be taken."""
    results = {}
    for question in QUESTIONS:
        known = [m for m in catalogue() if m.question == question]
        for one, two in combinations(known, 2):
            try:
                evidence = reference.fresh_evidence(question, SEED, one.edits + two.edits)
            except (reference.BadEdit, SyntaxError):
                continue
            verdict = judged(question, evidence)
            results[f"{one.id} + {two.id}"] = {
                "outcome": _outcome(one, two, verdict),
                "name_given": " + ".join(verdict.mistakes),
                "points_lost": round(verdict.points - verdict.score, 2),
            }
    return results


def _outcome(one: Misconception, two: Misconception, verdict: Verdict) -> str:
    """Whether a pair was named right.

    `both`: both were named. `hidden`: one alone gives the same evidence, the other does not show, and that one was named.
    `cancel`: together they compute what is asked for. `other`: others with the same evidence were named. `none`: none was.
    """
    named = set(verdict.mistakes)
    if verdict.score == verdict.points:
        return "cancel" if _like_reference(one, two) else "full marks"
    if named == {one.id, two.id}:
        return "both"
    if len(named) == 1 and named < {one.id, two.id}:
        return "hidden"
    return "other" if named else "none"


def _like_reference(one: Misconception, two: Misconception) -> bool:
    asked = QUESTIONS[one.question]
    pair, right = (known_fingerprint(asked, SEED, mistakes) for mistakes in ((one, two), ()))
    return pair is not None and right is not None and not pair.differs(right)


def measure_right(answer: RightAnswer, seed: int = SEED) -> Verdict:
    device = CudaOnCpu() if answer.asks_for_gpu else contextlib.nullcontext()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), device:
        evidence = reference.probed(answer.question, answer.namespace(), seed)
    return judged(answer.question, evidence, seed)


def refused(answer: RightAnswer) -> bool:
    """Whether the student's check finds something off; it may, if the answer asks for a GPU that is not there."""
    return not answer.asks_for_gpu and checked(answer.question, answer.namespace()) != PASSED


def measure() -> tuple[EvaluationSummary, dict[str, Any]]:
    """All of it. Minutes on one core."""
    singles = [measure_single(m, hint_of) for m in catalogue()]
    pairs = measure_pairs()
    answers = right_answers()
    right = {answer.id: measure_right(answer) for answer in answers}
    unseen = {m.id: m.unseen for m in catalogue() if m.unseen}
    passing = [s.id for s in singles if s.hint_given == PASSED]
    outcomes = Counter(pair["outcome"] for pair in pairs.values())
    counted = sum(outcomes.values()) - outcomes["cancel"]
    summary = EvaluationSummary(
        variants=len(singles),
        losing_exactly=sum(s.points_lost == s.points_to_lose for s in singles),
        named=round(sum(s.named for s in singles) / len(singles), 4),
        seeds=1 + len(MORE_SEEDS),
        differing_by_seed=tuple(s.id for s in singles if s.other_seeds),
        hinted=round(sum(s.hint_names_it for s in singles) / len(singles), 4),
        passing_unlisted=tuple(name for name in passing if name not in unseen),
        passing_listed=tuple(name for name in passing if name in unseen),
        pairs=counted,
        pairs_named=round((outcomes["both"] + outcomes["hidden"]) / counted, 4),
        pairs_hidden=outcomes["hidden"],
        pairs_full_marks=tuple(name for name, pair in pairs.items() if pair["outcome"] == "full marks"),
        right_answers=len(right),
        right_answers_by_hand=sum(len(written_by_hand(question)) for question in QUESTIONS),
        right_answers_losing=tuple(name for name, verdict in right.items() if verdict.score < verdict.points),
        right_answers_refused=tuple(answer.id for answer in answers if refused(answer)),
    )
    report = {
        "summary": asdict(summary),
        "pair_outcomes": dict(sorted(outcomes.items())),
        "pairs_not_named": {name: pair for name, pair in pairs.items() if pair["outcome"] in ("other", "none", "full marks")},
        "cannot_be_seen_in_public": unseen,
        "variants": [asdict(single) for single in singles],
    }
    return summary, report


def small(report: dict[str, Any]) -> dict[str, Any]:
    """What is kept of the report: the numbers, and those variants that are off."""
    off = [
        single
        for single in report["variants"]
        if single["points_lost"] != single["points_to_lose"] or single["name_given"] != single["id"] or single["other_seeds"]
    ]
    kept = {key: report[key] for key in ("summary", "pair_outcomes", "cannot_be_seen_in_public")}
    return {**kept, "variants_that_are_off": off}


def table(summary: EvaluationSummary, report: dict[str, Any]) -> str:
    """The report for a terminal."""
    lines = [f"{'misconception':48}{'to lose':>8}{'lost':>6}  named  hint"]
    for single in report["variants"]:
        named = "yes" if single["name_given"] == single["id"] else single["name_given"] or "no"
        mark = "" if single["hint_names_it"] else "  (another)" if single["hint_given"] != PASSED else ""
        lost = f"{single['points_to_lose']:>8g}{single['points_lost']:>6g}"
        lines.append(f"{single['id']:48}{lost}  {named:5}  {single['hint_given']}{mark}")
    lines += [
        "",
        f"{summary.losing_exactly} of {summary.variants} misconceptions lose exactly their points, "
        f"{summary.named:.1%} are named right; with {summary.seeds} seeds {len(summary.differing_by_seed)} come out otherwise.",
        f"{summary.hinted:.1%} get a hint in the student's check that names the cause; "
        f"{len(summary.passing_listed)} pass it for a listed reason, {len(summary.passing_unlisted)} for none.",
        f"{summary.pairs_named:.1%} of {summary.pairs} pairs are named right "
        f"({summary.pairs_hidden} of them where one mistake hides the other).",
        f"{len(summary.right_answers_losing)} of {summary.right_answers} right answers written differently "
        f"({summary.right_answers_by_hand} by hand) lose a point; the student's check refuses "
        f"{len(summary.right_answers_refused)} of them.",
        *(f"falls short: {what}" for what in summary.short()),
    ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Measures, writes the JSON, prints the table; 1 if a number falls short."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=OUT, help="where the JSON goes")
    out = parser.parse_args(arguments).out
    os.environ["PS8_PROFILE"] = "grade"
    with one_thread():
        summary, report = measure()
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, json.dumps(small(report), indent=1) + "\n")
    print(table(summary, report))
    return 1 if summary.short() else 0
