from __future__ import annotations

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
