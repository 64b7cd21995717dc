"""The catalogue of known wrong answers: each a small change to the reference, with its name and its explanation."""

from __future__ import annotations

import functools
from pathlib import Path

from nbjudge.judge.catalogue import Misconception, read_catalogue

FOLDER = Path(__file__).resolve().parent / "questions"
FILE = "mistakes.toml"  # in the folder of a question


@functools.cache
def catalogue(folder: Path = FOLDER) -> tuple[Misconception, ...]:
    """Every misconception, by question and then in the file's order.

    Raises:
        ValueError: naming file and entry, if an entry lacks something.
    """
    from autograder.questions import QUESTIONS

    files = [(path.parent.name, path) for path in sorted(folder.glob(f"*/{FILE}"))]
    return read_catalogue(files, {name: question.points for name, question in QUESTIONS.items()})


def known_of(question: str) -> tuple[Misconception, ...]:
    """Those of one question."""
    return tuple(known for known in catalogue() if known.question == question)
