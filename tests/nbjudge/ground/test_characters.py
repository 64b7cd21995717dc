from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbjudge.ground.characters import line, source, visible

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
    assert not {"\n", "\t"} & set(line(text)) and len(line(text, 20)) <= 20


def test_a_line_is_one_and_says_that_it_was_cut() -> None:
    assert line(" a\n\tb\x1b  c ") == f"a b{GONE} c"
    assert line("x" * 50, 20) == "x" * 19 + "…"


def test_code_stays_what_it_was_but_for_what_no_file_can_hold() -> None:
    code = "x = '\t\u202e\x1b\ufeff\u2028'\n"
    assert source(code) == code
    assert source("a\r\nb\rc\0\ud800\ud83d\ude00") == f"a\nb\nc{GONE}\U0001f600"
