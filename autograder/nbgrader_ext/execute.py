"""In place of nbgrader's `Execute`: the notebook runs in a jail, the tests are judged here, outside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from ps8.probes.evidence import BadEvidence
from traitlets import Unicode

from autograder import grading
from autograder.artifacts.cache import Cache as FindingsCache
from autograder.artifacts.course import findings_of
from autograder.artifacts.show import report_cell
from autograder.gather import Gathered, gather
from autograder.gather.ask import Ask, ask, is_test
from autograder.gather.cache import Cache
from autograder.gather.evidence_file import parse
from autograder.judge.judge import Judge
from autograder.judge.secret import load_secret
from autograder.judge.verdict import Verdict
from autograder.nbgrader_ext.course import course_of
from autograder.nbgrader_ext.show import notes_cell, verdict_outputs
from autograder.paths import EVIDENCE, SECRET

REPORT = "report"  # grade id of the cell that is graded by hand
CUDA_REMARK = (
    "The notebook asks for a GPU by name (`.cuda()`). It was graded on a CPU all the same; `.to(device)` runs on both."
)


class EvidenceExecute(Execute):
    """Runs a hand-in's answers in a jailed kernel and writes the judge's verdict as the outputs of each test cell.

    nbgrader reads a cell's score from its outputs: each test cell gets a message (`display_data`, which does not count) and one
    finite number between 0 and its points (`execute_result`, which does), and nothing that the student's kernel printed.
    A first cell sums up the verdicts and says what was repaired. A cell before the report says what the artifacts give.
    """

    hand_ins = Unicode("", help="folder of the hand-ins with their artifacts, if it is not nbgrader's submitted_directory").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict, km: Any = None) -> tuple[NotebookNode, ResourcesDict]:
        course = Path(course_of(self).root)
        judge = Judge(load_secret(course / SECRET))
        asked = ask(nb, judge)
        gathered = evidence_of(nb, asked, Cache(course / EVIDENCE))
        for index, outputs in gathered.outputs.items():
            nb.cells[index].outputs = outputs
        verdicts = []
        for cell in nb.cells:
            if is_test(cell):
                verdict = judge_one(judge, cell.metadata.nbgrader.grade_id, gathered, asked.hand_in)
                verdicts.append((verdict, float(cell.metadata.nbgrader.points)))
                cell.outputs = verdict_outputs(*verdicts[-1])
                cell.execution_count = None
        said = remarks(nb, gathered)
        said += [remark for remark in self.look_at_artifacts(nb, resources) if remark not in said]
        nb.cells.insert(0, notes_cell(verdicts, said))
        return nb, resources

    def look_at_artifacts(self, nb: NotebookNode, resources: ResourcesDict) -> list[str]:
        """Measures the handed-in weights again and says beside the report what came; returns what a human should look at."""
        report = next((i for i, c in enumerate(nb.cells) if c.metadata.get("nbgrader", {}).get("grade_id") == REPORT), None)
        if report is None:
            return []
        course, names = course_of(self), resources["nbgrader"]
        folder = course.format_path(self.hand_ins or course.submitted_directory, names["student"], names["assignment"])
        findings = findings_of(Path(folder), FindingsCache(Path(course.root) / EVIDENCE))
        nb.cells.insert(report, report_cell(findings))
        return list(findings.remarks)


def evidence_of(nb: NotebookNode, asked: Ask, cache: Cache) -> Gathered:
    """A notebook's evidence: what was kept of an earlier run, or else gathered now and kept."""
    gathered = cache.load(asked.key)
    if gathered is None:
        gathered = gather(nb, asked.seeds, grading.limits(), grading.jail_settings())
        cache.keep(asked.key, gathered)
    return gathered


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


def remarks(nb: NotebookNode, gathered: Gathered) -> list[str]:
    """What cost nothing by itself but should be said: repairs, a GPU asked for by name, lost kernels and time-outs."""
    repairs = [str(remark) for remark in nb.metadata.get("ps8", {}).get("repairs", [])]
    cuda = any(".cuda(" in c.source for c in nb.cells if c.cell_type == "code")
    return [*repairs, *([CUDA_REMARK] if cuda else []), *gathered.remarks]
