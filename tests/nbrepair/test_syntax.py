"""Syntax trees of several threads."""

from __future__ import annotations

import ast
import gc
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from nbrepair.syntax import syntax_tree

ROOT = Path(__file__).resolve().parents[2]
NESTED = "\n".join(f"x{n} = [" + "(" * 40 + f"f({n})" + ")" * 40 + ", {1: [2, [3, [4]]]}]" for n in range(30))


class Finalized:
    """Garbage whose end runs Python, in which a thread may be switched: in the middle of another's tree."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        for _ in range(30):
            pass


@pytest.fixture
def switching() -> Iterator[None]:
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(50)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


def tree_at_depth(depth: int) -> str:
    """The tree of NESTED, from so many calls down."""
    if depth:
        return tree_at_depth(depth - 1)
    _ = [Finalized() for _ in range(20)]
    return ast.dump(syntax_tree(NESTED))


def test_threads_do_not_break_each_others_trees(switching: None) -> None:
    with ThreadPoolExecutor(4) as threads:
        trees = set(threads.map(lambda n: tree_at_depth(n % 30), range(200)))
    assert trees == {ast.dump(ast.parse(NESTED))}


def test_what_is_no_python_is_refused_and_holds_nobody_up() -> None:
    for _ in range(2):
        with pytest.raises(SyntaxError):
            syntax_tree("def")
    assert syntax_tree(b"x = 1").body


def test_threaded_code_parses_with_it() -> None:
    """The lesson's builder has one thread, and the collector one kernel; all others may meet a second."""
    rooms = ["nbjudge/src", "autograder/judge", "autograder/provenance", "assignment/ps8"]
    found = subprocess.run(
        ["git", "grep", "-l", "ast[.]parse(", "--", *rooms], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["nbjudge/src/nbrepair/syntax.py"]
