"""What is asked: a change, a question about it, and what an answer may be. Which answer is right follows from running it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ps8.checks.finding import WIDTH, wrapped
from ps8.probes import Namespace
from ps8.probes.tools import Numbers

LETTERS = "ABCDEF"
WITHIN = 0.02  # of a number: what an answer may be off, so that nobody needs a third digit


@dataclass(frozen=True)
class Ran:
    """What came of running a change.

    Attributes:
        key: the effect, as `Statement.options` names them, or a number.
        shown: what was measured, in a student's words.
    """

    key: str | float
    shown: str = ""


Run = Callable[..., Ran]  # (namespace, numbers, **drawn values): makes the change and looks what comes


@dataclass(frozen=True)
class Statement:
    """A change and what is asked of it, without the answer.

    Attributes:
        question: whose code is changed.
        name: of the item, unique within its question.
        change: what is changed, in a student's words; {value} stands for a drawn one.
        ask: what is to be foretold.
        options: effect -> its text; none where a number is asked.
        draws: value -> what it is drawn from.
    """

    question: str
    name: str
    change: str
    ask: str
    options: Mapping[str, str] = field(default_factory=dict)
    draws: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.question}.{self.name}"

    def posed(self, seed: int) -> Posed:
        """The statement with values and an order of its options that follow from a seed."""
        values = {name: choices[drawn(seed, f"{self.id} {name}") % len(choices)] for name, choices in self.draws.items()}
        effects = sorted(self.options, key=lambda effect: drawn(seed, f"{self.id} order {effect}"))
        return Posed(self, values, dict(zip(LETTERS, effects, strict=False)))


def drawn(seed: int, what: str) -> int:
    """A number that follows from a seed and a name, on every machine and with every NumPy: kit and grader must agree on it."""
    return int.from_bytes(hashlib.blake2b(f"{seed} {what}".encode(), digest_size=8).digest(), "big")


@dataclass(frozen=True)
class Posed:
    """A statement as one student gets it.

    Attributes:
        statement: what is asked.
        values: what was drawn for it.
        letters: letter -> the effect that it stands for; empty where a number is asked.
    """

    statement: Statement
    values: Mapping[str, Any]
    letters: Mapping[str, str]

    def text(self) -> str:
        """The change, the question, and the options or what kind of number is asked for."""
        lines = [wrapped(f"Suppose: {self._filled(self.statement.change)}", indent="  ")]
        lines.append(wrapped(self._filled(self.statement.ask), indent="  "))
        lines += [wrapped(f"  {letter}  {self._option(effect)}", indent=" " * 5) for letter, effect in self.letters.items()]
        if not self.letters:
            lines.append(f"  (a number, to within {WITHIN:.0%})")
        return "\n".join(lines)

    def read(self, answer: str | float) -> str | float:
        """An answer as `right` takes it: a letter, or a number.

        Raises:
            ValueError: if it is none that was asked for.
        """
        typed = str(answer).strip()
        if self.letters:
            if typed.upper() not in self.letters:
                raise ValueError(f"the answer is one of {', '.join(self.letters)}, it cannot be {typed[:40]!r}")
            return typed.upper()
        try:
            number = float(typed.replace(",", "."))
        except ValueError:
            number = math.nan
        if isinstance(answer, bool) or not math.isfinite(number):
            raise ValueError(f"the answer is a number, such as 0.25; it cannot be {typed[:40]!r}")
        return number

    def right(self, answer: str | float, key: str | float) -> bool:
        """Whether an answer, as `read` gave it, is what came when the change was run."""
        if isinstance(answer, str) or isinstance(key, str):
            return self.letters.get(str(answer)) == key
        return agree(answer, key)

    def told(self, key: str | float) -> str:
        """The right answer in words: its letter and text, or the number."""
        if isinstance(key, str):
            letter = next(letter for letter, effect in self.letters.items() if effect == key)
            return f"{letter}, {self._option(key)}"
        return f"{key:.4g}"

    def possible(self, key: str | float) -> bool:
        """Whether what came is one of the options, or the finite number that was asked for."""
        if isinstance(key, str):
            return key in self.letters.values()
        return not self.letters and math.isfinite(key)

    def _option(self, effect: str) -> str:
        return self._filled(self.statement.options[effect])

    def _filled(self, text: str) -> str:
        return text.format(**self.values)


@dataclass(frozen=True)
class PracticeItem:
    """A statement with the change itself, and why what comes comes."""

    statement: Statement
    run: Run
    why: str


def agree(one: float, other: float) -> bool:
    """Whether two numbers are the same, as far as is asked for."""
    return math.isclose(one, other, rel_tol=WITHIN, abs_tol=1e-6)


def same_key(one: str | float, other: str | float) -> bool:
    """Whether two keys are the same effect, or numbers that agree."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return agree(one, other)


def key_of(posed: Posed, run: Run, namespace: Namespace, seeds: tuple[int, ...]) -> Ran | None:
    """What comes of a change, if it is the same on several inputs and among what can be answered; None otherwise.

    Args:
        posed: what is asked.
        run: makes the change.
        namespace: holds the answer that is changed.
        seeds: of the inputs.
    """
    found: list[Ran] = []
    for seed in seeds:
        try:
            found.append(run(namespace, Numbers(seed), **posed.values))
        except Exception:  # an answer that this change breaks is asked something else
            return None
    first = found[0]
    for ran in found:
        same = (
            ran.key == first.key if isinstance(first.key, str) else not isinstance(ran.key, str) and agree(ran.key, first.key)
        )
        if not same or not posed.possible(ran.key):
            return None
    return first


__all__ = ["LETTERS", "WIDTH", "Posed", "PracticeItem", "Ran", "Run", "Statement", "agree", "key_of", "same_key"]
