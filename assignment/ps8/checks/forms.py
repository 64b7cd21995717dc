"""Checks of answers that are data: of their form alone, since to say more would be to give the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ps8.checks.finding import CheckFailed, Finding, NotStarted
from ps8.comparisons import NAME, QUESTION, THINGS, cell_of, fault, fault_of_cell
from ps8.probes import Namespace


@dataclass(frozen=True)
class Form:
    """How the form of an answer is checked.

    Attributes:
        check: looks at a namespace and says what was seen; raises `CheckFailed` or `NotStarted`.
        hint: where to read on.
    """

    check: Callable[[Namespace], str]
    hint: str


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


FORMS: dict[str, Form] = {
    QUESTION: Form(
        check_report_differences,
        "What each row is made of stands in section 1.5, in the table of the three methods, and in 2.4, above the cells "
        "that measure the two encoders of Lab images. Write down task, colours and features of all five rows; then compare.",
    ),
}
