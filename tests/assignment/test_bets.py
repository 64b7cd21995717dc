"""The table beside the bets: whatever a student writes down as a bet, the cell that shows it runs."""

from __future__ import annotations

import ast

import nbformat
import pytest

from assignment.builder.checkout import ROOT


@pytest.fixture(scope="module")
def table() -> str:
    """The code of `accuracy_table` in the students' notebook, with what it reads."""
    notebook = nbformat.read(ROOT / "assignment" / "release" / "ps8" / "ps8.ipynb", as_version=4)
    (cell,) = (cell for cell in notebook.cells if "def accuracy_table" in cell.source)
    tree = ast.parse(cell.source)
    tree.body = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name != "accuracy_table")]
    return ast.unparse(tree)


BETS = [0.3, "0.3", "0.2 to 0.3", (0.2, 0.3), [0.2, 0.3], {0.2, 0.3}, None, 0, "x" * 99, {"low": 1}]


@pytest.mark.parametrize("bet", BETS, ids=map(str, range(len(BETS))))
def test_a_bet_of_any_kind_is_shown_in_its_column(table: str, bet: object, capsys: pytest.CaptureFixture[str]) -> None:
    names = {"my_bet": {"cmc": bet}, "results": {"accuracy": {"cmc": 0.5}, "standardised": {}}}
    exec(table, names)
    names["accuracy_table"]()  # type: ignore[operator]
    (row,) = (line for line in capsys.readouterr().out.splitlines() if "CMC" in line)
    assert "0.500" in row and len(row) == 24 + 10 + 10 + 14


@pytest.mark.parametrize("bets", [None, 0.3, [0.1, 0.2]])
def test_bets_that_are_no_table_stop_nothing(table: str, bets: object) -> None:
    names = {"my_bet": bets, "results": {"accuracy": {}, "standardised": {}}}
    exec(table, names)
    names["accuracy_table"]()  # type: ignore[operator]
