from __future__ import annotations

import pytest

from assignment.builder.lint import WIDTH, lint
from assignment.builder.problem import Problem

EXERCISE = '```python exercise="double" from="answers.part:double"\n```\n'
CHECK = '```python check="double"\nSmall and large numbers.\n```\n'


def problems(tiny) -> list[Problem]:
    return lint(tiny.course(), tiny.lessons())


def test_a_right_lesson_has_no_problem(tiny):
    assert problems(tiny) == []


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ("# Numbers\n", "Numbers\n", "Numbers", "a lesson must begin with its title"),
        ("## 2 Signs\n", "", '```python exercise="sign"', "question sign has no heading of its own above it"),
        ("## Report\n", "", "What did you see?", "question report has no heading of its own above it"),
        (CHECK, "", '```python exercise="double"', "exercise double has no check"),
        (EXERCISE, "", '```python check="double"', "check double has no exercise above it"),
        (CHECK, CHECK + "\n" + CHECK, None, "a second check of double; the first is on line"),
        ('exercise="sign"', 'exercise="sing"', '```python exercise="sing"', "question sing has no points in "),
        ('check="sign"', 'check="sing"', '```python check="sing"', "question sing has no points in "),
        ('id="notes"', 'id="setup"', '```python id="setup" free', "id setup is already that of the cell on line"),
        ('id="notes"', 'id="my notes"', '```python id="my notes"', "must be 1 to 56 letters"),
        ("### END SOLUTION\n<!--", "<!--", "### BEGIN SOLUTION", "### BEGIN SOLUTION without a ### END SOLUTION below"),
        ("### BEGIN SOLUTION\nThe", "The", "### END SOLUTION", "### END SOLUTION without a ### BEGIN SOLUTION above"),
        ("factor = 2", "factor = 2\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "### BEGIN", "given code holds a solution"),
        ("The end.", "### BEGIN SOLUTION\nx\n### END SOLUTION", None, "text holds a solution region"),
        ('answers.part:Half"', 'answers.part:positive"', '```python given="', "given code holds a solution region"),
        ('answers.part:positive"', 'answers.part:Half"', '```python exercise="sign"', "exercise sign has no solution region"),
        ("factor = 2", "### BEGIN HIDDEN TESTS", '```python id="setup"', "hidden tests belong to the check's cell"),
        ("import functools", "", '```python exercise="double"', "functools is used (in "),
        ("factor = 2", "factor = two", "factor = two", "two is used before any cell defines it"),
        ("factor = 2", "factor = = 2", "factor = = 2", "not valid Python"),
        ("import functools", "import functools\nfrom math import *", '```python id="setup"', "import * hides"),
        ("double(3)", "triple(3)", "triple(3)", "triple is used before any cell defines it"),
    ],
)  # fmt: skip
def test_a_fault_of_the_lesson_is_named_by_its_line(tiny, at, old, new, where, said):
    tiny.change(tiny.lesson, old, new)
    found = problems(tiny)
    if where is None:
        text = tiny.lesson.read_text()
        line = text[: text.rindex(new.split("\n\n")[-1].split("\n")[0])].count("\n") + 1
    else:
        line = at(tiny.lesson, where)
    assert any(p.path == str(tiny.lesson) and p.line == line and said in p.message for p in found), found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("return doubled_number\n", "return doubled_nmber(\n", "not valid Python"),
        ("    return doubled_number\n    ### END SOLUTION", "    return doubled_number", "inside a region that has not ended"),
        ("factor * x  # the answer", "fctor * x", "fctor is used (in "),
    ],
)
def test_a_fault_of_the_reference_names_both_places(tiny, at, old, new, said):
    tiny.change(tiny.answers, old, new)
    found = [p for p in problems(tiny) if said in p.message]
    assert at(tiny.lesson, '```python exercise="double"') in {problem.line for problem in found}
    assert all(f"{tiny.answers}:" in problem.message for problem in found)


def test_a_stub_that_is_no_python_is_a_fault(tiny, at):
    tiny.change(tiny.answers, "    ### BEGIN SOLUTION\n    doubled", "    if True:\n    ### BEGIN SOLUTION\n        doubled")
    tiny.change(tiny.answers, "    return doubled", "        return doubled")
    (problem,) = problems(tiny)
    assert problem.line == at(tiny.lesson, '```python exercise="double"')
    assert problem.message.startswith("the stub of double is not valid Python")


def test_a_question_without_an_exercise_is_named(tiny):
    tiny.change(tiny.toml, "report = 5", "report = 5\nsinging = 10")
    (problem,) = problems(tiny)
    assert "question singing has points, but no lesson asks it" in problem.message


@pytest.mark.parametrize(("name", "meant"), [("double", "doubles"), ("report", "raport"), ("sign", "signs")])
def test_a_renamed_question_is_one_fault_its_own(tiny, name, meant):
    """A lesson that uses the points of the right name cannot be rendered; what else it asks is no news."""
    tiny.change(tiny.toml, f"{name} = ", f"{meant} = ")
    (problem,) = problems(tiny)
    assert problem.path.endswith("course.toml")
    assert problem.message == f"[points] {meant} is not a question of the lessons: did you mean {name}?"


def test_a_lesson_that_cannot_be_rendered_still_asks_its_questions(tiny):
    tiny.change(tiny.lesson, "{{ course.name }}", "{{ course.nome }}")
    (problem,) = problems(tiny)
    assert "Jinja2" in problem.message and "nome" in problem.message


def test_a_question_in_two_lessons_is_named(tiny):
    other = tiny.folder / "second.md"
    other.write_text(tiny.lesson.read_text())
    found = [p for p in problems(tiny) if p.path == str(other)]
    assert {p.message for p in found} == {f"question {q} is also in {tiny.lesson}" for q in ("double", "sign", "report")}


def test_parts_of_a_question_share_their_heading_and_stand_above_the_check(tiny, at):
    part = EXERCISE.replace('exercise="double"', 'exercise="double" part="more"').replace("part:double", "part:positive")
    tiny.change(tiny.lesson, EXERCISE, EXERCISE + "\nAgain.\n\n" + part)
    assert problems(tiny) == []
    tiny.change(tiny.lesson, part, "")
    tiny.change(tiny.lesson, CHECK, CHECK + "\n" + part)
    (problem,) = problems(tiny)
    assert "exercise double comes after its check" in problem.message


def test_a_free_cell_may_be_filled_with_what_its_comment_names(tiny):
    tiny.change(tiny.lesson, "double(3)\n```", '# Paste triple here.\n```\n\n```python id="use"\ntriple(3)\n```')
    assert problems(tiny) == []


def test_everything_is_said_at_once_in_order(tiny):
    tiny.change(tiny.lesson, "## 2 Signs\n", "")
    tiny.change(tiny.lesson, "factor = 2", "factor = two")
    tiny.change(tiny.lesson, CHECK, "")
    found = problems(tiny)
    assert len(found) == 3
    assert [p.line for p in found] == sorted(p.line for p in found)


def test_the_real_lessons_have_no_problem():
    from assignment.builder.course_config import load_course
    from assignment.builder.lesson import load_lessons

    course = load_course()
    assert [str(problem) for problem in lint(course, load_lessons(course))] == []


def test_code_wider_than_a_page_is_named_and_an_answer_may_be(tiny):
    tiny.change(tiny.lesson, "factor = 2", f"factor = 2  # {'x' * WIDTH}")
    tiny.change(tiny.answers, "  # the answer", f"  # {'y' * WIDTH}")
    tiny.change(tiny.answers, "# One line.", f"# {'z' * WIDTH}")
    told = [str(problem) for problem in lint(tiny.course(), tiny.lessons()) if "characters" in str(problem)]
    assert len(told) == 2 and all(f"at most {WIDTH}" in problem for problem in told)
    assert any("factor = 2" in problem for problem in told) and any("(in " in problem and "zzz" in problem for problem in told)
