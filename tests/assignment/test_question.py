"""The skeleton of a question, and the page that tells how to add one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assignment.builder import __main__ as commands
from assignment.builder.checkout import COURSE, LESSON
from assignment.builder.problem import BuildError
from assignment.builder.question import OWN, name_fault, rendered, with_points, with_section

MOST = 8  # files that a new question touches, all its own but two


def test_few_files_are_touched_and_none_lists_the_questions() -> None:
    assert len(OWN) + len(["the lesson", "course.toml"]) <= MOST


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Rows", "small letters"),
        ("class", "small letters"),
        ("row-means", "row_means"),
        ("shared", "what questions share"),
        ("cmc_score", "there is one"),
        ("autoencoder", "solution/autoencoder.py has it"),
        ("train_cmc", "there is one"),
        ("match_probability", "solution/train_cmc.py defines it"),
        ("measured", "a cell of the lesson uses it"),
    ],
)
def test_a_name_that_will_not_do_is_refused_with_the_reason(name: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = COURSE.read_text()
    assert commands.main(["question", name]) == 1
    told = capsys.readouterr().err
    assert repr(name) in told and why in told
    assert COURSE.read_text() == before


def test_other_names_will_do() -> None:
    assert name_fault("row_means") == ""


@pytest.mark.parametrize("template", [*OWN, "lesson.md.j2"])
def test_templates_are_filled_in(template: str) -> None:
    text = rendered(template, "row_means")
    assert "row_means" in text and "<<" not in text and text.endswith("\n")


def test_the_points_come_last_in_their_table() -> None:
    text = "[a]\nx = 1\n\n[points]\nencoder = 10  # 1.1\nnce = 5\n\n# About [b].\n[b]\ny = 2\n"
    assert with_points(text, "row_means", 2.5) == text.replace("nce = 5\n", "nce = 5\nrow_means = 2.5\n")
    with pytest.raises(BuildError, match=r"no table \[points\]"):
        with_points("[a]\nx = 1\n", "row_means", 5)


def test_the_section_comes_before_a_heading() -> None:
    text = "# Title\n\n## One · 5 points\n\ntext\n\n## Two\n"
    assert with_section(text, "### New\n\n", "Two", "a.md") == text.replace("## Two", "### New\n\n## Two")
    assert with_section(text, "### New\n\n", "One", "a.md") == text.replace("## One", "### New\n\n## One")
    with pytest.raises(BuildError, match=r"a\.md: has no heading 'Three' .* There are: One, Two"):
        with_section(text, "### New\n\n", "Three", "a.md")


def test_a_heading_that_is_not_there_stops_it_before_anything_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_text() for path in (COURSE, *LESSON.glob("*.md"))}
    assert commands.main(["question", "row_means", "--before", "The chair"]) == 1
    assert re.search(r"ps8\.md: has no heading 'The chair'.*Part 1", capsys.readouterr().err)
    assert {path: path.read_text() for path in before} == before
    assert not any(Path(str(path).format(name="row_means")).exists() for path in OWN.values())
