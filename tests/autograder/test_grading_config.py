"""What course.toml says about grading, as the commands take it."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbjudge.assignment import Refusal
from nbjudge.command import main

from assignment.builder.checkout import COURSE
from assignment.builder.course_config import load_course
from autograder import grading_config


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts lines before [points] and has the grader read the file that comes of it."""

    def change(lines: str) -> None:
        path = tmp_path / "course.toml"
        path.write_text(COURSE.read_text().replace("\n[points]\n", f"\n{lines}\n[points]\n"))
        monkeypatch.setattr(grading_config, "load_course", lambda: load_course(path))
        grading_config.course.cache_clear()

    yield change
    grading_config.course.cache_clear()


def test_choices_about_the_jail_are_taken(changed) -> None:
    changed('[grading]\nunjailed = true\ndata = ""\n[grading.limits]\ncpu_seconds = 9')
    assert (
        grading_config.jail_settings().unjailed,
        grading_config.jail_settings().data,
        grading_config.limits().cpu_seconds,
    ) == (True, None, 9)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('[grading]\nunjailed = "no"', '[grading] unjailed is "no", but must be true or false, without quotes'),
        ("[grading]\nunjail = true", "[grading] unjail is not a key of this table: did you mean unjailed?"),
        ("[grading.limts]\ncpu_seconds = 9", "[grading.limts] is not a table of this table: did you mean [grading.limits]?"),
    ],
)
def test_what_nobody_reads_is_refused(changed, lines: str, told: str) -> None:
    """A text was true, and a misspelt choice was none."""
    changed(lines)
    for read in (grading_config.jail_settings, grading_config.limits):
        with pytest.raises(Refusal, match=r"course\.toml") as caught:
            read()
        assert told in str(caught.value)


def test_a_flag_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBJUDGE_UNJAILED", "perhaps")
    with pytest.raises(Refusal, match="NBJUDGE_UNJAILED"):
        grading_config.jail_settings()


def test_a_command_says_it_without_a_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def table(options: object) -> int:
        raise Refusal("course.toml: one thing\ncourse.toml: another")

    monkeypatch.setattr("nbjudge.command._table", table)
    assert main(["table"]) == 2
    assert capsys.readouterr().err == "course.toml: one thing\ncourse.toml: another\n"
