"""Values read out of a cell's text; nothing in it runs."""

from __future__ import annotations

import pytest
from ps8.literals import LONGEST, NotLiteral, read_literal

WANTED = {("a", "b"): {"x"}, ("c", "d"): {"x", "y"}}
READABLE = [
    'd = {("a", "b"): {"x"}, ("c", "d"): {"x", "y"}}',
    'd: dict = {("a", "b"): {"x"}, ("c", "d"): {"y", "x"}}  # with a note',
    '%%time\nd = {("a", "b"): {"x"}, ("c", "d"): {"x", "y"}}\nprint(d)\nd',
    'd = {}\nd["a", "b"] = {"x"}\nd[("c", "d")] = {"x", "y"}',
    'd = dict([(("a", "b"), set(["x"])), (("c", "d"), set(("x", "y")))])',
    'x, X = 1, 2\nX = "x"\nd = {("a", "b"): {X}, ("c", "d"): {X, "y"}}\nlen(d)',
    'd = {("a", "b"): {"y"}}\nd = {("a", "b"): {"x"}, ("c", "d"): {"x", "y"}}\nimport os\nos.getcwd()',
]


@pytest.mark.parametrize("source", READABLE)
def test_what_is_written_out_is_read(source: str) -> None:
    assert read_literal(source, "d") == WANTED


def test_numbers_are_read() -> None:
    source = "bet = {'a': 1 / 4, 'b': -0.5, 'c': 30 / 100 + 0.1, 'e': None}"
    assert read_literal(source, "bet") == {"a": 0.25, "b": -0.5, "c": 0.4, "e": None}


UNREADABLE = {
    "": "does not give d a value",
    "D = {}": "does not give d a value",
    "d = {": "is no Python",
    "d = compute()": "takes running to know",
    "d = [w for w in ('x', 'y')]": "takes running to know",
    "d = {}\nfor w in 'xy': d[w] = w": "line 2 takes running to know",
    "d = {}\nd.update(x={'x'})": "line 2 takes running to know",
    "d = {}\ny = d.pop('x', f())": "line 2 takes running to know",
    "d = {}\nd |= {'x': 1}": "line 2 takes running to know",
    "if True: d = {}": "line 1 takes running to know",
    "d = {{'x'}: 1}": "cannot be read",
    "d = {}\nd[['x']] = 1": "cannot be a key",
    "d = 1 / 0": "cannot be read",
    "d = 10 ** 9 ** 9": "takes running to know",
    "d = 'x' * 9": "only numbers",
    "d = {**e}": "takes running to know",
    "d = " + "-" * 5_000 + "1": "no Python|cannot be read",
    "d = " + "[" * 5_000: "is no Python",
    "d = 1" + " " * LONGEST: "more than",
    "d = __import__('os').system('touch forbidden')": "takes running to know",
}


@pytest.mark.parametrize("source", UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_takes_running_is_not_read(source: str) -> None:
    with pytest.raises(NotLiteral, match=UNREADABLE[source]):
        read_literal(source, "d")
