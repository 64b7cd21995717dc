from __future__ import annotations

import pytest

from assignment.builder.lesson import headings, slug
from assignment.builder.lesson_cells import Check, Exercise, Given, ManualAnswer, Text


def test_a_lesson_is_a_list_of_typed_cells_that_know_their_lines(tiny, at):
    (lesson,) = tiny.lessons()
    assert lesson.problems == ()
    found = [(type(cell), cell.id, cell.line) for cell in lesson.cells]
    assert found == [
        (Text, "numbers-1", 1),
        (Given, "setup", at(tiny.lesson, '```python id="setup"')),
        (Text, "1-doubling-1", at(tiny.lesson, "## 1")),
        (Exercise, "double-answer", at(tiny.lesson, '```python exercise="double"')),
        (Check, "double", at(tiny.lesson, '```python check="double"')),
        (Given, "Half", at(tiny.lesson, '```python given="')),
        (Text, "2-signs-1", at(tiny.lesson, "## 2")),
        (Exercise, "sign-table", at(tiny.lesson, '```python exercise="sign"')),
        (Check, "sign", at(tiny.lesson, '```python check="sign"')),
        (Given, "notes", at(tiny.lesson, '```python id="notes"')),
        (Text, "report-1", at(tiny.lesson, "## Report")),
        (ManualAnswer, "report", at(tiny.lesson, "What did you see?")),
        (Text, "report-2", at(tiny.lesson, "The end.")),
    ]


def test_cells_hold_what_the_lesson_says(tiny):
    (lesson,) = tiny.lessons()
    cells = {cell.id: cell for cell in lesson.cells}
    assert "For Foundations of Computer Vision, 10 points." in cells["numbers-1"].source
    assert "Many points." in cells["1-doubling-1"].source
    assert cells["double"].says == "Small and large numbers."
    assert cells["sign"].says == "Both signs."
    assert "factor * x" in cells["double-answer"].source
    assert cells["notes"].free and not cells["setup"].free
    assert cells["notes"].tags == ("scratch",)
    assert "The numbers became larger." in cells["report"].source


def test_given_code_knows_the_line_of_each_of_its_lines(tiny, at):
    (lesson,) = tiny.lessons()
    cell = next(cell for cell in lesson.cells if cell.id == "setup")
    assert cell.lines[2] == at(tiny.lesson, "factor = 2")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('```python id="setup"', "```python", "a code cell needs exercise, check, counted, given, id"),
        ('id="setup"', 'id="setup" from="x:Y"', "a fence with id takes no from"),
        (' from="answers.part:double"', "", "exercise double has no solution"),
        ("answers.part:double", "answers.part:triple", "defines no triple"),
        ("Small and large numbers.\n", "", "check double must hold one line"),
        ("Small and large numbers.\n", "One.\nTwo.\n", "check double must hold one line"),
        ('from="answers.part:double"\n', 'from="answers.part:double"\nx = 1\n', "its fence must be empty"),
        ('given="answers.part:Half"\n', 'given="answers.part:Half"\nx = 1\n', "its fence must be empty"),
        ('{"written": "report"}', '{"writen": "report"}', "a text region takes no writen"),
        ("The end.", "```bash\nls\n```", "a code cell needs"),
    ],
)
def test_what_breaks_the_format_is_a_problem_at_its_line(tiny, old, new, said):
    line = tiny.change(tiny.lesson, old, new)
    (lesson,) = tiny.lessons()
    (problem,) = lesson.problems
    assert said in problem.message
    assert problem.path == str(tiny.lesson)
    fence = {"Small": -1, "{": 1}.get(old[:1] if old.startswith("{") else old[:5], 0)
    assert problem.line == line + fence


def test_a_lesson_that_does_not_render_is_one_problem(tiny):
    line = tiny.change(tiny.lesson, "The end.", "{{ nothing }}")
    (lesson,) = tiny.lessons()
    assert [(p.line, p.message) for p in lesson.problems] == [(line, "Jinja2: 'nothing' is undefined")]


def test_headings_in_fences_are_none():
    assert headings("# A\n```\n# no\n```\n### B ###\ntext # no") == [(1, "A"), (3, "B")]


def test_a_slug_leaves_out_the_points():
    assert slug("2.2 The score · 20 points") == "2-2-the-score"
    assert slug("···") == "text"
    assert len(slug("long " * 50)) <= 48


def test_the_assignments_main_lesson_comes_first(tiny):
    (tiny.folder / "a.md").write_text("# Another\n")
    assert [lesson.name for lesson in tiny.lessons()] == ["ps8", "a"]
