"""Files beside a submission's notebooks: all that nbgrader would copy, and nothing that is somebody else's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from nbjudge.assignment import Assignment
from nbjudge.repair import beside as module
from nbjudge.repair.beside import beside, handed_in
from traitlets.config import Config


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("submission", "source"):
        (tmp_path / name).mkdir()
    return tmp_path


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(place: Path, assignment: Assignment | None = None, config: Config | None = None) -> dict[str, str]:
    files = beside(place / "submission", place / "source", assignment or Assignment("ps1"), config or Config()).files
    return {name: content.decode() for name, content in files.items()}


def test_the_submissions_files_and_over_them_the_instructors(place: Path) -> None:
    put(
        place / "submission",
        {"helper.py": "mine", "data.csv": "forged", "ps1.ipynb": "{}", "timestamp.txt": "now", "plots/a.txt": "a"},
    )
    put(place / "source", {"data.csv": "1,2", "ps1.ipynb": "{}", "tables/b.csv": "3", ".ipynb_checkpoints/old.csv": "old"})
    assert found(place) == {
        "helper.py": "mine",
        "plots/a.txt": "a",
        "data.csv": "1,2",
        "tables/b.csv": "3",
    }
    (place / "source" / "data.csv").write_text("1,2,3")  # it is read anew
    assert found(place)["data.csv"] == "1,2,3"


def test_what_the_course_says_of_files_is_heeded(place: Path) -> None:
    put(place / "submission", {"helper.py": "mine", "secret.bin": "x", "notes.md": "y"})
    put(place / "source", {"helper.py": "ours"})
    config = Config()
    config.CourseDirectory.ignore = ["*.bin"]
    config.Autograde.exclude_overwriting = {"ps1": ["helper.py"], "ps2": ["notes.md"]}
    assert found(place, config=config) == {"helper.py": "mine", "notes.md": "y"}
    some = Assignment("ps1")
    some.carried = ("*.md",)
    assert found(place, some) == {"notes.md": "y"}
    some.carried = ()
    assert found(place, some) == {}


def test_a_name_cannot_be_a_file_and_a_folder(place: Path) -> None:
    put(place / "submission", {"data": "a file", "numbers/deep/x": "below what is a file in the source"})
    put(place / "source", {"data/a.csv": "1", "numbers": "2"})
    assert found(place) == {"data/a.csv": "1", "numbers": "2"}


def test_nothing_is_followed_and_nothing_blocks(place: Path) -> None:
    secret = place / "secret.txt"
    secret.write_text("another's")
    submission = place / "submission"
    os.symlink(secret, submission / "link.txt")
    os.symlink(place, submission / "folder")
    os.link(secret, submission / "hard.txt")
    os.mkfifo(submission / "pipe.txt")
    put(submission, {"own.txt": "mine"})
    read = handed_in(submission)
    assert read.files == {"own.txt": b"mine"}
    assert read.remarks == ["hard.txt is a hard link to another file and was not read, so the notebook did not find it."]
    os.symlink(submission, place / "linked")
    assert handed_in(place / "linked").files == {} and handed_in(place / "nowhere").files == {}
    (place / "source" / "shared.txt").symlink_to(secret)  # the instructor's own link is followed, as by nbgrader
    assert found(place) == {"own.txt": "mine", "shared.txt": "another's"}


def test_there_is_room_for_so_much(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1 << 20)
    monkeypatch.setattr(module, "MAX_FILES", 3)
    put(place / "submission", {"a": "x", "b": "x" * (1 << 20), "c": "x", "d": "x", "e": "x"})
    deep = place / "submission" / "/".join("123456789")
    deep.mkdir(parents=True)
    (deep / "below.txt").write_text("x")
    read = handed_in(place / "submission")
    assert list(read.files) == ["a", "c", "d"]
    assert read.remarks == ["There is room for 1 MB and 3 files beside the notebooks, and b and 1 more were left out."]
