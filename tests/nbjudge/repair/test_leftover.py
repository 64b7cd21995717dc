"""A forgotten `raise` of the stub is no part of an answer, and a part that is not written is no answer."""

from __future__ import annotations

import pytest
from nbjudge.repair.rebuild import rebuild
from nbrepair.leftover import examine, is_finished
from nbrepair.rebuild import LEFT_OVER

from .conftest import CHOICE, DOUBLE, HALVE, SHIFT

FULL = {"double": 10, "halve": 10, "shift": 20}


def stub_of(solution: str) -> str:
    """The released stub of a small answer."""
    lines, skipping = [], False
    for line in solution.split("\n"):
        if "BEGIN SOLUTION" in line:
            indent, skipping = line[: len(line) - len(line.lstrip())], True
            lines += [f"{indent}# YOUR CODE HERE", f"{indent}raise NotImplementedError"]
        elif "END SOLUTION" in line:
            skipping = False
        elif not skipping:
            lines.append(line)
    return "\n".join(lines)


def answered(stub: str, *code: str, where: str = "below") -> str:
    """The stub with code beside each `raise`: `code` in the order of the stubs, an empty one leaves its stub alone."""
    parts = stub.split("raise NotImplementedError")
    text = parts[0]
    for part, written in zip(parts[1:], code, strict=True):
        indent = text.rsplit("\n", 1)[-1]
        lines = f"\n{indent}".join(written.split("\n"))
        left = "raise NotImplementedError"
        both = f"{left}\n{indent}{lines}" if where == "above" else f"{lines}\n{indent}{left}"
        text += (both if written else left) + part
    return text


INIT, CALL = "self.by = by", "return self.by * x"
MOVED = "moved.append(value + by)"


@pytest.mark.parametrize("solution", [DOUBLE, HALVE, SHIFT, CHOICE])
def test_a_stub_is_open_and_nothing_in_it_is_forgotten(solution):
    stub = stub_of(solution)
    for text in (stub, stub.replace("# YOUR CODE HERE", ""), stub.replace("NotImplementedError", "NotImplementedError()")):
        found = examine(text, stub)
        assert found.open and not found.forgotten and found.text == text
        assert not is_finished(text, stub)


@pytest.mark.parametrize("where", ["above", "below"])
def test_the_code_beside_a_forgotten_raise_is_the_answer(where, good, plan, grader):
    """The `raise` first and the code behind it, or the other way round: in methods, in a loop, at a cell's top level."""
    answers = {
        "double-answer": answered(stub_of(DOUBLE), INIT, f"y = {CALL[7:]}\nif y == y:\n    return y", where=where),
        "halve-answer": answered(
            stub_of(HALVE), "half = Double(1 / rate)\nfor value in [half(x)]:\n    return value", where=where
        ),
        "shift-answer": answered(stub_of(SHIFT), MOVED, where=where),
        "shift-methods": answered(stub_of(CHOICE), 'keeps_mean = {"shift": False, "reverse": True}', where=where),
    }
    for cell in good.cells:
        cell.source = answers.get(cell.id, cell.source)
    repaired = rebuild(good, plan)
    assert grader(repaired.notebook) == FULL
    assert [remark.split("`")[1] for remark in repaired.remarks] == ["raise NotImplementedError"]
    assert "1.1 (Double)" in repaired.remarks[0] and "2.1 (shift)" in repaired.remarks[0]


def test_a_raise_in_one_method_of_two(plan, good, grader):
    stub = stub_of(DOUBLE)
    forgotten = (
        answered(stub, INIT, "")
        .replace("raise NotImplementedError", CALL)
        .replace(INIT + "\n        " + CALL, INIT + "\n        raise NotImplementedError")
    )
    assert examine(forgotten, stub).forgotten == ("Double.__init__",) and is_finished(forgotten, stub)
    half = examine(answered(stub, INIT, ""), stub)
    assert half.forgotten == ("Double.__init__",) and half.open == ("Double.__call__",)
    assert half.text.count("raise NotImplementedError") == 1
    next(cell for cell in good.cells if cell.id == "double-answer").source = forgotten
    assert grader(rebuild(good, plan).notebook) == FULL


def test_lines_keep_their_numbers():
    stub = stub_of(DOUBLE)
    text = answered(stub, INIT, CALL, where="above").replace(
        "raise NotImplementedError", "raise (\n    NotImplementedError\n)  # ?", 1
    )
    found = examine(text, stub)
    assert found.text.count("\n") == text.count("\n") and "NotImplemented" not in found.text
    assert [n for n, line in enumerate(found.text.split("\n")) if CALL in line] == [
        n for n, line in enumerate(text.split("\n")) if CALL in line
    ]


@pytest.mark.parametrize(
    "text",
    [
        "def halve(x):\n    # raise NotImplementedError\n    return x / 2",
        'def halve(x):\n    """Was: raise NotImplementedError."""\n    return x / 2',
        "def halve(x):\n    if x is None:\n        raise NotImplementedError\n    return x / 2",
        "def halve(x):\n    try:\n        return x / 2\n    except TypeError:\n        raise NotImplementedError from None",
        "def halve(x):\n    raise NotImplementedError('only for numbers') if x is None else SystemExit",
        "class Base:\n    def half(self, x):\n        raise NotImplementedError\n\n\ndef halve(x):\n    return x / 2",
        "def halve(x):\n    def inner():\n        raise NotImplementedError\n    return x / 2",
        "def halve(x):\n    return x / 2\n    raise NotImplementedError",
        "def halve(x):\n    match x:\n        case None:\n            raise NotImplementedError\n    return x / 2",
    ],
)
def test_what_the_student_thought_of_stays(text):
    stub = stub_of(HALVE)
    found = examine(text, stub)
    assert (found.text, found.forgotten, found.open) == (text, (), ())
    assert is_finished(text, stub)


def test_code_that_does_not_parse_is_the_students_own():
    stub = stub_of(HALVE)
    text = stub.replace("raise", "return x / (\n    raise")
    assert examine(text, stub).text == text and not is_finished(text, stub)


def test_the_finished_one_of_two_may_speak_of_the_stub(good, plan, grader):
    """An answer with the `raise` in a comment is as finished as one without."""
    cell = next(cell for cell in good.cells if cell.id == "halve-answer")
    cell.source = cell.source.replace("    return", "    # raise NotImplementedError\n    return")
    repaired = rebuild(good, plan)
    assert grader(repaired.notebook) == FULL and repaired.remarks == []


def test_the_remark_names_what_was_left():
    assert "`raise NotImplementedError`" in LEFT_OVER and LEFT_OVER.endswith(".")
