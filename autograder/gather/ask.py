"""What a hand-in is asked: the inputs of each question's probe, and the name under which the evidence is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.utils import is_grade

from autograder import grading
from autograder.gather.cache import key
from autograder.judge.judge import Judge
from autograder.judge.questions import QUESTIONS


@dataclass(frozen=True)
class Ask:
    """One notebook's challenge.

    Attributes:
        hand_in: a digest of what the notebook does; decides the inputs.
        seeds: question -> what the inputs of its probe follow from, for each question with a test cell here.
        key: the evidence's name in the cache.
    """

    hand_in: bytes
    seeds: dict[str, int]
    key: str


def ask(nb: NotebookNode, judge: Judge) -> Ask:
    """What this notebook is asked by this judge."""
    hand_in = content_key(nb)
    here = {cell.metadata.nbgrader.grade_id for cell in nb.cells if is_test(cell)}
    seeds = {question: seed for question, seed in judge.seeds(hand_in).items() if question in here}
    return Ask(hand_in, seeds, key(hand_in, seeds, grading.limits()))


def is_test(cell: NotebookNode) -> bool:
    """Whether a cell is the test cell of a question that is judged."""
    return cell.cell_type == "code" and is_grade(cell) and cell.metadata.nbgrader.grade_id in QUESTIONS


def content_key(nb: NotebookNode) -> bytes:
    """A digest of what a notebook does: the sources of its code cells. Outputs and metadata do not count."""
    digest = hashlib.sha256()
    for cell in nb.cells:
        if cell.cell_type == "code" and not is_grade(cell):
            source = cell.source.encode("utf-8", "surrogatepass")
            digest.update(len(source).to_bytes(8, "big") + source)
    return digest.digest()
