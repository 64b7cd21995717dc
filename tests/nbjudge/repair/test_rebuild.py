"""What is taken from a student and what is not."""

from __future__ import annotations

import copy
import json
import time
from dataclasses import asdict

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbjudge.record import Record
from nbjudge.repair.plan import make_plan
from nbjudge.repair.read import read_notebook
from nbjudge.repair.rebuild import rebuild
from nbrepair.rebuild import BLANK, IDS_GONE, MAX_EXTRA_CELLS, WRONG_FILE
from traitlets.config import Config

from trials.broken_files import written

FULL = {"double": 10, "halve": 10, "shift": 20}


def through(notebook: NotebookNode, plan):
    read = read_notebook(written(notebook))
    return rebuild(read.notebook, plan, read.remarks)


def cell(notebook: NotebookNode, key: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == key)


def place(notebook: NotebookNode, key: str) -> int:
    return notebook.cells.index(cell(notebook, key))


def insert(notebook: NotebookNode, at: int, *sources: str) -> None:
    notebook.cells[at:at] = [new_code_cell(source, id=f"mine-{at}-{n}") for n, source in enumerate(sources)]


def own(notebook: NotebookNode, plan) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.id not in plan.by_key]


@pytest.fixture
def release(plan) -> NotebookNode:
    cells = []
    for slot in plan.slots:
        released = copy.deepcopy(slot.cell)
        released.source = slot.released
        cells.append(released)
    return new_notebook(cells=cells)


class TestUntouched:
    def test_a_good_submission(self, good, plan, grader):
        repaired = through(good, plan)
        assert repaired.remarks == []
        assert grader(repaired.notebook) == FULL
        assert set(repaired.answered.values()) == {"by id"}
        assert [cell.id for cell in repaired.notebook.cells] == [cell.id for cell in good.cells]
        for slot in plan.answers:
            assert cell(repaired.notebook, slot.key).source == cell(good, slot.key).source

    def test_the_release(self, release, plan, grader):
        repaired = through(release, plan)
        assert repaired.remarks == [BLANK]
        assert set(repaired.answered.values()) == {"not answered"}
        assert grader(repaired.notebook) == {"double": 0, "halve": 0, "shift": 0}
        assert [cell.source for cell in repaired.notebook.cells] == [slot.cell.source for slot in plan.slots]

    def test_no_file(self, plan):
        repaired = rebuild(None, plan, ["The notebook's file is empty."])
        assert repaired.remarks == ["The notebook's file is empty."]
        assert set(repaired.answered.values()) == {"missing"}
        assert [cell.source for cell in repaired.notebook.cells] == [slot.cell.source for slot in plan.slots]

    def test_rebuilding_what_was_rebuilt_changes_nothing(self, good, plan):
        insert(good, 3, "helper = 1")
        once = through(good, plan)
        again = through(once.notebook, plan)
        assert json.dumps(again.notebook) == json.dumps(once.notebook)

    def test_a_source_or_a_release_or_a_plan(self, good, source, release, plan):
        results = [rebuild(good, given).notebook for given in (source, plan, release)]
        assert results[0] == results[1]
        assert [cell.id for cell in results[2].cells] == [cell.id for cell in results[0].cells]
        assert cell(results[2], "double-answer").source == cell(good, "double-answer").source

    def test_nothing_given_is_changed(self, good, plan):
        before = json.dumps(good), json.dumps([slot.cell for slot in plan.slots])
        repaired = rebuild(good, plan)
        for made in repaired.notebook.cells:
            made.source = "spoiled"
            made.metadata.clear()
        assert (json.dumps(good), json.dumps([slot.cell for slot in plan.slots])) == before


class TestWhichAnswer:
    def test_the_last_above_the_test_counts(self, good, plan):
        wrong = "def halve(x):\n    return x - {}"
        insert(good, place(good, "halve") + 1, wrong.format(3))
        insert(good, place(good, "halve"), wrong.format(2))
        insert(good, place(good, "halve-answer"), wrong.format(1))
        repaired = through(good, plan)
        assert cell(repaired.notebook, "halve-answer").source == wrong.format(2)
        assert any(remark.startswith("There was more than one answer to 1.2 (halve)") for remark in repaired.remarks)

    def test_without_the_test_its_own_cell_counts(self, good, plan, grader):
        good.cells.remove(cell(good, "halve"))
        good.cells.append(new_code_cell("def halve(x):\n    return 'an experiment'", id="mine"))
        assert grader(through(good, plan).notebook) == FULL

    def test_a_finished_one_before_an_unfinished_one(self, good, plan, grader):
        insert(good, place(good, "shift"), "def shift(values, by):\n    raise NotImplementedError")
        assert grader(through(good, plan).notebook) == FULL

    def test_an_earlier_attempt_stays_above_with_its_helpers(self, good, plan, grader):
        attempt = "def inverse(a):\n    return 1 / a\n\n\ndef halve(x):\n    return None"
        insert(good, place(good, "halve-answer"), attempt)
        cell(good, "halve-answer").source = "def halve(x):\n    return inverse(2) * x"
        repaired = through(good, plan)
        assert grader(repaired.notebook) == FULL
        assert own(repaired.notebook, plan) == [attempt]

    def test_a_decorator_put_on_later_is_no_answer(self, good, plan, grader):
        insert(good, place(good, "halve"), "plain = halve\nhalve = lambda x: plain(x)")
        repaired = through(good, plan)
        assert grader(repaired.notebook) == FULL and repaired.remarks == []
        assert "Double(1 / rate)" in cell(repaired.notebook, "halve-answer").source

    def test_half_an_answer_stays_as_it_is(self, release, plan):
        text = cell(release, "double-answer").source.replace("raise NotImplementedError", "self.by = by", 1)
        cell(release, "double-answer").source = text
        repaired = through(release, plan)
        assert cell(repaired.notebook, "double-answer").source == text
        assert repaired.answered["double-answer"] == "by id" and repaired.remarks == []

    def test_comments_alone_are_no_answer(self, release, plan):
        cell(release, "double-answer").source = "# I do not know\n# how to do this"
        assert through(release, plan).answered["double-answer"] == "not answered"

    def test_a_syntax_error_is_the_students_own(self, good, plan, grader):
        broken = cell(good, "halve-answer").source + "\n    return ("
        cell(good, "halve-answer").source = broken
        repaired = through(good, plan)
        assert cell(repaired.notebook, "halve-answer").source == broken
        assert grader(repaired.notebook) == {**FULL, "halve": 0}
        assert repaired.remarks == []

    def test_a_syntax_error_without_names(self, good, plan):
        broken = cell(good, "halve-answer").source + "\n    return ("
        cell(good, "halve-answer").source = broken
        for each in good.cells:
            each.metadata, each.id = NotebookNode(), "x" + each.id
        repaired = through(good, plan)
        assert cell(repaired.notebook, "halve-answer").source == broken
        assert repaired.remarks == [IDS_GONE]

    def test_a_wrong_name_is_found_by_its_place_or_likeness(self, good, plan):
        for each in good.cells:
            each.metadata, each.id = NotebookNode(), "x" + each.id
        wrong = next(each for each in good.cells if "def halve" in each.source)
        wrong.source = "def my_half(x):\n    return x / 2"
        repaired = through(good, plan)
        assert cell(repaired.notebook, "halve-answer").source == wrong.source

    def test_both_answers_in_one_broken_cell_of_which_one_is_whole(self, good, plan, grader):
        text = cell(good, "double-answer").source + "\n\n\n" + cell(good, "halve-answer").source + "\n    return ((\n"
        cell(good, "double-answer").source = text
        good.cells.remove(cell(good, "halve-answer"))
        repaired = through(good, plan)
        assert cell(repaired.notebook, "halve-answer").source.startswith("def halve")

    def test_an_answer_in_a_given_cell(self, good, plan, grader):
        cell(good, "given-table").source += "\n\n\n" + cell(good, "halve-answer").source
        cell(good, "halve-answer").source = ""
        repaired = through(good, plan)
        assert grader(repaired.notebook) == FULL
        assert cell(repaired.notebook, "given-table").source == cell(make_notebook(plan), "given-table").source

    def test_a_picture_in_the_report(self, good, plan):
        report = cell(good, "report")
        report.attachments = {"a.png": {"image/png": "iVBORw0KGgo="}, "b.svg": {"image/svg+xml": "<svg/>"}}
        repaired = through(good, plan)
        assert cell(repaired.notebook, "report").attachments == {"a.png": {"image/png": "iVBORw0KGgo="}}
        nbformat.validate(repaired.notebook)

    def test_notes_elsewhere_are_not_the_report(self, release, plan):
        release.cells.insert(2, new_markdown_cell("Think: I guess red.", id="note"))
        repaired = through(release, plan)
        assert repaired.answered["report"] == "not answered" and repaired.remarks == [BLANK]
        assert own(repaired.notebook, plan) == ["Think: I guess red."]


def make_notebook(plan) -> NotebookNode:
    return rebuild(None, plan).notebook


class TestOwnCells:
    def test_they_keep_their_places(self, good, plan):
        insert(good, len(good.cells), "last = 1")
        insert(good, place(good, "halve-answer"), "before_halve = 1", "%timeit before_halve")
        insert(good, place(good, "double"), "after_double = 1")
        insert(good, 0, "!pip install x")
        repaired = through(good, plan)
        assert repaired.remarks == []
        assert [each.source for each in repaired.notebook.cells] == [
            each.source if each.id not in plan.by_key or each.id.endswith(("answer", "methods", "report", "bet"))
            else plan.by_key[each.id].cell.source
            for each in good.cells
        ]  # fmt: skip

    def test_they_are_plain(self, good, plan):
        insert(good, 2, "x = 1")
        good.cells[2].metadata = NotebookNode(
            nbgrader=dict(cell(good, "double").metadata.nbgrader, grade_id="bonus", points=100)
        )
        kept = through(good, plan).notebook.cells[2]
        assert kept.source == "x = 1" and kept.metadata == {}

    def test_a_changed_copy_of_a_given_cell_is_an_experiment(self, good, plan):
        trial = copy.deepcopy(cell(good, "given-table"))
        trial.source = "table2 = [Double()(n) for n in range(30)]"
        good.cells.insert(place(good, "given-table") + 1, trial)
        repaired = through(good, plan)
        assert own(repaired.notebook, plan) == [trial.source]

    def test_no_more_than_a_bound(self, good, plan):
        insert(good, 2, *[f"x = {n}" for n in range(MAX_EXTRA_CELLS + 50)])
        repaired = through(good, plan)
        assert len(own(repaired.notebook, plan)) == MAX_EXTRA_CELLS
        assert "too many cells" in repaired.remarks[0]

    def test_the_free_cell_is_the_students(self, good, plan):
        assert cell(through(good, plan).notebook, "bet").source == "my_bet = 0.5"

    def test_the_profile_is_the_graders(self, source, good):
        given = 'import os\n\nos.environ.setdefault("PS8_PROFILE", "full")'
        for notebook in (source, good):
            notebook.cells.insert(1, new_code_cell(given, id="profile"))
        cell(good, "profile").source = 'import os\n\nos.environ["PS8_PROFILE"] = "quick"'
        repaired = through(good, make_plan(source, Config({"Repair": {"reserved": ["PS8_PROFILE"]}})))
        assert cell(repaired.notebook, "profile").source == given

    def test_raw_cells_are_dropped(self, good, plan):
        good.cells.insert(2, nbformat.v4.new_raw_cell("<script>alert(1)</script>", id="raw"))
        assert own(through(good, plan).notebook, plan) == []


class TestWhatAnAnswerNeeds:
    def test_a_chain_of_helpers_from_everywhere(self, good, plan, grader):
        cell(good, "halve-answer").source = "def halve(x):\n    return third(x)"
        cell(good, "given-setup").source += "\nfrom operator import truediv"
        cell(good, "shift-answer").source = "def second(x):\n    return first(x, two)\n\n\n" + cell(good, "shift-answer").source
        insert(good, len(good.cells), "two = 2.0", "def first(a, b):\n    return truediv(a, b)", "third = lambda x: second(x)")
        repaired = through(good, plan)
        assert grader(repaired.notebook) == FULL
        assert any("`third`" in remark and "1.2 (halve)" in remark for remark in repaired.remarks)

    def test_nothing_that_computes_is_brought_up(self, good, plan):
        cell(good, "halve-answer").source = "def halve(x):\n    return x / result"
        insert(good, len(good.cells), "result = print('trained for hours')")
        repaired = through(good, plan)
        assert cell(repaired.notebook, "halve-answer").source.endswith("result")
        assert len(own(repaired.notebook, plan)) == 1

    def test_a_helper_between_answer_and_test_is_early_enough(self, good, plan, grader):
        cell(good, "halve-answer").source = "def halve(x):\n    return half_of(x)"
        insert(good, place(good, "halve"), "def half_of(x):\n    return x / 2")
        repaired = through(good, plan)
        assert grader(repaired.notebook) == FULL and repaired.remarks == []

    def test_a_base_class_must_be_there_at_once(self, good, plan, grader):
        cell(good, "double-answer").source = (
            "class Double(Base):\n    def __init__(self, by=rate):\n        self.by = by\n\n"
            "    def __call__(self, x):\n        return self.by * x"
        )
        insert(good, place(good, "double"), "class Base:\n    pass")
        assert grader(through(good, plan).notebook) == FULL

    def test_helpers_that_need_each_other(self, good, plan, grader):
        cell(good, "halve-answer").source += "\n\n\nassert even(4)"
        insert(
            good,
            len(good.cells),
            "def even(n):\n    return n == 0 or odd(n - 1)",
            "def odd(n):\n    return n != 0 and even(n - 1)",
        )
        assert grader(through(good, plan).notebook) == FULL


class TestHostile:
    def test_metadata_is_not_believed(self, good, plan):
        for each in good.cells:
            each.metadata.update(tags=["x"], slideshow=1, deletable=True, editable=True)
            if "nbgrader" in each.metadata:
                each.metadata.nbgrader.update(points=1e9, grade=True, solution=True, locked=False, task=True)
        good.metadata = NotebookNode(
            kernelspec={"name": "bash", "language": "bash", "display_name": "x"}, nbjudge={"repairs": ["<b>"]}
        )
        repaired = through(good, plan)
        assert [each.metadata for each in repaired.notebook.cells] == [slot.cell.metadata for slot in plan.slots]
        assert repaired.notebook.metadata == {**plan.metadata, "nbjudge": asdict(Record())}

    def test_a_test_cell_of_ones_own_earns_nothing(self, good, plan, grader):
        cell(good, "halve-answer").source = "def halve(x):\n    return 0"
        forged = copy.deepcopy(cell(good, "halve"))
        forged.source = "10.0"
        good.cells.extend([forged, copy.deepcopy(forged)])
        cell(good, "halve").source = "10.0"
        assert grader(through(good, plan).notebook) == {**FULL, "halve": 0}

    def test_nbgraders_markers_are_defused(self, good, plan):
        marks = "\n# ### BEGIN HIDDEN TESTS\n# ### END SOLUTION"
        cell(good, "halve-answer").source += marks
        insert(good, 2, marks)
        repaired = through(good, plan)
        student = [each.source for each in repaired.notebook.cells if "answer" in each.id or "own" in each.id]
        assert not any("BEGIN HIDDEN TESTS" in text or "END SOLUTION" in text for text in student)

    def test_another_assignments_notebook(self, plan):
        other = new_notebook(cells=[new_code_cell("print('hello')", id="a"), new_markdown_cell("Bye", id="b")])
        repaired = through(other, plan)
        assert repaired.remarks == [WRONG_FILE]
        assert set(repaired.answered.values()) == {"missing"}

    def test_an_empty_notebook(self, plan):
        assert through(new_notebook(), plan).remarks == [WRONG_FILE]

    def test_a_stale_id_like_one_of_ours_makes_no_second(self, good, plan):
        insert(good, 2, "x = 1", "y = 2")
        good.cells[2].id, good.cells[3].id = "own-2", "own-1"
        notebook = through(good, plan).notebook
        assert len({each.id for each in notebook.cells}) == len(notebook.cells)

    @pytest.mark.parametrize(
        "text",
        [
            "-" * 100_000 + "1",
            "halve = 1" + "+1" * 50_000,
            "def halve(x):\n" + " " * 100_000,
            "(" * 50_000,
            "halve = " + "a and b or " * 8_000 + "c",
            "\n".join(" " * n + "if 1:" for n in range(500)),
            "def halve(x):\n    return " + ".".join("x" * 20_000),
            "%%bash\nrm -rf /\n" * 5_000,
            "x = !ls\n" * 20_000,
            "\u202e\x1b[2J" * 10_000,
        ],
        ids=range(10),
    )
    def test_no_code_stops_it(self, good, plan, text):
        cell(good, "halve-answer").source = text
        insert(good, 2, text)
        start = time.monotonic()
        repaired = through(good, plan)
        assert time.monotonic() - start < 10
        assert repaired.notebook.cells[place(repaired.notebook, "halve")].source == plan.by_key["halve"].cell.source

    def test_thousands_of_cells(self, good, plan):
        for n in range(1500):
            good.cells.append(new_code_cell(f"class Double:\n    n = {n}", id=f"n{n}"))
        start = time.monotonic()
        repaired = through(good, plan)
        assert time.monotonic() - start < 20
        assert "self.by = by" in cell(repaired.notebook, "double-answer").source
