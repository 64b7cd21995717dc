"""STL-10 from a folder, a .tar.gz or a zip at hand."""

from __future__ import annotations

import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from ps8.data import DownloadError, layout, load_data
from ps8.data.adopt import adopt
from ps8.data.download import DataArchive

from .conftest import write_set  # type: ignore[import-not-found]


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds what counts as STL-10."""
    facts = write_set(tmp_path / "drive" / layout.FOLDER, {"train": 4, "test": 3, "unlabeled": 5})
    monkeypatch.setattr(layout, "FILES", facts)
    return tmp_path / "drive" / layout.FOLDER


def packed(folder: Path) -> Path:
    path = folder.parent / "stl10_binary.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(folder, layout.FOLDER)
    return path


def zipped(folder: Path) -> Path:
    path = folder.parent / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"somewhere/{layout.FOLDER}/{file.name}")
    return path


FORMS: dict[str, Callable[[Path], Path]] = {
    "the folder": lambda folder: folder,
    "the folder above": lambda folder: folder.parent,
    "a tar.gz": packed,
    "a zip": zipped,
}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_at_hand_is_taken_and_left_where_it_is(form: str, given: Path, tmp_path: Path) -> None:
    root = tmp_path / "cache"
    assert adopt(FORMS[form](given), root, known=DataArchive(), progress=False) == root / layout.FOLDER
    assert load_data(root).is_stl10
    assert all((given / name).is_file() for name in layout.FILES)
    assert [path.name for path in root.iterdir()] == [layout.FOLDER]  # nothing is left over


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_written_where_it_comes_from(
    form: str, given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That may be another disk, or one that cannot be written to: what is renamed lay beside its new place."""
    source, renamed = FORMS[form](given), []
    monkeypatch.setattr("os.replace", lambda old, new, replace=os.replace: (renamed.append(Path(old)), replace(old, new)))
    adopt(source, tmp_path / "cache", progress=False)
    assert renamed and all(tmp_path / "cache" in path.parents for path in renamed)


def test_it_comes_over_from_another_disk(given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("os.link", other)
    assert load_data(adopt(given, tmp_path / "cache", progress=False).parent).is_stl10


@pytest.mark.parametrize("form", FORMS)
def test_what_is_not_whole_is_not_taken_and_what_was_there_stays(form: str, given: Path, tmp_path: Path) -> None:
    (given / "test_X.bin").write_bytes(bytes(layout.IMAGE_BYTES * 3))
    kept = tmp_path / "cache" / layout.FOLDER / "mine.txt"
    kept.parent.mkdir(parents=True)
    kept.touch()
    with pytest.raises(DownloadError, match=r"test_X\.bin missing or wrong"):
        adopt(FORMS[form](given), tmp_path / "cache", progress=False)
    assert kept.is_file() and len(list((tmp_path / "cache").iterdir())) == 1


def test_a_zip_that_would_fill_the_disk_is_refused_before_it_is_unpacked(given: Path, tmp_path: Path) -> None:
    (given / "test_X.bin").write_bytes(bytes(layout.IMAGE_BYTES * 400))
    with pytest.raises(DownloadError, match="larger than"):
        adopt(zipped(given), tmp_path / "cache", progress=False)


def test_data_that_is_there_and_whole_is_not_touched(given: Path, tmp_path: Path) -> None:
    root = tmp_path / "cache"
    shutil.copytree(given, root / layout.FOLDER)
    before = (root / layout.FOLDER).stat().st_ino
    adopt(zipped(given), root, progress=False)
    adopt(root, root, progress=False)
    assert (root / layout.FOLDER).stat().st_ino == before


@pytest.mark.parametrize("what", ["nothing.zip", "notes.txt"])
def test_another_file_is_refused_in_a_sentence(what: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not an archive")
    with pytest.raises(DownloadError, match=r"There is no|cannot be unpacked"):
        adopt(tmp_path / what, tmp_path / "cache", progress=False)
