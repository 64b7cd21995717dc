"""Where answers were found, and what is said of it: one small change to a right submission each."""

from __future__ import annotations

from collections.abc import Callable

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbjudge.repair.rebuild import Repaired, rebuild
from nbrepair import choose, written
from nbrepair.answer import JOINED, MISSING, UNANSWERED
from nbrepair.choose import MAX_PARTS
from nbrepair.pieces import BY_ID, BY_NAME, BY_POSITION
from nbrepair.rebuild import BLANK, IDS_GONE

HALVE, SHIFT = "1.2 (halve)", "2.1 (shift)"
WRONG = "def halve(x):\n    return {}"


class Case:
    """A submission that is changed, and rebuilt.

    Args:
        notebook: a right one.
        plan: of its source.
    """

    def __init__(self, notebook: NotebookNode, plan) -> None:
        self.notebook, self.plan, self.count = notebook, plan, 0

    def cell(self, key: str) -> NotebookNode:
        return next(cell for cell in self.notebook.cells if cell.id == key)

    def drop(self, *keys: str) -> Case:
        for key in keys:
            self.notebook.cells.remove(self.cell(key))
        return self

    def put(
        self, source: str, *, before: str = "", behind: str = "", kind: Callable[..., NotebookNode] = new_code_cell
    ) -> Case:
        place = self.notebook.cells.index(self.cell(before or behind)) + bool(behind)
        self.count += 1
        self.notebook.cells.insert(place, kind(source, id=f"mine-{self.count}"))
        return self

    def write(self, key: str, source: str) -> Case:
        self.cell(key).source = source
        return self

    def turn(self, key: str, kind: Callable[..., NotebookNode]) -> Case:
        old = self.cell(key)
        self.notebook.cells[self.notebook.cells.index(old)] = kind(old.source, id=key, metadata=old.metadata)
        return self

    def forget_ids(self) -> Case:
        for cell in self.notebook.cells:
            cell.metadata, cell.id = NotebookNode(), "x" + cell.id
        return self

    def done(self) -> Repaired:
        return rebuild(nbformat.from_dict(self.notebook), self.plan)


@pytest.fixture
def case(good: NotebookNode, plan) -> Case:
    return Case(good, plan)


def found(repaired: Repaired, key: str) -> tuple[str, str, list[str]]:
    cell = next(cell for cell in repaired.notebook.cells if cell.id == key)
    return cell.source, repaired.answered[key], list(repaired.remarks)


HALF_ONE, HALF_TWO = "def halve(x):\n    y = 2", "    return x / y"


class TestCode:
    def test_in_its_own_cell(self, case: Case) -> None:
        assert found(case.done(), "halve-answer")[1:] == (BY_ID, [])

    def test_spread_over_cells(self, case: Case) -> None:
        case.write("halve-answer", HALF_ONE).put(HALF_TWO, behind="halve-answer").put("x = 1", behind="mine-1")
        text = f"{HALF_ONE}\n{HALF_TWO}"
        assert found(case.done(), "halve-answer") == (text, JOINED, [choose.SPREAD.format(HALVE)])

    @pytest.mark.parametrize(("parts", "whole"), [(MAX_PARTS, True), (MAX_PARTS + 1, False)])
    def test_spread_over_more_cells_than_anybody_would(self, case: Case, parts: int, whole: bool) -> None:
        case.write("halve-answer", "def halve(x):\n    y = [")
        for n in range(parts):
            case.put("    ]" if n == parts - 1 else f"    {n},", before="halve")
        text = found(case.done(), "halve-answer")[0]
        assert text.endswith("]") is whole

    def test_what_stands_between_ends_an_answer(self, case: Case) -> None:
        case.write("halve-answer", HALF_ONE).put("z = 1", behind="halve-answer").put(HALF_TWO, behind="mine-1")
        assert found(case.done(), "halve-answer")[:2] == (HALF_ONE, BY_ID)

    def test_turned_into_text(self, case: Case) -> None:
        text = case.cell("halve-answer").source
        remarks = found(case.turn("halve-answer", new_markdown_cell).done(), "halve-answer")
        assert remarks == (text, BY_ID, [choose.WAS_TEXT.format(HALVE)])

    def test_in_a_cell_of_its_own(self, case: Case) -> None:
        text = WRONG.format("x / 2")
        case.drop("halve-answer").put(text, before="halve")
        assert found(case.done(), "halve-answer") == (text, BY_NAME, [choose.OWN_CELL.format(HALVE)])

    def test_where_no_id_is_left_a_cell_of_its_own_is_nothing_odd(self, case: Case) -> None:
        text = case.cell("halve-answer").source
        assert found(case.forget_ids().done(), "halve-answer") == (text, BY_NAME, [IDS_GONE])

    def test_in_the_cell_of_another_answer(self, case: Case) -> None:
        text = WRONG.format("x / 2")
        shift = case.cell("shift-answer").source
        case.write("double-answer", text).write("halve-answer", shift).write("shift-answer", "")
        repaired = case.done()
        assert found(repaired, "halve-answer")[:2] == (text, BY_NAME) and found(repaired, "shift-answer")[:2] == (
            shift,
            BY_NAME,
        )
        assert choose.OTHER_CELL.format(HALVE) + f" The same for {SHIFT}." in repaired.remarks
        assert repaired.answered["double-answer"] == UNANSWERED

    def test_two_answers_in_one_cell(self, case: Case) -> None:
        text = case.cell("halve-answer").source
        case.write("double-answer", case.cell("double-answer").source + "\n\n\n" + text).write("halve-answer", "")
        assert found(case.done(), "halve-answer") == (text, BY_NAME, [choose.OTHER_CELL.format(HALVE)])

    def test_what_was_given_is_nobodys_answer(self, case: Case, plan) -> None:
        stub = plan.by_key["halve-answer"].released
        case.write("double-answer", case.cell("double-answer").source + "\n\n\n" + stub).write("halve-answer", "")
        assert found(case.done(), "halve-answer")[1] == UNANSWERED

    def test_a_stub_beside_what_was_filled_in(self, case: Case, plan) -> None:
        text = case.cell("halve-answer").source
        case.put(plan.by_key["halve-answer"].released, before="halve-answer")
        case.cell("mine-1").metadata = case.cell("halve-answer").metadata
        assert found(case.done(), "halve-answer") == (text, BY_ID, [choose.FILLED_IN.format(HALVE)])

    def test_the_same_twice(self, case: Case) -> None:
        text = case.cell("halve-answer").source
        case.put(text + "  # again", before="halve")
        assert found(case.done(), "halve-answer")[2] == [choose.OWN_CELL.format(HALVE), choose.TWICE.format(HALVE)]

    def test_several_of_which_one_counts(self, case: Case) -> None:
        case.put(WRONG.format(1), before="halve-answer").put(WRONG.format(2), before="halve-answer")
        text = case.cell("halve-answer").source
        assert found(case.done(), "halve-answer") == (text, BY_ID, [choose.SEVERAL.format(HALVE)])
        case.put(WRONG.format(3), before="halve")
        assert found(case.done(), "halve-answer")[:2] == (WRONG.format(3), BY_NAME)
        case.put(WRONG.format(4), behind="halve")
        assert found(case.done(), "halve-answer")[:2] == (WRONG.format(3), BY_NAME)

    def test_an_unfinished_one_is_none_of_several(self, case: Case) -> None:
        case.put("def halve(x):\n    raise NotImplementedError", before="halve")
        assert found(case.done(), "halve-answer")[1:] == (BY_ID, [])

    def test_one_that_stands_where_it_should_under_another_name(self, case: Case) -> None:
        text = "def half_of(y):\n    return y / 2"
        case.drop("halve-answer").put(text, before="halve")
        assert found(case.done(), "halve-answer") == (text, BY_POSITION, [choose.BY_PLACE.format(HALVE)])

    @pytest.mark.parametrize("more", ["z = 1", "import os"])
    def test_of_two_that_stand_there_neither_is_known_and_an_import_is_none(self, case: Case, more: str) -> None:
        case.drop("halve-answer").put("def half_of(y):\n    return y / 2", before="halve").put(more, before="halve")
        assert found(case.done(), "halve-answer")[1] == (BY_POSITION if more == "import os" else MISSING)

    def test_where_neither_neighbour_is_left_nobody_knows_the_place(self, case: Case) -> None:
        case.put("def half_of(y):\n    return y / 2", before="halve-answer").drop("halve-answer", "halve", "text-3")
        assert found(case.done(), "halve-answer")[1] == MISSING

    def test_a_change_to_an_answer_is_no_answer(self, case: Case) -> None:
        text = case.cell("halve-answer").source
        case.put("halve = timed(halve)", behind="halve-answer")
        assert found(case.done(), "halve-answer") == (text, BY_ID, [])
        case.write("halve-answer", "halve = lambda x: x / 2")
        assert found(case.done(), "halve-answer")[:2] == ("halve = lambda x: x / 2", BY_ID)


class TestWords:
    def at(self, case: Case) -> tuple[str, str, list[str]]:
        return found(case.done(), "report")

    def test_in_its_cell(self, case: Case) -> None:
        assert self.at(case)[1:] == (BY_ID, [])

    def test_more_of_it_right_below_but_not_further(self, case: Case) -> None:
        text = case.cell("report").source
        case.put("And more.", behind="report", kind=new_markdown_cell)
        assert self.at(case) == (f"{text}\n\nAnd more.", JOINED, [written.SPREAD])
        case.put("x = 1", behind="report")
        assert self.at(case) == (text, BY_ID, [])

    def test_what_stands_above_is_a_note(self, case: Case) -> None:
        case.put("A note of mine.", before="report", kind=new_markdown_cell)
        assert self.at(case)[1:] == (BY_ID, [])

    def test_beside_an_empty_cell(self, case: Case) -> None:
        case.write("report", "").put("One.", before="report", kind=new_markdown_cell).put(
            "Two.", behind="report", kind=new_markdown_cell
        )
        assert self.at(case) == ("One.\n\nTwo.", JOINED, [written.SPREAD])

    def test_in_a_cell_of_its_own(self, case: Case) -> None:
        case.drop("report").put("\n\nWords.\n", behind="text-5", kind=new_markdown_cell)
        assert self.at(case) == ("Words.", BY_POSITION, [written.ELSEWHERE])
        assert self.at(case.forget_ids())[2] == [IDS_GONE]

    def test_in_a_cell_of_code(self, case: Case) -> None:
        case.write("report", "").put("Words are no code.", behind="report").put("More words there.", behind="mine-1")
        assert self.at(case) == ("Words are no code.", BY_POSITION, [written.WAS_CODE])

    def test_code_beside_it_is_none_of_it(self, case: Case) -> None:
        case.write("report", "").put("x = 1", behind="report")
        assert self.at(case)[1:] == (UNANSWERED, [])

    def test_below_its_question(self, case: Case) -> None:
        question = case.cell("text-5").source
        case.write("report", "").write("text-5", question + "\n\n  My words.  ")
        assert self.at(case) == ("My words.", BY_POSITION, [written.BELOW_QUESTION])
        case.write("text-5", question + " \n").write("text-4", case.cell("text-4").source + "\n\nMy words.")
        assert self.at(case)[1] == UNANSWERED
        case.write("text-5", "My words.\n\n" + question)
        assert self.at(case)[1] == UNANSWERED

    def test_the_same_words_twice_are_said_once(self, case: Case) -> None:
        text = case.cell("report").source
        case.put("The end.", behind="report", kind=new_markdown_cell)
        assert self.at(case) == (text, BY_ID, [])
        case.write("report", "The end.").write("mine-1", text)
        assert self.at(case) == (text, BY_POSITION, [written.ELSEWHERE])

    def test_where_no_neighbour_is_left_nobody_knows_the_place(self, case: Case) -> None:
        case.put("Words.", behind="report", kind=new_markdown_cell).drop("report", "text-5", "text-6")
        assert self.at(case)[1] == MISSING

    def test_pictures_of_all_its_parts(self, case: Case) -> None:
        png = {"image/png": "iVBORw0KGgo="}
        case.put("And more ![](attachment:b.png).", behind="report", kind=new_markdown_cell)
        case.cell("report").attachments, case.cell("mine-1").attachments = {"a.png": png}, {"b.png": png}
        cell = next(cell for cell in case.done().notebook.cells if cell.id == "report")
        assert cell.attachments == {"a.png": png, "b.png": png}


def test_nothing_written_at_all_is_said(plan) -> None:
    release = nbformat.v4.new_notebook(
        cells=[nbformat.from_dict({**slot.cell, "source": slot.released}) for slot in plan.slots]
    )
    repaired = rebuild(release, plan)
    assert repaired.remarks == [BLANK] and set(repaired.answered.values()) == {UNANSWERED}
