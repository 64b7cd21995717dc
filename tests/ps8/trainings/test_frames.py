"""A function's variables, read and set from further down; what tells its code from other code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import CodeType, FrameType

import pytest
from ps8.trainings import own
from ps8.trainings.frames import is_function, read_locals, write_locals


class Meddler:
    """Sets the variables of who iterates over it."""

    def __init__(self) -> None:
        self.frame: FrameType = sys._getframe(1)

    def __iter__(self) -> Iterator[int]:
        assert is_function(self.frame)
        write_locals(self.frame, {"plain": 10, "shared": 20, "replaced": ["new"]})
        yield 1
        found = read_locals(self.frame)
        assert (found["plain"], found["shared"], found["step"]) == (11, 21, 1)


def test_variables_are_set_those_that_a_closure_shares_too() -> None:
    def loop() -> tuple[int, int, list[str]]:
        plain = shared = 0
        replaced = ["old"]

        def count() -> None:
            nonlocal shared
            shared += 1

        for step in Meddler():
            plain += step
            count()
        return plain, shared, replaced

    assert loop() == (11, 21, ["new"])


def test_a_cell_is_no_function() -> None:
    space: dict = {"sys": sys}
    exec("frame = sys._getframe()", space)
    assert not is_function(space["frame"])


def code(source: str) -> CodeType:
    space: dict = {}
    exec(source, space)
    return space["f"].__code__


ONE = "def f(x):\n    'says'\n    return x in {'a', 'b', 'c'} and [y + 1 for y in x]"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (ONE.replace("'says'", "'''says\n    more'''").replace("return", "# why\n    return"), True),
        ("\n\n" + ONE, True),
        (ONE.replace("y + 1", "y + 2"), False),
        (ONE.replace("'b'", "'d'"), False),
        (ONE.replace("(x)", "(x, z=1)"), False),
    ],
)
def test_a_digest_is_of_what_code_does(other: str, same: bool) -> None:
    assert (own.code_digest(code(ONE)) == own.code_digest(code(other))) is same


def test_global_variables_are_told_from_attributes() -> None:
    found = own.global_names(code("def f(x):\n    def g():\n        return memo[x.data]\n    return len(g())"))
    assert set(found) == {"len", "memo"}


def test_libraries_and_the_kit_are_not_the_students() -> None:
    assert own.is_own("__main__") and own.is_own(__name__)
    assert not any(own.is_own(name) for name in ("torch.nn", "numpy", "json", "ps8.progress", "builtins"))
