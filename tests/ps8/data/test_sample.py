from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from ps8.data import PHOTOS, STL10, DataError, layout, photo_sample, sample
from ps8.data.sample import MANIFEST, halves, is_intact, read_photo

from .conftest import SMALL  # type: ignore[import-not-found]


@pytest.fixture
def copied(small_sample: Path, tmp_path: Path) -> Path:
    shutil.copytree(small_sample, tmp_path / "copy")
    return tmp_path / "copy"


def stamps(root: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (root / layout.FOLDER).iterdir()}


def test_ten_credited_photographs_that_are_installed() -> None:
    assert len(PHOTOS) == len({photo.name for photo in PHOTOS}) == 10
    assert [photo.name for photo in PHOTOS] == sorted(photo.name for photo in PHOTOS)
    for photo in PHOTOS:
        assert photo.author and photo.terms and photo.source.startswith("http")
        image = read_photo(photo)
        assert image.dtype == np.uint8 and image.shape[2] == 3 and min(image.shape[:2]) >= 300


def test_credits_name_every_photograph() -> None:
    credits_ = Path(__file__).parents[3] / "data_cache" / "CREDITS.md"
    text = credits_.read_text("utf-8")
    for photo in PHOTOS:
        line = next(line for line in text.splitlines() if line.startswith(f"| {photo.name} |"))
        assert photo.author in line and photo.terms in line and photo.source in line


def test_files_are_stl10s(small_sample: Path) -> None:
    names = {path.name for path in (small_sample / layout.FOLDER).iterdir()}
    assert names == {*layout.FILES, layout.CLASS_NAMES_FILE, layout.FOLDS_FILE, MANIFEST}
    train = STL10(small_sample, "train")
    assert train.classes == tuple(photo.name for photo in PHOTOS)
    folds = layout.read_folds(small_sample / layout.FOLDER / layout.FOLDS_FILE)
    assert [len(set(fold.tolist())) for fold in folds] == [8] * 10
    assert max(fold.max() for fold in folds) < 40


def test_halves_are_disjoint_and_whole() -> None:
    photo = np.arange(2 * 7 * 3, dtype=np.uint8).reshape(2, 7, 3)
    left, right = halves(photo)
    assert np.array_equal(np.concatenate([left, right], axis=1), photo)


def test_test_crops_come_from_the_right_half_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Photographs with a dark left and a bright right half: every crop says where it was cut."""

    def fake(photo: sample.Photo) -> np.ndarray:
        image = np.full((100, 101, 3), 200, np.uint8)
        image[:, :50] = 10
        return image

    monkeypatch.setattr(sample, "read_photo", fake)
    photo_sample(tmp_path, **SMALL)
    assert STL10(tmp_path, "train").images.unique().tolist() == [10]
    assert STL10(tmp_path, "unlabeled").images.unique().tolist() == [10]
    assert STL10(tmp_path, "test").images.unique().tolist() == [200]


def test_the_same_bytes_again(small_sample: Path, tmp_path: Path) -> None:
    np.random.seed(0)
    photo_sample(tmp_path, **SMALL)
    for path in (small_sample / layout.FOLDER).iterdir():
        assert path.read_bytes() == (tmp_path / layout.FOLDER / path.name).read_bytes()


def test_more_unlabelled_leave_the_labelled_as_they_are(small_sample: Path, tmp_path: Path) -> None:
    photo_sample(tmp_path, **{**SMALL, "unlabeled": 80})
    for name in ("train_X.bin", "test_X.bin", "test_y.bin"):
        assert (small_sample / layout.FOLDER / name).read_bytes() == (tmp_path / layout.FOLDER / name).read_bytes()
    photo_sample(tmp_path, **{**SMALL, "seed": 9})  # another recipe replaces it
    assert len(STL10(tmp_path, "unlabeled")) == 60
    assert (small_sample / layout.FOLDER / "test_y.bin").read_bytes() != (tmp_path / layout.FOLDER / "test_y.bin").read_bytes()


def test_a_whole_sample_is_left_alone(copied: Path) -> None:
    before = stamps(copied)
    assert photo_sample(copied, **SMALL) == copied / layout.FOLDER
    assert stamps(copied) == before


@pytest.mark.parametrize("damage", ["truncate", "flip", "delete", "manifest", "manifest type"])
def test_a_damaged_sample_is_noticed_and_rebuilt(copied: Path, small_sample: Path, damage: str) -> None:
    folder = copied / layout.FOLDER
    victim = folder / "train_X.bin"
    whole = victim.read_bytes()
    if damage == "truncate":
        victim.write_bytes(whole[: layout.IMAGE_BYTES * 3])
    elif damage == "flip":
        victim.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    elif damage == "delete":
        victim.unlink()
    else:
        (folder / MANIFEST).write_text("{" if damage == "manifest" else "[]")
    assert not is_intact(folder)
    photo_sample(copied, **SMALL)
    assert is_intact(folder) and victim.read_bytes() == whole
    assert [path.name for path in copied.iterdir()] == [layout.FOLDER]  # nothing temporary is left


def test_an_interrupted_build_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sample, "_write_folds", stop)
    with pytest.raises(KeyboardInterrupt):
        photo_sample(tmp_path, **SMALL)
    assert list(tmp_path.iterdir()) == []


def test_another_data_set_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / layout.FOLDER).mkdir()
    (tmp_path / layout.FOLDER / "train_X.bin").write_bytes(b"mine")
    with pytest.raises(DataError, match="another data set"):
        photo_sample(tmp_path, **SMALL)
    assert (tmp_path / layout.FOLDER / "train_X.bin").read_bytes() == b"mine"


def test_somebody_else_was_first(tmp_path: Path, small_sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes build the same sample: the second finds the first's and is content."""
    swap = sample._swap

    def late(made: Path, folder: Path, old: Path) -> None:
        shutil.copytree(small_sample / layout.FOLDER, folder)
        monkeypatch.setattr(Path, "exists", lambda self: False)  # it came after this process had looked
        try:
            swap(made, folder, old)
        finally:
            monkeypatch.undo()

    monkeypatch.setattr(sample, "_swap", late)
    assert is_intact(photo_sample(tmp_path, **SMALL))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    find = sample.importlib.util.find_spec
    monkeypatch.setattr(
        sample, "importlib", SimpleNamespace(util=SimpleNamespace(
            find_spec=lambda name: None if name == "sklearn" else find(name)))
    )  # fmt: skip
    with pytest.raises(DataError, match="pip install scikit-learn"):
        photo_sample(tmp_path / "new", **SMALL)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("counts", [{"train": 45}, {"test": 0}, {"unlabeled": 0}])
def test_counts_must_fit(tmp_path: Path, counts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(counts))} must be a positive multiple"):
        photo_sample(tmp_path, **counts)


def test_the_manifest_credits_the_photographs(small_sample: Path) -> None:
    manifest = json.loads((small_sample / layout.FOLDER / MANIFEST).read_text("utf-8"))
    assert [photo["author"] for photo in manifest["photos"]] == [photo.author for photo in PHOTOS]


def test_the_default_sample_has_five_thousand_crops(tmp_path: Path) -> None:
    photo_sample(tmp_path)
    assert [len(STL10(tmp_path, split, mmap=True)) for split in layout.SPLITS] == [1_000, 1_000, 3_000]
