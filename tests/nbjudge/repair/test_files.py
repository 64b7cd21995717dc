"""What is read of a folder and of an archive, and what is refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from nbjudge.repair.file_reader import FileRefused, SubmittedFile, read_file
from nbjudge.repair.members import Budget, Unusable, outside


class TestFiles:
    def test_a_file_is_read_up_to_a_bound(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"abcdef")
        data, info = read_file(path, 4)
        assert data == b"abcd" and info.st_size == 6
        folder = os.open(tmp_path, os.O_RDONLY)
        try:
            assert read_file(Path("a"), folder=folder)[0] == b"abcdef"
        finally:
            os.close(folder)

    def test_what_is_no_file_is_refused_in_words(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        (tmp_path / "link").symlink_to("file")
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "folder").mkdir()
        said = {}
        for name in ("link", "pipe", "folder", "none"):
            with pytest.raises(FileRefused) as caught:
                read_file(tmp_path / name)
            said[name] = str(caught.value)
        assert said == {
            "link": "is a link and was not followed",
            "pipe": "is a pipe and was not read",
            "folder": "is no file and was not read",
            "none": "could not be read (No such file or directory)",
        }
        os.link(tmp_path / "file", tmp_path / "twin")
        with pytest.raises(FileRefused, match=r"^is a hard link to another file and was not read$"):
            read_file(tmp_path / "file")

    def test_a_file_that_is_replaced_meanwhile_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path, looked = tmp_path / "a", os.fstat
        path.write_text("x")

        def meanwhile(descriptor: int) -> os.stat_result:
            found = looked(descriptor)
            if stat.S_ISREG(found.st_mode):
                (tmp_path / "b").write_text("y")
                os.replace(tmp_path / "b", path)
            return found

        monkeypatch.setattr(os, "fstat", meanwhile)
        with pytest.raises(FileRefused, match=r"^was replaced while it was read$"):
            read_file(path)

    def test_no_descriptor_stays_open(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("x")
        os.link(tmp_path / "a", tmp_path / "b")
        before = os.listdir("/proc/self/fd")
        for name in ("a", "b"):
            with pytest.raises(FileRefused):
                read_file(tmp_path / name)
        assert len(os.listdir("/proc/self/fd")) == len(before)

    def test_what_a_path_says(self) -> None:
        found = SubmittedFile("a.zip/b/c.ipynb", b"", 0, 0)
        assert (found.name, found.depth) == ("c.ipynb", 2) and SubmittedFile("c", b"", 0, 0).depth == 0


class TestMembers:
    @pytest.mark.parametrize("path", ["../a", "a/../b", "/a", "\\a", "c:/a", "c:\\a", "a\\..\\b", ""])
    def test_a_path_that_leads_out_is_not_believed(self, path: str) -> None:
        assert outside(path) == "points out of the archive and was not read"

    @pytest.mark.parametrize("path", ["a", "a/b", "a..b/c", "a/b:c", "a\\b"])
    def test_any_other_is(self, path: str) -> None:
        assert outside(path) == ""

    def test_a_budget_is_spent_to_the_last_byte(self) -> None:
        budget = Budget(10)
        budget.spend(4)
        budget.spend(6)
        with pytest.raises(Unusable, match=r"^holds more than 512 MB: the rest was not looked at$"):
            budget.spend(1)
