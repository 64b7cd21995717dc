from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest
from nbjudge.ground.atomic_files import write_whole


@pytest.mark.parametrize("fsync", [False, True])
def test_a_file_is_written_and_written_over(tmp_path: Path, fsync: bool) -> None:
    path = tmp_path / ("n" * 250)  # nothing longer can be a name
    for data in (b"one\r\n\0", "zwölf\r\n"):
        write_whole(path, data, fsync=fsync)
        assert path.read_bytes() == (data if isinstance(data, bytes) else data.encode())
    assert os.listdir(tmp_path) == [path.name]


def test_others_may_read_it_as_any_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x")
    write_whole(tmp_path / "whole", "x")
    assert (tmp_path / "whole").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_what_fails_leaves_what_was_there_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "grades.csv"
    write_whole(path, "old")
    monkeypatch.setattr(os, failing, full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, "new", fsync=True)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["grades.csv"]


def test_text_that_cannot_be_stored_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "a", "\ud800")
    assert os.listdir(tmp_path) == []


def test_what_a_crash_may_leave_is_the_whole_old_file_or_the_whole_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new content, and then the folder, are on the disk before and after the name changes."""
    steps: list[str] = []
    synced, replaced, path = os.fsync, os.replace, tmp_path / "file"
    path.write_text("old")

    def fsync(descriptor: int) -> None:
        where = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        steps.append("folder" if where == tmp_path else f"content of {where.stat().st_size}")
        synced(descriptor)

    def replace(source: Path, target: Path) -> None:
        assert Path(source).parent == tmp_path and Path(source).read_text() == "newer" and path.read_text() == "old"
        steps.append("replace")
        replaced(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write_whole(path, "newer", fsync=True)
    assert steps == ["content of 5", "replace", "folder"]
    path.write_text("old")
    steps.clear()
    write_whole(path, "newer")
    assert steps == ["replace"]


def test_no_file_of_anybody_elses_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda size: "ab" * size)
    (tmp_path / ".abababababababab.part").write_text("another's")
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "file", "mine")
    assert not (tmp_path / "file").exists()


def test_a_folder_that_cannot_be_opened_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object) -> int:
        raise PermissionError("no folders here")

    opened = os.open
    monkeypatch.setattr(os, "open", lambda path, *rest: refused() if path == tmp_path else opened(path, *rest))
    write_whole(tmp_path / "file", "x", fsync=True)
    assert (tmp_path / "file").read_text() == "x"


def test_a_private_file_is_nobody_elses(tmp_path: Path) -> None:
    write_whole(tmp_path / "private", b"x", mode=0o600)
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o600
