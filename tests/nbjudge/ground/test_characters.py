from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbjudge.ground.characters import code_text, one_line, visible

from .foreign import CHANGED, GONE, KEPT, NEVER


@pytest.mark.parametrize("name", [*KEPT, *CHANGED])
def test_what_can_be_seen_stays_and_what_cannot_is_told(name: str) -> None:
    text, shown = CHANGED.get(name, (KEPT.get(name), KEPT.get(name)))
    assert visible(text) == shown


@given(st.text() | st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"])))
def test_any_text_can_be_stored_and_shown(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert not NEVER & set(shown) and visible(shown) == shown
    assert not {"\n", "\t"} & set(one_line(text)) and len(one_line(text, 20)) <= 20


def test_a_line_is_one_and_says_that_it_was_cut() -> None:
    assert one_line(" a\n\tb\x1b  c ") == f"a b{GONE} c"
    assert one_line("x" * 50, 20) == "x" * 19 + "…"


def test_code_stays_what_it_was_but_for_what_no_file_can_hold() -> None:
    code = "x = '\t\u202e\x1b\ufeff\u2028'\n"
    assert code_text(code) == code
    assert code_text("a\r\nb\rc\0\ud800\ud83d\ude00") == f"a\nb\nc{GONE}\U0001f600"


@pytest.mark.parametrize("longest", [1, 2, 20])
def test_a_line_has_room_for_as_much_as_it_says(longest: int) -> None:
    assert one_line("x" * longest, longest) == "x" * longest
    assert one_line("x" * (longest + 1), longest) == "x" * (longest - 1) + "…"
    assert len(one_line("y" * 1000)) == 300


def test_blanks_at_the_ends_go_and_others_stay() -> None:
    assert one_line("\t a \n\n b\xa0") == "a b\xa0"
    assert visible(7) == "7" and visible("\ufeff\ufeffa") == f"{GONE}a"


EDGES = [*"\x08\x0e\x1f\x7f\x9f\u202a\u202e\u2066\u2069\u206a\u206f\ufeff\ufff9\ufffb\ufdd0\ufdef\ufffe\uffff"]
EDGES += [*"\x00\x0b\U0001fffe\U0001ffff\U0010fffe\U0010ffff\U000e0000\U000e007f"]
NEIGHBOURS = [
    *"\t\x20~\xa0\u2029\u202f\u2065\u2070\ufefe\ufff8\ufffc\ufdcf\ufdf0\ufffd\U0001fffd\U0010fffd\U000dffff\U000e0080"
]


@pytest.mark.parametrize("char", EDGES, ids=ascii)
def test_the_first_and_the_last_of_what_cannot_be_seen_go(char: str) -> None:
    assert visible(f"a{char}b") == f"a{GONE}b"


@pytest.mark.parametrize("char", NEIGHBOURS, ids=ascii)
def test_what_stands_before_and_behind_them_stays(char: str) -> None:
    assert visible(f"a{char}b") == ("a\nb" if char == "\u2029" else f"a{char}b")


@pytest.mark.parametrize("tags", ["", "\U000e0061" * 7, "\U000e0041", "\U000e007b"])
def test_tags_that_are_no_regions_flag_are_hidden_text(tags: str) -> None:
    end = "\U000e007f"
    assert visible(f"\U0001f3f4{tags}{end}") == "\U0001f3f4" + GONE * len(tags + end)
    assert visible("\U0001f3f4\U000e0030\U000e0039\U000e007a" + end).count(GONE) == 0
