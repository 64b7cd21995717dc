"""`[explain]` of course.toml: what it may say, and the cells that follow from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assignment.builder.checkout import COURSE, SOURCE
from assignment.builder.counted import COUNTED, counted
from assignment.builder.course_config import Course, load_course
from assignment.builder.lesson_cells import Check, Counted
from assignment.builder.lesson_notebooks import build_notebooks
from assignment.builder.lint import lint
from assignment.builder.problem import BuildError

TEXT, _, _ = COURSE.read_text().partition("\n[explain]\n")


def course(folder: Path, table: str) -> Course:
    path = folder / "course.toml"
    path.write_text(f"{TEXT}\n{table}\n")
    return load_course(path)


def cells(course: Course) -> dict[str, str]:
    return {cell["id"]: cell.source for cell in build_notebooks(course)["ps8"].cells}


def test_by_default_none_counts_and_the_notebook_has_no_cell_of_theirs(tmp_path):
    plain = load_course()
    assert plain.explain_graded == "off"
    unsaid = course(tmp_path, "")
    assert (unsaid.explain_graded, unsaid.explain_points) == ("off", 1)
    assert unsaid.points == plain.points and unsaid.bonus == plain.bonus
    text = (SOURCE / "ps8" / "ps8.ipynb").read_text()
    assert "questions_for" not in text and "my_name" not in text


def test_as_a_bonus_they_are_a_question_on_top_of_the_total(tmp_path):
    made = course(tmp_path, '[explain]\ngraded = "bonus"\npoints = 0.5')
    assert made.points["explain"] == 0.5 * len(COUNTED) and made.bonus == ("nce", "explain")
    assert made.total == load_course().total
    told = cells(made)
    assert told["my-answers"].count(": None,\n") == len(COUNTED)
    assert told["explain"].startswith("# How your answers are read.")
    assert "count_here(my_name, explain, globals())" in told["explain"]
    assert "0.5 points" in told["2-5-questions-about-your-own-code-1"]
    (cell,) = [c for c in build_notebooks(made)["ps8"].cells if c["id"] == "explain"]
    assert cell.metadata.nbgrader.points == 0.5 * len(COUNTED) and cell.metadata.nbgrader.locked


def test_within_the_questions_the_points_stay_as_they_are(tmp_path):
    made = course(tmp_path, '[explain]\ngraded = "within"\npoints = 2')
    assert made.points == load_course().points and made.total == load_course().total
    told = cells(made)
    assert "explain" not in told and "ps8.questions_for(my_name, explain)" in told["given-answers-read"]
    assert "2 of each function's points are for the right answer" in told["2-5-questions-about-your-own-code-1"]


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ('[explain]\ngraded = "yes"', "one of off, bonus, within"),
        ("[explain]\ngraded = true", "one of off, bonus, within"),
        ('[explain]\ngraded = "bonus"\npoints = 0', "a number above 0"),
        ('[explain]\ngraded = "within"\npoints = 10', "points is 10, but encoder is worth 10: nothing would be left"),
        ('[explain]\nkind = "bonus"', "kind is not a key"),
        ('[explian]\ngraded = "bonus"', "did you mean [explain]?"),
    ],
)
def test_what_it_may_not_say_is_refused(tmp_path, table, wrong):
    with pytest.raises(BuildError) as refused:
        course(tmp_path, table)
    assert wrong in str(refused.value)


def test_its_question_has_no_points_of_its_own(tiny):
    tiny.change(tiny.toml, "report = 5", "report = 5\nexplain = 5")
    with pytest.raises(BuildError, match="explain is not for you to set"):
        tiny.course()


def test_a_course_without_such_questions_cannot_count_them(tiny):
    tiny.change(tiny.toml, "report = 5", 'report = 5\n\n[explain]\ngraded = "bonus"')
    with pytest.raises(BuildError, match="no question of"):
        tiny.course()
    assert counted({"double": 1, "encoder": 2}) == ("encoder",)


def test_their_cell_comes_behind_all_checks(tiny):
    tiny.change(tiny.lesson, "## 2 Signs", '```python counted="explain"\nHow your answers are read.\n```\n\n## 2 Signs')
    lessons = tiny.lessons()
    told = [str(problem) for problem in lint(tiny.course(), lessons)]
    assert any("question explain has no points" in line for line in told)
    assert not any("comes after the counted" in line for line in told)  # it has none
    assert [cell.says for cell in lessons[0].cells if isinstance(cell, Counted)] == ["How your answers are read."]
    cells = (replace(c, question="encoder") if isinstance(c, Check) and c.question == "sign" else c for c in lessons[0].cells)
    told = [str(problem) for problem in lint(tiny.course(), [replace(lessons[0], cells=tuple(cells))])]
    assert any("check encoder comes after the counted questions" in line for line in told)
