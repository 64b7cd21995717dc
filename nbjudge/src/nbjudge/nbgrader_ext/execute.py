"""In place of nbgrader's `Execute`: the notebook runs in a jail, the tests are judged here, outside it."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import Execute
from ps8.probes import Evidence
from ps8.probes.evidence import BadEvidence
from ps8.questions.report_differences.comparisons import QUESTION as DIFFERENCES
from traitlets import Unicode

from autograder import beside, grading, provenance
from autograder.artifacts.cache import Cache as FindingsCache
from autograder.artifacts.course import findings_of
from autograder.artifacts.show import TITLE, report_cell
from autograder.explain.counting import Counting
from autograder.figures.choose import figure as draw
from autograder.figures.svg import Figure
from autograder.paths import ASSIGNMENT, EVIDENCE, SECRET
from autograder.questions import READERS
from nbjudge.gather import Gathered, gather
from nbjudge.gather.ask import Ask, ask
from nbjudge.gather.cache import Cache
from nbjudge.gather.evidence_file import parse
from nbjudge.gather.slicing import answer_text, is_test
from nbjudge.judge.judge import Judge
from nbjudge.judge.rounds import rounds_of
from nbjudge.judge.secret import load_secret
from nbjudge.judge.verdict import Status, Verdict
from nbjudge.nbgrader_ext.asserted import asserted
from nbjudge.nbgrader_ext.course import course_of
from nbjudge.nbgrader_ext.show import notes_cell, verdict_outputs

REPORT = beside.BOXES[0]
CUDA_REMARK = (
    "The notebook asks for a GPU by name (`.cuda()`). It was graded on a CPU all the same; `.to(device)` runs on both."
)


class EvidenceExecute(Execute):
    """Runs a hand-in's answers in a jailed kernel and writes the judge's verdict as the outputs of each test cell.

    nbgrader reads a cell's score from its outputs: each test cell gets a message (`display_data`, which does not count) and one
    finite number between 0 and its points (`execute_result`, which does), and nothing that the student's kernel printed.
    A first cell sums up the verdicts and says what was repaired. A cell before the report says what the artifacts give, and one
    before each of its boxes what may help who grades it.
    What the student's page and the class report are made of is in the notebook's `metadata.ps8`, where no output of a
    student's can get.
    """

    hand_ins = Unicode("", help="folder of the hand-ins with their artifacts, if it is not nbgrader's submitted_directory").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict, km: Any = None) -> tuple[NotebookNode, ResourcesDict]:
        course, names = Path(course_of(self).root), resources["nbgrader"]
        ours = names["assignment"] == ASSIGNMENT  # of another one the judge knows nothing, whatever its tests are called
        judge = Judge(load_secret(course / SECRET)) if ours else None
        asked = ask(nb, judge, names["student"], rounds_of(course))
        gathered = evidence_of(nb, asked, Cache(course / EVIDENCE))
        counting = Counting.of(grading.course(), names["student"], nb) if ours else None
        verdicts: list[tuple[Verdict, float]] = []
        for cell in nb.cells:
            if cell.get("id") in gathered.outputs and cell.cell_type == "code":
                cell.outputs = gathered.outputs[cell.id]
            if is_test(cell):
                verdict, figure = self.verdict_on(cell, nb, judge, asked, gathered)
                points = float(cell.metadata.nbgrader.points)
                if counting:
                    verdict = counting.verdict(verdict, points, [other for other, _ in verdicts])
                verdicts.append((verdict, points))
                cell.outputs = verdict_outputs(*verdicts[-1], figure)
                cell.execution_count = None
        said = remarks(nb, gathered)
        if ours:
            said += provenance.remarks(nb, gathered.evidence, {verdict.question: verdict.score for verdict, _ in verdicts})
            said += imitations(nb)
            said += self.look_at_report(nb, resources, next((v for v, _ in verdicts if v.question == DIFFERENCES), None))
        told = {verdict.question: verdict.as_dict() for verdict, _ in verdicts}
        nb.metadata["ps8"] = from_dict({**nb.metadata.get("ps8", {}), "remarks": said, "verdicts": told})
        nb.cells.insert(0, notes_cell(verdicts, said))
        return nb, resources

    def verdict_on(
        self, cell: NotebookNode, nb: NotebookNode, judge: Judge | None, asked: Ask, gathered: Gathered
    ) -> tuple[Verdict, Figure | None]:
        """The verdict on a test cell: the judge's, or that of the cell's own assertions; and a picture where one helps."""
        question = cell.metadata.nbgrader.grade_id
        if judge is None or question not in asked.seeds:
            return asserted(question, float(cell.metadata.nbgrader.points), gathered), None
        if question in READERS:
            return READERS[question](answer_text(nb, question)), None
        verdict = judge_one(judge, question, gathered, asked.seeds[question])
        wrong = verdict.status is Status.WRONG
        return verdict, self.drawn(judge, question, gathered, asked.seeds[question]) if wrong else None

    def drawn(self, judge: Judge, question: str, gathered: Gathered, seed: int) -> Figure | None:
        """A picture of what is wrong with an answer, where one says it."""
        evidence, _ = read_evidence(question, gathered)
        try:
            return draw(question, judge.case(question, evidence, seed)) if evidence else None
        except Exception:  # a picture less is no reason to leave a hand-in without its grade
            self.log.exception("No picture could be drawn for %s", question)
            return None

    def look_at_report(self, nb: NotebookNode, resources: ResourcesDict, differences: Verdict | None) -> list[str]:
        """Measures the handed-in weights again, and says beside the report what came; returns what a human should look at."""
        if REPORT not in beside.texts_of(nb):
            return []
        course, names = course_of(self), resources["nbgrader"]
        folder = course.format_path(self.hand_ins or course.submitted_directory, names["student"], names["assignment"])
        findings = findings_of(Path(folder), FindingsCache(Path(course.root) / EVIDENCE))
        path = Path(course.format_path(course.source_directory, ".", names["assignment"])) / f"{names['notebook']}.ipynb"
        beside.prepare(nb, source_of(path, path.stat().st_mtime_ns), findings, differences)
        beside.insert_before(nb, REPORT, report_cell(findings))
        return list(findings.remarks)


def imitations(nb: NotebookNode) -> list[str]:
    """Cells of the student's that look like those which the grader puts beside the report."""
    places = [n for n, cell in enumerate(nb.cells, 1) if any(title in cell.source for title in (TITLE, beside.TITLE))]
    return [f"Cell {n} says what the grader writes beside a report, and is the student's own." for n in places]


@functools.lru_cache(maxsize=8)
def source_of(path: Path, changed: int) -> NotebookNode:
    """An instructor's notebook. Not to be changed by who gets it.

    Args:
        path: its file.
        changed: when it last was, so that a changed one is read again.
    """
    return nbformat.read(path, as_version=4)


def evidence_of(nb: NotebookNode, asked: Ask, cache: Cache) -> Gathered:
    """A notebook's evidence: what was kept of an earlier run, or else gathered now and kept."""
    gathered = cache.load(asked.key)
    if gathered is None:
        gathered = gather(nb, asked.seeds, grading.limits(), grading.jail_settings())
        cache.keep(asked.key, gathered)
    return gathered


def judge_one(judge: Judge, question: str, gathered: Gathered, seed: int) -> Verdict:
    """The verdict on one question from what was gathered, whatever state that is in."""
    evidence, problem = read_evidence(question, gathered)
    return judge.judge(question, evidence, seed, problem)


def read_evidence(question: str, gathered: Gathered) -> tuple[Evidence | None, str]:
    """A question's evidence, or None and why there is none."""
    problem = gathered.problems.get(question, "")
    if problem or question not in gathered.evidence:
        return None, problem
    try:
        return parse(gathered.evidence[question]), ""
    except BadEvidence as error:
        return None, str(error)


def remarks(nb: NotebookNode, gathered: Gathered) -> list[str]:
    """What cost nothing by itself but should be said: repairs, a GPU asked for by name, lost kernels and time-outs."""
    repairs = [str(remark) for remark in nb.metadata.get("ps8", {}).get("repairs", [])]
    cuda = any(".cuda(" in c.source for c in nb.cells if c.cell_type == "code")
    places = {cell.get("id"): number for number, cell in enumerate(nb.cells, 1)}
    incidents = [f"cell {places.get(incident.cell, '?')}: {incident.why}" for incident in gathered.incidents]
    return [*repairs, *([CUDA_REMARK] if cuda else []), *incidents]
