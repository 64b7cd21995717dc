"""Mistakes together: known ones in twos and threes, and a known one with a mutant, against each of them alone.

An answer with one mistake more is never better: its score is at most the lesser of those of its parts. Where one part hides
another, or undoes it, the numbers are those of fewer parts, and so is the score.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from nbjudge.judge.catalogue import Misconception
from nbjudge.judge.fingerprint import Fingerprint, fingerprint
from nbjudge.judge.severity import Severity

from autograder.catalogue import catalogue
from autograder.judge import reference
from autograder.questions import QUESTIONS
from trials.misconceptions.rewriting import ANSWERS, RightAnswer, cell_of
from trials.mutants.mutate import Mutant, mutants
from trials.mutants.trial import Trial, try_answer

KINDS = ("two known", "three known", "known and mutant")


@dataclass(frozen=True)
class Combination:
    """Mistakes in one answer.

    Attributes:
        question: which it answers.
        kind: one of `KINDS`.
        known: the known mistakes in it.
        mutant: what else is changed, alone; None if nothing is.
        text: the answer with all of it.
    """

    question: str
    kind: str
    known: tuple[Misconception, ...]
    mutant: Mutant | None
    text: str

    @property
    def what(self) -> str:
        return " + ".join([*(m.id for m in self.known), *([self.mutant.what] if self.mutant else [])])

    def parts(self) -> list[RightAnswer]:
        """The answers with one of the mistakes each."""
        alone = [known_answer(self.question, (m,)) for m in self.known]
        return [answer for answer in alone if answer is not None] + ([self.mutant.answer] if self.mutant else [])


def known_answer(question: str, mistakes: tuple[Misconception, ...]) -> RightAnswer | None:
    """The reference's answer with these mistakes in it; None if they do not fit together."""
    text = _edited(question, mistakes)
    name = " + ".join(m.id for m in mistakes)
    return None if text is None else RightAnswer(name, question, cell_of(question, text))


def _edited(question: str, mistakes: tuple[Misconception, ...]) -> str | None:
    module = ANSWERS[question][0]
    edits = tuple(edit for m in mistakes for edit in m.edits)
    if any(edit.module != module for edit in edits):
        return None
    try:
        text = reference.edited(module, edits)
        compile(text, "<edited>", "exec")
    except (reference.BadEdit, SyntaxError):
        return None
    return text


def combinations_of(question: str, count: int, seed: int = 0) -> list[Combination]:
    """A sample of a question's combinations, at most `count` of each kind; the same each time.

    Args:
        question: which.
        count: of each kind.
        seed: of the sample.
    """
    known = [m for m in catalogue() if m.question == question]
    luck = random.Random(f"{question} {seed}")
    found = []
    for kind, size in zip(KINDS, (2, 3), strict=False):
        several = list(combinations(known, size))
        luck.shuffle(several)
        fitting = ((some, known_answer(question, some)) for some in several)
        found += [Combination(question, kind, some, None, a.text) for some, a in _first(fitting, count)]
    return found + _with_mutants(question, known, count, luck)


def _first(pairs: Iterator[tuple[tuple[Misconception, ...], RightAnswer | None]], count: int) -> Iterator:
    for some, answer in pairs:
        if count and answer is not None:
            count -= 1
            yield some, answer
        elif not count:
            return


def _with_mutants(question: str, known: list[Misconception], count: int, luck: random.Random) -> list[Combination]:
    alone, found = {mutant.what: mutant for mutant in mutants(question)}, []
    for mistake in luck.choices(known, k=count):
        text = _edited(question, (mistake,))
        fitting = [m for m in mutants(question, text) if m.what in alone] if text else []
        if fitting:
            mutant = luck.choice(fitting)
            found.append(Combination(question, KINDS[2], (mistake,), alone[mutant.what], mutant.text))
    return found


@dataclass(frozen=True)
class Together:
    """What became of a combination.

    Attributes:
        kind, what: of it.
        above: whether its score is above that of one of its parts, though the numbers show all of them.
        full: whether it keeps full marks, though its numbers are not those of a right answer.
        other: the known mistakes that are named, and are neither in it nor what its parts are called alone. They explain the
            same numbers.
        named: whether any is.
    """

    kind: str
    what: str
    above: bool
    full: bool
    other: tuple[str, ...]
    named: bool


def together(combination: Combination, seed: int) -> Together:
    """Tries a combination and its parts."""
    trial = try_answer(RightAnswer(combination.what, combination.question, combination.text), seed)
    parts = [_alone(answer, seed) for answer in combination.parts()]
    lesser = min(part.verdict.score for part in parts)
    looks = _looks(combination.question, trial, seed)
    # Numbers that are those of fewer parts: something is hidden, or undone.
    hidden = looks is None or any(look is not None and not looks.differs(look) for look in _fewer(combination, parts, seed))
    may = {m.id for m in combination.known} | {name for part in parts for name in part.verdict.mistakes}
    other = tuple(name for name in trial.verdict.mistakes if name not in may)
    right = fingerprint(QUESTIONS[combination.question], reference.evidence(combination.question, seed), seed)
    undone = looks is not None and not looks.differs(right)
    above = trial.verdict.score > lesser + 1e-9 and not hidden and not undone
    full, named = trial.full and not undone, bool(trial.verdict.mistakes)
    return Together(combination.kind, combination.what, above, full, other, named)


def _fewer(combination: Combination, parts: list[Trial], seed: int) -> list[Fingerprint | None]:
    """The looks of answers with some of the mistakes only."""
    looks = [_looks(combination.question, part, seed) for part in parts]
    pairs = combinations(combination.known, 2) if len(combination.known) > 2 else ()
    answers = [known_answer(combination.question, pair) for pair in pairs]
    return looks + [_looks(combination.question, _alone(a, seed), seed) for a in answers if a is not None]


@functools.lru_cache(maxsize=1_000)
def _alone(answer: RightAnswer, seed: int) -> Trial:
    return try_answer(answer, seed)


def _looks(question: str, trial: Trial, seed: int) -> Fingerprint | None:
    return None if trial.evidence is None else fingerprint(QUESTIONS[question], trial.evidence, seed)


def includes(worse: dict[str, Severity], better: dict[str, Severity]) -> bool:
    """Whether an answer is worse than another in every respect: each deviation of the other is in it, as grave or graver."""
    return all(worse.get(name, Severity.NONE) >= severity for name, severity in better.items())
