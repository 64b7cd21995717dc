"""In place of nbgrader's `Execute`: the notebook runs in a jail, the tests are judged here, outside it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbrepair.nodes import is_test
from nbrepair.slicing import answer_text
from traitlets import Unicode

from nbjudge.assignment import Answer, Assignment, Judge, Seen
from nbjudge.gather import Gathered, gather
from nbjudge.gather.ask import Ask, ask
from nbjudge.gather.evidence_cache import EvidenceCache
from nbjudge.ground import notebooks
from nbjudge.judge.figure import Figure
from nbjudge.judge.rounds import rounds_of
from nbjudge.judge.secret import load_secret
from nbjudge.judge.verdict import Status, Verdict
from nbjudge.nbgrader_ext.asserted import asserted
from nbjudge.nbgrader_ext.course_directory import course_of
from nbjudge.nbgrader_ext.doors import Execute
from nbjudge.nbgrader_ext.verdict_outputs import notes_cell, verdict_outputs
from nbjudge.record import Record
from nbjudge.repair.beside import beside
from nbjudge.workspace import Workspace

CUDA_REMARK = (
    "The notebook asks for a GPU by name (`.cuda()`). It was graded on a CPU all the same; `.to(device)` runs on both."
)


class EvidenceExecute(Execute):
    """Runs a submission's answers in a jailed kernel and writes the verdict as the outputs of each test cell.

    nbgrader reads a cell's score from its outputs: each test cell gets a message (`display_data`, which does not count) and one
    finite number between 0 and its points (`execute_result`, which does), and nothing that the student's kernel printed.
    A first cell sums up the verdicts and says what was repaired. The assignment may add more for who grades by hand.
    What the student's page and the class report are made of is in the notebook's record, where no output of a student's can
    get.
    """

    submissions = Unicode("", help="folder of the submissions with their artifacts, if not nbgrader's submitted_directory").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict, km: Any = None) -> tuple[NotebookNode, ResourcesDict]:
        names = resources["nbgrader"]
        workspace = Workspace.of(Path(course_of(self).root), names["assignment"])
        assignment, student = workspace.assignment, names["student"]
        judge = assignment.judge(load_secret(workspace.secret))
        found = beside(self._submission(names), self._source(names), assignment, self.config)
        asked = ask(nb, assignment, judge, student, rounds_of(workspace.root), found.files)
        gathered = evidence_of(nb, asked, EvidenceCache(workspace.evidence), assignment)
        verdicts = self.verdicts(nb, judge, asked, gathered, assignment, student)
        said = [*run_remarks(nb, gathered), *(found.remarks if names["notebook"] == workspace.main else [])]
        said += assignment.look(nb, self._seen(nb, workspace, resources, gathered, [verdict for verdict, _ in verdicts]))
        record = Record.of(nb)
        record.remarks = said
        record.verdicts = {verdict.question: verdict.as_dict() for verdict, _ in verdicts}
        record.into(nb)
        nb.cells.insert(0, notes_cell(verdicts, said, assignment))
        return nb, resources

    def verdicts(
        self, nb: NotebookNode, judge: Judge | None, asked: Ask, gathered: Gathered, assignment: Assignment, student: str
    ) -> list[tuple[Verdict, float]]:
        """The verdicts in their order, each with the points of its cell. All cells get their outputs."""
        adjust = assignment.adjusted(student, nb, assignment.facts())
        found: list[tuple[Verdict, float]] = []
        for cell in nb.cells:
            if cell.get("id") in gathered.outputs and cell.cell_type == "code":
                cell.outputs = gathered.outputs[cell.id]
            if is_test(cell):
                verdict, figure = self.verdict_on(cell, nb, judge, asked, gathered)
                points = float(cell.metadata.nbgrader.points)
                if adjust is not None:
                    verdict = adjust(verdict, points, [other for other, _ in found])
                found.append((verdict, points))
                cell.outputs = verdict_outputs(verdict, points, figure)
                cell.execution_count = None
        return found

    def verdict_on(
        self, cell: NotebookNode, nb: NotebookNode, judge: Judge | None, asked: Ask, gathered: Gathered
    ) -> tuple[Verdict, Figure | None]:
        """The verdict on a test cell: the judge's, or that of the cell's own assertions; and a picture where one helps."""
        question = cell.metadata.nbgrader.grade_id
        if judge is None or question not in asked.seeds:
            return asserted(question, float(cell.metadata.nbgrader.points), gathered), None
        answer = answer_of(nb, question, asked, gathered)
        verdict = judge.verdict(question, answer)
        return verdict, self.drawn(judge, question, answer) if verdict.status is Status.WRONG else None

    def drawn(self, judge: Judge, question: str, answer: Answer) -> Figure | None:
        """A picture of what is wrong with an answer, where one says it."""
        try:
            return judge.figure(question, answer)
        except Exception:  # a picture less is no reason to leave a submission without its grade
            self.log.exception("No picture could be drawn for %s", question)
            return None

    def _seen(
        self, nb: NotebookNode, workspace: Workspace, resources: ResourcesDict, gathered: Gathered, verdicts: list[Verdict]
    ) -> Seen:
        names = resources["nbgrader"]
        path = self._source(names) / f"{names['notebook']}.ipynb"
        source = source_of(path, path.stat().st_mtime_ns)
        submission = self._submission(names)
        return Seen(workspace, names["student"], names["notebook"], submission, source, gathered.evidence, verdicts)

    def _submission(self, names: Mapping[str, str]) -> Path:
        """The folder of what was handed in."""
        course = course_of(self)
        return Path(course.format_path(self.submissions or course.submitted_directory, names["student"], names["assignment"]))

    def _source(self, names: Mapping[str, str]) -> Path:
        """The folder of the instructor's notebooks."""
        course = course_of(self)
        return Path(course.format_path(course.source_directory, ".", names["assignment"]))


def answer_of(nb: NotebookNode, question: str, asked: Ask, gathered: Gathered) -> Answer:
    """All there is of one answer, whatever state what was gathered is in."""
    problem = gathered.problems.get(question, "")
    evidence = None if problem else gathered.evidence.get(question)
    return Answer(answer_text(nb, question), asked.seeds[question], evidence, problem)


@functools.lru_cache(maxsize=8)
def source_of(path: Path, changed: int) -> NotebookNode:
    """An instructor's notebook. Not to be changed by who gets it.

    Args:
        path: its file.
        changed: when it last was, so that a changed one is read again.
    """
    return notebooks.read(path)


def evidence_of(nb: NotebookNode, asked: Ask, cache: EvidenceCache, assignment: Assignment) -> Gathered:
    """A notebook's evidence: what was kept of an earlier run, or else gathered now and kept."""
    gathered = cache.load(asked.key)
    if gathered is None:
        assignment.make_ready()
        gathered = gather(nb, asked.seeds, assignment.limits(), assignment.jail(), asked.files)
        cache.keep(asked.key, gathered)
    return gathered


def run_remarks(nb: NotebookNode, gathered: Gathered) -> list[str]:
    """What cost nothing by itself but should be said: repairs, a GPU asked for by name, lost kernels and time-outs."""
    cuda = any(".cuda(" in c.source for c in nb.cells if c.cell_type == "code")
    places = {cell.get("id"): number for number, cell in enumerate(nb.cells, 1)}
    incidents = [f"cell {places.get(incident.cell, '?')}: {incident.why}" for incident in gathered.incidents]
    return [*Record.of(nb).repairs, *([CUDA_REMARK] if cuda else []), *incidents]
