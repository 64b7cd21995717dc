"""In place of nbgrader's `Execute`: the notebook runs in a jail, the tests are judged here, outside it."""

from __future__ import annotations

import hashlib
from typing import Any

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_solution

from autograder.gather import Gathered, gather
from autograder.gather.evidence_file import parse
from autograder.judge import Judge, Verdict
from autograder.judge.questions import QUESTIONS
from autograder.judge.secret import load_secret
from autograder.nbgrader_ext.show import verdict_outputs
from ps8.probes.evidence import BadEvidence


class EvidenceExecute(Execute):
    """Runs a hand-in's answers in a jailed kernel and writes the judge's verdict as the outputs of each test cell.

    nbgrader reads a cell's score from its outputs: each test cell gets a message (`display_data`, which does not count) and one
    finite number between 0 and its points (`execute_result`, which does), and nothing that the student's kernel printed.
    """

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict, km: Any = None
    ) -> tuple[NotebookNode, ResourcesDict]:
        judge = Judge(load_secret())
        hand_in = content_key(nb)
        gathered = gather(nb, judge.seeds(hand_in))
        for index, outputs in gathered.outputs.items():
            nb.cells[index].outputs = outputs
        for cell in nb.cells:
            if cell.cell_type == "code" and is_grade(cell) and cell.metadata.nbgrader.grade_id in QUESTIONS:
                verdict = judge_one(judge, cell.metadata.nbgrader.grade_id, gathered, hand_in)
                cell.outputs = verdict_outputs(verdict, float(cell.metadata.nbgrader.points))
                cell.execution_count = None
        return nb, resources


def judge_one(judge: Judge, question: str, gathered: Gathered, hand_in: bytes) -> Verdict:
    """The verdict on one question from what was gathered, whatever state that is in."""
    problem = gathered.problems.get(question, "")
    evidence = None
    if question in gathered.evidence and not problem:
        try:
            evidence = parse(gathered.evidence[question])
        except BadEvidence as error:
            problem = str(error)
    return judge.judge(question, evidence, hand_in, problem)


def content_key(nb: NotebookNode) -> bytes:
    """A digest of what a notebook does: the sources of its code cells. Outputs and metadata do not count."""
    digest = hashlib.sha256()
    for cell in nb.cells:
        if cell.cell_type == "code" and not is_grade(cell):
            digest.update(nbformat.v4.new_code_cell(cell.source).source.encode("utf-8", "surrogatepass") + b"\0")
    return digest.digest()


__all__ = ["EvidenceExecute", "content_key", "is_solution", "judge_one"]
