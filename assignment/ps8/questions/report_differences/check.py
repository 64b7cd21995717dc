"""Check of an answer that is data: of its form alone, since to say more would be to give the answer."""

from __future__ import annotations

from ps8.checks.finding import CheckFailed, Finding, NotStarted
from ps8.probes import Namespace

from .comparisons import NAME, QUESTION, THINGS, cell_of, fault, fault_of_cell


def check_report_differences(namespace: Namespace) -> str:
    """The five pairs, each with words of `THINGS`; and that the grader, who reads the cell and runs nothing, can read it."""
    if NAME not in namespace:
        raise NotStarted(QUESTION)
    source = cell_of(namespace)
    wrong = fault(namespace[NAME]) or (fault_of_cell(source) if source else "")
    if wrong:
        expected = f"{NAME}, a dictionary of the five pairs, each with a set of {', '.join(map(repr, THINGS))}"
        likely = "the table above the cell shows the form; the words and the names of the rows are to be written as there"
        raise CheckFailed(Finding(QUESTION, "general.undefined", expected, wrong, likely))
    return "What differs: the form is as asked for. Whether the answers are right cannot be said here; the grader says it."
