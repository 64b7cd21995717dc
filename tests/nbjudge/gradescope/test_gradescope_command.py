"""The command that writes the zip: what it says, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbjudge.command import main

from trials.foreign.example_course import ASSERTED, plant


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = plant(tmp_path_factory.mktemp("command"))
    (course / "nbgrader_config.py").write_text("c = get_config()\n" + ASSERTED)
    return course


def test_it_says_what_it_wrote_and_for_whom_and_who_has_opted_out_of_a_jail(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBJUDGE_UNJAILED", "1")
    assert main(["gradescope", "--course", str(course), "--minutes", "2"]) == 0
    said = capsys.readouterr()
    assert (course / "ps1-gradescope.zip").is_file() and "Show it to no student" in said.out
    assert "set the time limit there to 2 minutes" in said.out and "longer than --minutes it is not graded" in said.out
    assert "student code can read all of this" in said.err


@pytest.mark.parametrize(
    ("out", "why"),
    [("nowhere/a.zip", "There is no folder"), ("public/a.zip", "students get"), ("release/ps1/a.zip", "students get")],
)
def test_where_it_cannot_be_written_it_is_said(course: Path, out: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = course.parent / out
    if why == "students get":
        path.parent.mkdir(parents=True)
    assert main(["gradescope", "--course", str(course), "--out", str(path)]) == 2
    assert why in capsys.readouterr().err and not path.exists()


@pytest.mark.parametrize("minutes", ["0", "41", "many"])
def test_a_limit_that_gradescope_does_not_have_is_refused(course: Path, minutes: str) -> None:
    with pytest.raises(SystemExit):
        main(["gradescope", "--course", str(course), "--minutes", minutes])


def test_what_is_not_in_the_zip_is_missed_here_and_not_there(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kept_elsewhere.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    config = (course / "nbgrader_config.py").read_text()
    (course / "nbgrader_config.py").write_text(config + "import kept_elsewhere\n")
    try:
        assert main(["gradescope", "--course", str(course), "--out", str(tmp_path / "a.zip")]) == 2
    finally:
        (course / "nbgrader_config.py").write_text(config)
    assert "No module named 'kept_elsewhere'" in (said := capsys.readouterr().err) and "code()" in said
    assert not (tmp_path / "a.zip").exists()
