from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ps8.data import STL10_CMC, DataError, data_root, layout, load_data, sample, store, verify
from ps8.data.store import CHECKED, SAMPLE_FOLDER

from .conftest import SMALL, write_set  # type: ignore[import-not-found]


@pytest.fixture
def small_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let load_data build a small sample."""
    monkeypatch.setattr(store, "photo_sample", lambda root, **options: sample.photo_sample(root, **{**SMALL, **options}))


def default_root(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    monkeypatch.setattr(store, "data_root", lambda: root)


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)


def test_root_is_the_variable_or_the_checkouts_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert data_root() == Path(__file__).parents[3] / "data_cache"
    monkeypatch.setenv("PS8_DATA", str(tmp_path))
    assert data_root() == tmp_path


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The kit as pip puts it there from a wheel."""
    monkeypatch.setattr(store, "__file__", str(tmp_path / "site-packages" / "ps8" / "data" / "store.py"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.usefixtures("installed")
def test_an_installed_kit_has_one_place_wherever_it_is_called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "course" / "week8").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "course" / "week8"):
        monkeypatch.chdir(folder)
        assert data_root() == tmp_path / "cache" / "ps8"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert data_root() == Path.home() / ".cache" / "ps8"


@pytest.mark.usefixtures("installed")
def test_an_installed_kit_finds_data_above_the_working_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "course" / "week8").mkdir(parents=True)
    (tmp_path / "course" / "data_cache").mkdir()
    monkeypatch.chdir(tmp_path / "course" / "week8")
    assert data_root() == tmp_path / "cache" / "ps8"  # somebody else's folder of that name
    (tmp_path / "course" / "data_cache" / layout.FOLDER).mkdir()
    assert data_root() == tmp_path / "course" / "data_cache"


def test_a_clone_of_the_public_tree_has_one_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    notebooks = clone / "assignment" / "release" / "ps8"
    notebooks.mkdir(parents=True)
    (clone / "pyproject.toml").touch()
    monkeypatch.setattr(store, "__file__", str(clone / "assignment" / "ps8" / "data" / "store.py"))
    for folder in (clone, notebooks, tmp_path):
        monkeypatch.chdir(folder)
        assert data_root() == clone / "data_cache"


@pytest.mark.usefixtures("small_default")
def test_an_empty_root_gets_the_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = load_data(tmp_path)
    assert data.name == "photo sample" and not data.is_stl10
    assert data.folder == tmp_path / SAMPLE_FOLDER / layout.FOLDER
    assert (len(data.train), len(data.test), len(data.unlabeled)) == (40, 20, 60)
    assert data.classes[0] == "astronaut" and "40 train, 20 test, 60 unlabeled images of 10 classes" in str(data)
    load_data(tmp_path)
    assert capsys.readouterr().err.count("using the photo sample") == 1  # said once


def test_a_sample_can_be_named(small_sample: Path) -> None:
    assert load_data(small_sample).name == "photo sample"


def test_stl10_is_found_and_its_sums_remembered(fake_stl10: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    default_root(monkeypatch, fake_stl10)
    data = load_data()
    assert data.is_stl10 and len(data.unlabeled.indexed()) == 13
    assert isinstance(data.unlabeled.indexed(), STL10_CMC)
    assert (fake_stl10 / layout.FOLDER / CHECKED).is_file()
    monkeypatch.setattr(layout, "file_digest", lambda *_: pytest.fail("computed again"))
    assert load_data(fake_stl10).is_stl10


def test_many_unlabelled_images_are_mapped(fake_stl10: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAP_ABOVE", 12)
    assert not load_data(fake_stl10).unlabeled.images.is_contiguous()
    assert load_data(fake_stl10, mmap=False).unlabeled.images.is_contiguous()
    assert not load_data(fake_stl10, mmap=True).train.images.is_contiguous()


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("name", ["train_X.bin", "test_X.bin", "train_y.bin", "unlabeled_X.bin"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "one image short", "empty"])
def test_a_damaged_file_is_named_and_not_used(
    fake_stl10: Path, monkeypatch: pytest.MonkeyPatch, named: bool, name: str, damage: str
) -> None:
    default_root(monkeypatch, fake_stl10)
    path = fake_stl10 / layout.FOLDER / name
    if damage == "missing":
        path.unlink()
    else:
        cut = layout.IMAGE_BYTES if name.endswith("X.bin") else 1
        size = path.stat().st_size
        os.truncate(path, {"truncated": size - 1, "one image short": size - cut, "empty": 0}[damage])
    with pytest.raises(DataError, match=name):
        load_data(fake_stl10 if named else None)


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("name", ["train_X.bin", "test_X.bin", "test_y.bin"])
def test_wrong_bytes_are_named_and_not_used(fake_stl10: Path, monkeypatch: pytest.MonkeyPatch, named: bool, name: str) -> None:
    default_root(monkeypatch, fake_stl10)
    assert load_data().is_stl10  # the sums are remembered, but the file changes
    path = fake_stl10 / layout.FOLDER / name
    if name.endswith("X.bin"):
        flip_a_byte(path)
    else:
        layout.write_labels(path, np.zeros(11, int))
    with pytest.raises(DataError, match=f"{name}.*wrong md5") as caught:
        load_data(fake_stl10 if named else None)
    assert "train_y.bin" not in str(caught.value)  # only what is wrong


def test_wrong_unlabelled_bytes_are_not_used_once_known(fake_stl10: Path) -> None:
    flip_a_byte(fake_stl10 / layout.FOLDER / "unlabeled_X.bin")
    assert load_data(fake_stl10).is_stl10  # only the size is looked at
    assert [file.status for file in verify(fake_stl10, md5=True).wrong] == ["wrong md5"]
    with pytest.raises(DataError, match=r"unlabeled_X\.bin"):
        load_data(fake_stl10)


def test_another_set_is_a_stand_in_only_if_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "meadow"
    write_set(root, {"train": 10, "test": 10, "unlabeled": 10}, seed=1)
    data = load_data(root)
    assert data.name == "stand-in meadow" and not data.is_stl10
    assert "not STL-10" in capsys.readouterr().err
    default_root(monkeypatch, root)
    with pytest.raises(DataError, match="not STL-10 as published"):
        load_data()
    monkeypatch.setenv("PS8_DATA", str(root))
    assert load_data().name == "stand-in meadow"


def test_a_missing_root_is_not_invented(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no folder .*typo"):
        load_data(tmp_path / "typo")
    assert not (tmp_path / "typo").exists()


@pytest.mark.usefixtures("small_default")
@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_read_only_cache_is_said_and_gone_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int
) -> None:
    cache, elsewhere = tmp_path / "cache", tmp_path / "tmp"
    elsewhere.mkdir()
    build = store.photo_sample

    def read_only(root: Path, **options: Any) -> Path:
        if Path(root).is_relative_to(cache):
            raise OSError(code, os.strerror(code))
        return build(root, **options)

    monkeypatch.setattr(store, "photo_sample", read_only)
    monkeypatch.setattr(store.tempfile, "gettempdir", lambda: str(elsewhere))
    default_root(monkeypatch, cache)
    assert load_data().folder.is_relative_to(elsewhere)
    said = capsys.readouterr().err
    assert f"Cannot write to {cache} ({os.strerror(code)})" in said and str(elsewhere) in said


def test_nowhere_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    default_root(monkeypatch, tmp_path / "file" / "cache")
    monkeypatch.setattr(store.tempfile, "gettempdir", lambda: str(tmp_path / "file"))
    with pytest.raises(DataError, match=r"neither to .* nor to .*PS8_DATA"):
        load_data()


def test_no_temporary_directory_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    (tmp_path / "file").write_text("")
    default_root(monkeypatch, tmp_path / "file" / "cache")
    monkeypatch.setattr(store.tempfile, "gettempdir", none)
    with pytest.raises(DataError, match=r"nor to the temporary directory \(No usable temporary directory"):
        load_data()


def test_a_damaged_sample_is_mended_on_use(small_sample: Path, tmp_path: Path) -> None:
    shutil.copytree(small_sample, tmp_path / "copy")
    victim = tmp_path / "copy" / layout.FOLDER / "test_X.bin"
    flip_a_byte(victim)
    report = verify(tmp_path / "copy")
    assert [(file.name, file.status) for file in report.wrong] == [("test_X.bin", "wrong sha256")]
    load_data(tmp_path / "copy")
    assert verify(tmp_path / "copy").ok
    assert victim.read_bytes() == (small_sample / layout.FOLDER / "test_X.bin").read_bytes()


def test_verify_reports_each_file(fake_stl10: Path) -> None:
    assert verify(fake_stl10, md5=True).ok
    folder = fake_stl10 / layout.FOLDER
    (folder / "train_X.bin").unlink()
    os.truncate(folder / "test_X.bin", 5)
    (folder / "test_y.bin").write_bytes((folder / "test_y.bin").read_bytes() + b"\1")
    flip_a_byte(folder / "unlabeled_X.bin")
    statuses = {file.name: file.status for file in verify(fake_stl10, md5=True).files}
    assert statuses == {
        "train_X.bin": "missing",
        "train_y.bin": "ok",
        "test_X.bin": "truncated",
        "test_y.bin": "wrong size",
        "unlabeled_X.bin": "wrong md5",
    }
    assert verify(fake_stl10).files[4].status == "ok"  # sizes only
    assert "actual 5" in str(verify(fake_stl10))


def test_verify_finds_the_sample_of_a_cache(small_sample: Path, tmp_path: Path) -> None:
    shutil.copytree(small_sample, tmp_path / SAMPLE_FOLDER)
    report = verify(tmp_path)
    assert report.ok and report.name == "photo sample" and len(report.files) == 7
