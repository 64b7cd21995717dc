"""What a submission is asked: the inputs of each question's probe, and the name under which the evidence is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbrepair.nodes import is_test
from nbrepair.slicing import cells_to_run

from nbjudge.assignment import Assignment, Judge
from nbjudge.gather.evidence_cache import evidence_key
from nbjudge.judge.rounds import Rounds
from nbjudge.judge.secret import challenge_set


@dataclass(frozen=True)
class Ask:
    """One notebook's challenge.

    Attributes:
        seeds: question -> what the inputs of its probe follow from, for each judged question with a test cell here; None for
            one that is read, and not run.
        key: the evidence's name in the cache.
        files: what the notebook finds in its working directory.
    """

    seeds: dict[str, int | None]
    key: str
    files: Mapping[str, bytes] = field(default_factory=dict)


def ask(
    nb: NotebookNode,
    assignment: Assignment,
    judge: Judge | None,
    student: str = "",
    rounds: Rounds | None = None,
    files: Mapping[str, bytes] | None = None,
) -> Ask:
    """What a student's notebook is asked.

    Args:
        nb: the prepared notebook.
        assignment: which it belongs to.
        judge: who judges it; None if its tests' own assertions do.
        student: whose it is.
        rounds: of the course, which see to it that nobody meets the same inputs after feedback on them.
        files: what it finds in its working directory.
    """
    judged = judged_tests(nb, judge) if judge else []
    content = program_key(nb, judged, files)
    seeds: dict[str, int | None] = {}
    if judge and judged:
        number = rounds.of(student, "+".join(judged), content) if rounds else 0
        of_set = judge.seeds(challenge_set(judge.secret, student, content, number))
        seeds = {question: of_set[question] for question in judged}
    return Ask(seeds, evidence_key(content, seeds, assignment), files or {})


def judged_tests(nb: NotebookNode, judge: Judge) -> list[str]:
    """The questions with a test cell here that the judge knows, in their order."""
    known = judge.seeds(0)
    names = (cell.metadata.nbgrader.grade_id for cell in nb.cells if is_test(cell))
    return [name for name in names if name in known]


def program_key(nb: NotebookNode, judged: Collection[str], files: Mapping[str, bytes] | None = None) -> bytes:
    """A digest of what is run of a notebook, in which order, and beside which files: 32 bytes.

    It holds the cells that run, by id and source, and where among them each test stands. Texts, outputs, metadata and given
    cells that no answer needs do not count.

    Args:
        nb: the prepared notebook.
        judged: names of the tests that are probed. The source of any other test is run, so it counts.
        files: what it finds in its working directory.
    """
    to_run = cells_to_run(nb, judged)
    program: list[tuple[str, ...]] = []
    for index, cell in enumerate(nb.cells):
        if is_test(cell):
            name = cell.metadata.nbgrader.grade_id
            program.append(("probe", name) if name in judged else ("test", name, cell.get("id", ""), cell.source))
        elif index in to_run:
            program.append(("cell", cell.get("id", ""), cell.source))
    program += [("file", name, hashlib.sha256(content).hexdigest()) for name, content in sorted((files or {}).items())]
    return hashlib.sha256(json.dumps(program).encode()).digest()  # JSON escapes what UTF-8 cannot hold
