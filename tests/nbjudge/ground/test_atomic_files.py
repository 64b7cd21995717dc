from __future__ import annotations

import os
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
