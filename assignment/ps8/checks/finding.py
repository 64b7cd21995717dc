"""What a check says: a finding, and the two exceptions that show it without a foreign stack frame."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from ps8.checks.hints import TEXTS, TITLES
from ps8.shown import Shown

WIDTH = 80  # of the text, in characters: fits beside the file browser of Colab and of JupyterLab on a laptop


@dataclass(frozen=True)
class Finding:
    """The first thing that is off in an answer.

    Attributes:
        question: its grade id, such as `cmc_score`.
        cause: id of the likely cause in `ps8.checks.hints`, such as `cmc_score.temperature_forgotten`.
        expected: what the text asks for, in words and numbers.
        actual: what the answer gave or raised.
        likely: the likely cause in a sentence.
        where: the student's own line, if it raised; else empty.
    """

    question: str
    cause: str
    expected: str
    actual: str
    likely: str
    where: str = ""

    @property
    def read(self) -> str:
        """The section to read; the last hint says which part of it."""
        return TEXTS[self.question].section

    def text(self) -> str:
        """The message, in plain text: no colours, so that it reads on a dark page, a light one and a terminal."""
        parts = {"expected": self.expected, "actual": self.actual, "in": self.where, "likely": self.likely, "read": self.read}
        lines = [f"{TITLES[self.question]} is not right yet.", ""]
        for name, value in parts.items():
            if value:
                lines += _labelled(name, value)
        return "\n".join([*lines, "", f'For a hint: ps8.hint("{self.question}")'])


def wrapped(text: str, indent: str = "") -> str:
    """The text in lines of `WIDTH` characters, so that no browser breaks it within a word."""
    return textwrap.fill(text, WIDTH, subsequent_indent=indent, break_long_words=False)


def _labelled(label: str, text: str) -> list[str]:
    """A label, and the text wrapped beside it; its own line breaks stay."""
    indent = " " * 12
    wrapped = [
        line
        for paragraph in text.splitlines()
        for line in textwrap.wrap(paragraph, WIDTH - len(indent), break_long_words=False) or [""]
    ]
    first, *rest = [indent + line for line in wrapped]
    return [f"  {label:<10}{first[len(indent) :]}", *rest]


class CheckFailed(Shown, AssertionError):
    """An answer that is not right yet. `finding` says what was expected, what came, and the likely cause."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text())
        self.finding = finding


class NotStarted(Shown, NotImplementedError):
    """An answer that comes to the stub's `raise`: it is not written yet, or the line was left beside what is written.

    Args:
        question: its grade id.
        what: the part that has it, such as `Encoder.forward`; empty for all of it.
    """

    def __init__(self, question: str, what: str = "") -> None:
        super().__init__(
            wrapped(
                f"{TITLES[question]} is not finished: {f'`{what}`' if what else 'it'} still comes to the line "
                "`raise NotImplementedError`. Put your code in its place; if your code is there already, only delete "
                "the line. Run that cell, then this one."
            )
        )
        self.question = question
