from __future__ import annotations

import hashlib
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbjudge.ground.foreign_names import LONGEST, shown, shown_file

from .foreign import CODER, OUTPUTS

PRINTED = {name: text for name, (text, _) in OUTPUTS.items()}
ODD = {**PRINTED, "no UTF-8": "caf\udce9", "blanks": " a  b ", "a backslash": "a\\nb"}
ORDINARY = [
    "ps8.ipynb",
    "Ada Lovelace",
    "résumé (1).ipynb",
    "\u4e2d\u6587",
    f"{CODER}.png",
    "\u0645\u06cc\u200c\u062e",
    "9.41\u202fPM.png",
]
CHARACTERS = st.characters(categories=["Cc", "Cf", "Cs", "Lu", "Mn", "Zs", "So"]) | st.sampled_from("\\ xun0")


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_names_stay(name: str) -> None:
    assert shown(name) == name


@pytest.mark.parametrize("what", ODD)
def test_an_odd_name_is_on_one_line_and_all_of_it_can_be_seen(what: str) -> None:
    told = shown(ODD[what])
    told.encode("utf-8")
    assert len(told) <= LONGEST and all(char.isprintable() or char in "\u200c\u200d\xa0" for char in told)


def test_names_that_look_alike_do_not() -> None:
    assert len({shown(name, 0) for name in ODD.values()}) == len(set(ODD.values()))
    assert shown("a\x1b\n\u202e\udce9") == r"a\x1b\n\u202e\xe9" and shown("\x9b") == r"\u009b"


@given(st.lists(st.text(CHARACTERS, max_size=8), max_size=8))
def test_different_names_are_shown_differently(names: list[str]) -> None:
    assert len({shown(name, 0) for name in names}) == len(set(names))


@given(st.text(min_size=30, max_size=300), st.text(min_size=30, max_size=300))
def test_so_are_those_that_lose_their_middle(one: str, other: str) -> None:
    assert len(shown(one, 30)) <= 30
    assert (shown(one, 30) == shown(other, 30)) == (one == other)


def test_a_long_name_keeps_its_beginning_and_its_suffix() -> None:
    told = shown("a" * 200 + ".ipynb")
    assert told.startswith("aaa") and told.endswith("a.ipynb") and "…" in told and len(told) == LONGEST


def test_macos_writes_accents_apart() -> None:
    apart = unicodedata.normalize("NFD", "résumé.ipynb")
    assert shown_file(apart) == "résumé.ipynb"
    assert shown(apart) == r"re\u0301sume\u0301.ipynb"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (" a", r"\x20a"),
        ("a ", r"a\x20"),
        ("a b", "a b"),
        ("a  b", r"a \x20b"),
        ("  ", r"\x20\x20"),
        (" ", r"\x20"),
        ("a\\b", r"a\\b"),
        ("a\tb\rc\nd", r"a\tb\rc\nd"),
        ("\x00\x7f\x1f", r"\x00\x7f\x1f"),
        ("\udc80\udcff", r"\x80\xff"),
        ("\ud800\udc7f", r"\ud800\udc7f"),
        ("\U000e0041", r"\U000e0041"),
        ("\uffff\U00010000", "\\uffff\U00010000"),
        ("\xa0a\xa0b\xa0", "\\u00a0a\xa0b\\u00a0"),
        ("e\u0301", r"e\u0301"),
        ("\u0301", "\u0301"),
        ("q\u0301", "q\u0301"),  # no letter of its own
        ("a\u200db", r"a\u200db"),
        ("\u200d", r"\u200d"),
        ("\u4e2d\u200c", r"中\u200c"),
        ("\u200c\u4e2d", r"\u200c中"),
        ("\u4e2d\u200ca", r"中\u200ca"),
        ("\u4e2d\u200c\u4e2d", "\u4e2d\u200c\u4e2d"),
        ("~\x80", r"~\u0080"),
    ],
)
def test_what_stands_for_what(name: str, told: str) -> None:
    assert shown(name, 0) == told


@pytest.mark.parametrize("longest", [11, 12, 20, 80])
def test_the_middle_is_cut_out_so_that_two_thirds_of_the_rest_stand_ahead(longest: int) -> None:
    name = "".join(chr(0x4E00 + n) for n in range(200))
    ahead, mark, behind = re.fullmatch(r"(.*)(…[0-9a-f]{6}…)(.*)", shown(name, longest)).groups()  # type: ignore[union-attr]
    assert len(ahead) + len(behind) == longest - 8 and len(ahead) == max(1, (longest - 8) * 2 // 3)
    assert name.startswith(ahead) and name.endswith(behind)
    assert shown(name[:longest], longest) == name[:longest] and shown(name, 0) == name
    assert mark == f"…{hashlib.sha256(name.encode()).hexdigest()[:6]}…"


def test_there_is_always_a_beginning_and_an_end() -> None:
    assert re.fullmatch(r"a…[0-9a-f]{6}…z", shown("a" + "x" * 50 + "z", 3))
    assert re.fullmatch(r"x…[0-9a-f]{6}…x", shown_file("x" * 50, 9))
    assert len(shown("x" * 81)) == LONGEST == len(shown("x" * LONGEST))
