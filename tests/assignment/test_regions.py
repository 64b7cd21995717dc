from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell
from nbgrader.preprocessors import ClearSolutions

from assignment.builder.regions import (
    Region,
    Unbalanced,
    disagreement,
    find_regions,
    given_lines,
    solution_lines,
    stubbed,
)
from assignment.builder.stub import STUB

TEXT = """\
def f():
    a = 1
    ### BEGIN SOLUTION
    b = 2

    c = 3
    ### END SOLUTION
    return a
### BEGIN SOLUTION
d = 4
### END SOLUTION"""


def test_regions_are_found_in_order():
    assert find_regions(TEXT) == [Region(2, 6), Region(8, 10)]
    assert list(solution_lines(TEXT)) == [(3, "    b = 2"), (4, ""), (5, "    c = 3"), (9, "d = 4")]
    assert given_lines(TEXT) == ["def f():", "    a = 1", "    return a"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("### BEGIN SOLUTION\nx", 0),
        ("x\n### END SOLUTION", 1),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", 1),
        ("### BEGIN SOLUTION\n### END SOLUTION\n### END SOLUTION", 2),
    ],
)
def test_an_unbalanced_mark_is_named_by_its_line(text, line):
    with pytest.raises(Unbalanced) as caught:
        find_regions(text)
    assert caught.value.line == line


def test_the_stub_stands_where_the_region_was():
    assert stubbed(TEXT, "S\nT") == "def f():\n    a = 1\n    S\n    T\n    return a\nS\nT"


def test_the_stub_is_what_nbgrader_makes():
    cell = new_code_cell(TEXT, metadata={"nbgrader": {"solution": True}})
    clear = ClearSolutions(code_stub={"python": STUB})
    clear.preprocess_cell(cell, {"language": "python"}, 0)
    assert cell.source == stubbed(TEXT)


def test_disagreement_names_the_first_line_that_differs():
    assert disagreement(TEXT, stubbed(TEXT)) is None
    message = disagreement(TEXT, stubbed(TEXT).replace("a = 1", "a = 2"))
    assert message == "line 2 of the stub is '    a = 2', the reference has '    a = 1'"
    assert "line 8" in (disagreement(TEXT, stubbed(TEXT) + "\nmore") or "")
