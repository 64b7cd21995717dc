"""Which of the source's cells a submission's cell is, and where an answer's would stand."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbrepair.answer import MISSING, UNANSWERED, gap, has_neighbour, in_turn, joined, no_answer
from nbrepair.pieces import BY_ID, BY_NAME, BY_TEXT, Piece, in_order, pieces_of, recognise, untouched
from nbrepair.plan import Plan
from nbrepair.written import _is_within


def code(index: int, text: str, **more: object) -> Piece:
    return Piece(index, "code", text, **more)  # type: ignore[arg-type]


class TestPieces:
    @given(st.lists(st.integers(0, 12), max_size=9))
    def test_the_longest_run_that_rises_is_kept(self, places: list[int]) -> None:
        placed = [(code(n, ""), place) for n, place in enumerate(places)]
        kept = in_order(placed)
        runs = (run for size in range(len(placed), -1, -1) for run in itertools.combinations(placed, size))
        longest = next(run for run in runs if all(a[1] < b[1] for a, b in itertools.pairwise(run)))
        assert len(kept) == len(longest)
        assert all(a[1] < b[1] and a[0].index < b[0].index for a, b in itertools.pairwise(kept))

    @pytest.mark.parametrize(
        ("text", "indented"),
        [
            ("    x", True),
            ("\tx", True),
            ("x\n    y", False),
            ("# a\n\n  x", True),
            ("  # a\nx", False),
            ("", False),
            ("\n", False),
        ],
    )
    def test_a_cell_whose_code_is_indented_goes_on(self, text: str, indented: bool) -> None:
        assert code(0, text).indented is indented
        assert Piece(0, "markdown", text).indented is False

    def test_text_counts_as_code_if_all_of_it_is_python(self) -> None:
        assert Piece(0, "markdown", "def f():\n    pass").bound == {"f"}
        assert Piece(0, "markdown", "Here it is:\ndef f():\n    pass").bound == frozenset()
        assert code(0, "def f(:\n    pass").bound == {"f"}
        assert code(0, "x = y = 1").defines(["y", "z"]) and not code(0, "x = 1").defines(["y"])

    def test_an_answer_is_untouched_but_for_spaces_and_comments(self, plan: Plan) -> None:
        answer, given, written = (plan.by_key[key] for key in ("halve-answer", "given-setup", "report"))
        for text in ("", "  \n", "# nothing\n\n  # yet", answer.released, "# mine\n" + answer.released + "   \n"):
            assert untouched(text, answer)
        assert not untouched(answer.released.replace("halve", "half"), answer)
        assert untouched(given.released + "\n", given) and untouched("", given)
        assert not untouched("# nothing", given) and not untouched("x", written) and untouched(written.released, written)

    def test_what_is_kept_of_a_cell(self, good) -> None:
        good.cells[4].metadata["id"] = "colab"
        good.cells[4].attachments = {"a": {}}
        piece = pieces_of(good)[4]
        assert (piece.index, piece.kind, piece.tag, piece.cell_id, piece.pictures) == (
            4,
            "code",
            "double-answer",
            "colab",
            {"a": {}},
        )
        assert pieces_of(good)[0].tag == "" and pieces_of(good)[0].cell_id == "text-1" and pieces_of(good)[0].slot is None

    @pytest.mark.parametrize(
        ("kind", "text", "key", "how"),
        [
            ("code", "my_bet = None", "bet", BY_TEXT),
            ("code", "my_bet  =  None  # mine", "bet", BY_TEXT),
            ("code", "my_bet = 0.7\nother = 1", "bet", BY_NAME),
            ("code", "def halve(x):\n    return x / 2", "halve-answer", BY_NAME),
            ("code", "halve = timed(halve)", None, ""),
            ("code", "keeps_mean = {}", "shift-methods", BY_NAME),
            ("code", "def shift(v, by):\n    return v\n\n\ndef halve(x):\n    return x", "halve-answer", BY_NAME),
            ("markdown", "### 1.2 Halving · 10 points\n\nNow the way  back!", "text-3", BY_TEXT),
            ("markdown", "Something else entirely, of about this length.", None, ""),
            ("code", "import math\n\nrate = 2.5", "given-setup", BY_TEXT),
            ("code", "a = 1", None, ""),
        ],
    )
    def test_which_cell_a_lost_one_is(self, plan: Plan, kind: str, text: str, key: str | None, how: str) -> None:
        piece = Piece(0, kind, text)
        recognise([piece], plan)
        assert (piece.slot.key if piece.slot else None, piece.how) == (key, how)

    def test_a_name_tells_before_a_text_and_the_first_that_fits_is_taken(self, plan: Plan) -> None:
        tagged, named = code(0, "x", tag="double"), code(1, "x", cell_id="halve", tag="unknown")
        twice = [Piece(2, "code", "my_bet = None"), Piece(3, "code", "my_bet = None")]
        recognise([tagged, named, *twice], plan)
        assert [piece.slot.key for piece in (tagged, named)] == ["double", "halve"]  # type: ignore[union-attr]
        assert {piece.how for piece in (tagged, named)} == {BY_ID}
        assert [piece.slot.key for piece in twice] == ["bet", "bet"]  # type: ignore[union-attr]


class TestAnswers:
    def test_cells_are_joined_with_a_line_between_and_an_indented_one_goes_on(self) -> None:
        assert joined([]) == "" and joined([code(0, "\nx = 1\n\n")]) == "\nx = 1\n\n"
        parts = [code(0, "def f():\n    a\n\n"), code(1, "\n    b\n"), code(2, "\ng = 1  \n")]
        assert joined(parts) == "def f():\n    a\n    b\n\ng = 1"

    def test_each_once_in_the_submissions_order(self) -> None:
        a, b = code(1, "a"), code(2, "b")
        assert in_turn([b, a, b]) == [a, b]

    def test_the_gap_is_between_the_neighbours_that_are_there(self, plan: Plan) -> None:
        slot = plan.by_key["halve-answer"]
        pieces = [code(n, "x") for n in range(7)]
        pieces[0].slot, pieces[2].slot, pieces[5].slot = plan.slots[0], plan.slots[slot.index - 1], plan.slots[slot.index + 2]
        anchors = [pieces[0], pieces[2], pieces[5]]
        assert gap(slot, anchors, pieces) == [pieces[3], pieces[4]]
        pieces[3].used, pieces[4].text = True, " \n"
        assert gap(slot, anchors, pieces) == []
        assert gap(slot, [], pieces) == [pieces[1], pieces[6]]
        assert gap(slot, anchors[:2], pieces) == [pieces[6]] and gap(slot, anchors[2:], pieces) == [pieces[1]]
        assert has_neighbour(slot, anchors) and not has_neighbour(slot, [pieces[0], pieces[5]]) and not has_neighbour(slot, [])

    def test_a_stub_was_not_answered_and_no_cell_is_missing(self, plan: Plan) -> None:
        slot = plan.answers[0]
        assert no_answer(slot, [code(0, "")]).how == MISSING
        assert no_answer(slot, [code(0, ""), code(1, "", slot=slot)]).how == UNANSWERED

    def test_of_texts_in_each_other_the_longest_and_of_equal_ones_the_first_stay(self) -> None:
        texts = ["a", "abc", "b", "abc", "d"]
        assert [_is_within(texts, n) for n in range(5)] == [True, False, True, True, False]
