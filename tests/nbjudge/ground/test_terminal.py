from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbjudge.ground.terminal import MAX_LINES, MAX_TEXT, output

from .foreign import NEVER, OUTPUTS

MOVES = [
    "\x1b[A",
    "\x1b[2B",
    "\x1b[3C",
    "\x1b[9D",
    "\x1b[K",
    "\x1b[1K",
    "\x1b[2K",
    "\x1b[J",
    "\x1b[31m",
    "\x1b",
    "\x1b]8;;x\x07",
]
WORDS = ["\u65e5", "e\u0301", "\U0001f469\u200d\U0001f4bb", "abc", "x" * 90, "\r", "\n", "\b", "\t"]
ODD = ["\ud800", "\udc00", "\u2028", "\ufeff", "\0", "\x9b", "\u202e"]
PIECES = st.sampled_from([*MOVES, *WORDS, *ODD])
GROWING = ["\r" + "x" * 79, "x\b", "\x1b[999Cx", "\x1b[999Cx\n", "\x1b]8;;", "\x1b[A", "\u65e5\b", "\x1b[1K", "e\u0301\r"]


@pytest.mark.parametrize("name", OUTPUTS)
def test_output_is_what_a_terminal_shows(name: str) -> None:
    text, shown = OUTPUTS[name]
    assert output(text) == shown


@given(st.lists(PIECES, max_size=40) | st.text(max_size=80), st.integers(5, 12))
def test_any_text_is_bounded_shown_and_the_same_again(pieces: list[str] | str, lines: int) -> None:
    shown = output("".join(pieces), lines, 400)
    assert output(shown, lines, 400) == shown
    assert len(shown) <= 400 and shown.count("\n") < lines
    assert not NEVER & set(shown)
    shown.encode("utf-8")


def test_a_long_output_keeps_its_beginning_and_its_end_and_says_how_much_is_missing() -> None:
    shown = output("first\n" + "line\n" * 10_000 + "last").split("\n")
    assert (shown[0], shown[-1]) == ("first", "last") and len(shown) <= MAX_LINES
    (told,) = (line for line in shown if line.startswith("…"))
    assert told == f"… {10_002 - (len(shown) - 1):,} more lines are left out here …"


def test_a_long_line_is_cut_and_said() -> None:
    shown = output("a" * 10**6 + "z")
    assert len(shown) <= MAX_TEXT and shown.endswith("z")
    kept = shown.count("a") - sum(line.count("a") for line in shown.split("\n") if line.startswith("…")) + 1
    assert f"… {10**6 + 1 - kept:,} more characters are left out here …" in shown


def test_a_bar_of_many_steps_is_its_last() -> None:
    """Only what is left on the screen counts, not how much was drawn over."""
    assert output("".join(f"\r{n:6}/20000" for n in range(20_001))) == " 20000/20000"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", GROWING)
def test_no_sequence_takes_long_or_grows(piece: str) -> None:
    assert len(output(piece * (2**20 // len(piece)))) <= MAX_TEXT


def test_a_list_is_joined() -> None:
    assert output(["a\n", "b"]) == "a\nb" and output(7) == "7"
