"""One student who hands in again and again, and reads the page each time, to learn what should have come."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

from nbjudge.grade import pool
from nbjudge.grade.class_run import ClassRun
from nbjudge.grade.feedback import write_feedback
from nbjudge.reports.scores import read_scores

from autograder.definition import PS8, at
from trials.attacks.arena import Arena
from trials.attacks.base import loss, text, with_answer
from trials.attacks.battle import small_limits

from ...nbjudge.course import SHEET

NAME = "oracle"
# Looks its inputs up in what earlier pages told, and else tells them, in an exception's text and in a later cell's words.
ANSWER = """
key = repr([round(v, 3) for v in x.flatten().tolist()[:3]])
SEEN.append(key)
if key in TABLE: return x.sum() * 0 + TABLE[key]
return x.sum() * 0 + GUESS
"""


class Oracle:
    """The student, with what the pages have told so far.

    Attributes:
        table: inputs, as the answer knows them again -> what should have come.
        scores: of the question, one a submission.
    """

    def __init__(self, place: Arena) -> None:
        self.place = place
        self.table: dict[str, float] = {}
        self.scores: list[float] = []

    def hand_in(self, number: int) -> str:
        """Hands in once more, is graded, and reads the page."""
        before = f"TABLE, SEEN, GUESS = {json.dumps(self.table)}, [], {number}.0"
        notebook = with_answer(self.place.scene, loss(ANSWER, before))
        notebook.cells.append(
            type(notebook.cells[0])(cell_type="code", id="tells", metadata={}, outputs=[], execution_count=None)
        )
        notebook.cells[-1].source = 'print("SEEN", SEEN)'
        folder = self.place.course / "submitted" / NAME / "ps8"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ps8.ipynb").write_bytes(text(notebook))
        with small_limits():
            summary = ClassRun(at(self.place.course), [NAME], pool.local(1, PS8)).run()
        assert summary.failed == {} and summary.graded == [NAME]
        assert write_feedback([NAME], at(self.place.course)) == {}
        rows = {row.student: row.scores for row in read_scores(at(self.place.course), SHEET)}
        self.scores.append(rows[NAME]["softmax_loss"] or 0.0)
        page = unescape(Path(self.place.course, "feedback", NAME, "ps8", "ps8.html").read_text(encoding="utf-8"))
        self._learn(page)
        return page

    def _learn(self, page: str) -> None:
        """Puts what the page says of expected numbers beside the inputs that it tells."""
        seen = re.search(r"SEEN (\[.*?\])\n", re.sub(r"<[^>]+>", "", page))
        keys = json.loads(seen[1].replace("'", '"')) if seen else []
        told = [
            float(number) for number in re.findall(r"expected (-?[\d.]+(?:e[-+]?\d+)?), actual", re.sub(r"<[^>]+>", "", page))
        ]
        self.table.update(zip(keys, told, strict=False))
