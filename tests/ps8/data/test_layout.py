from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ps8.data import layout
from ps8.data.layout import DataError


def test_published_sizes_and_sums() -> None:
    assert layout.FILES["unlabeled_X.bin"].size == 2_764_800_000
    assert layout.FILES["train_X.bin"] == (138_240_000, "918c2871b30a85fa023e0c44e0bee87f")
    assert layout.FILES["test_y.bin"] == (8_000, "36f9794fa4beb8a2c72628de14fa638e")
    assert all(len(fact.md5) == 32 for fact in layout.FILES.values())
    assert tuple(sorted(layout.CLASS_NAMES)) == layout.CLASS_NAMES


def test_planes_are_column_by_column(tmp_path: Path) -> None:
    image = np.zeros((1, 3, 96, 96), np.uint8)
    image[0, 1, 2, 5] = 9  # green plane, row 2, column 5
    layout.write_images(tmp_path / "x.bin", image)
    raw = (tmp_path / "x.bin").read_bytes()
    assert raw.index(9) == 96 * 96 + 5 * 96 + 2


def test_images_round_trip(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (7, 3, 96, 96), dtype=np.uint8)
    path = tmp_path / "x.bin"
    layout.write_images(path, images)
    assert np.array_equal(layout.read_images(path, chunk=3), images)
    assert np.array_equal(layout.map_images(path), images)
    order = np.array([6, 0, 3, 3])
    assert np.array_equal(layout.read_images(path, order, chunk=3), images[order])


def test_labels_are_one_based_on_disk(tmp_path: Path) -> None:
    layout.write_labels(tmp_path / "y.bin", np.array([0, 9, 4]))
    assert (tmp_path / "y.bin").read_bytes() == bytes([1, 10, 5])
    assert layout.read_labels(tmp_path / "y.bin").tolist() == [0, 9, 4]


@pytest.mark.parametrize("content", [b"", b"\0\1", b"\x0b"])
def test_wrong_labels_are_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "train_y.bin").write_bytes(content)
    with pytest.raises(DataError, match=r"train_y\.bin.*expected labels 1\.\.10"):
        layout.read_labels(tmp_path / "train_y.bin")


@pytest.mark.parametrize("size", [0, 1, layout.IMAGE_BYTES - 1, 3 * layout.IMAGE_BYTES + 5])
def test_truncated_images_are_named(tmp_path: Path, size: int) -> None:
    (tmp_path / "test_X.bin").write_bytes(bytes(size))
    with pytest.raises(DataError, match=r"test_X\.bin is truncated") as caught:
        layout.read_images(tmp_path / "test_X.bin")
    assert f"{size % layout.IMAGE_BYTES:,} bytes over" in str(caught.value)


def test_missing_files_say_what_to_do(tmp_path: Path) -> None:
    for read in (layout.read_images, layout.read_labels):
        with pytest.raises(DataError, match=r"missing.*ps8.data"):
            read(tmp_path / "none.bin")  # type: ignore[operator]


def test_write_refuses_other_shapes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="96, 96"):
        layout.write_images(tmp_path / "x.bin", np.zeros((2, 96, 96, 3), np.uint8))


def test_folds_and_names(tmp_path: Path) -> None:
    (tmp_path / "folds").write_text("0 4 2 \n1 3\n")
    assert [fold.tolist() for fold in layout.read_folds(tmp_path / "folds")] == [[0, 4, 2], [1, 3]]
    (tmp_path / "names").write_text("ada\nbea\n")
    assert layout.read_class_names(tmp_path / "names") == ("ada", "bea")
    assert layout.read_class_names(tmp_path / "none") == layout.CLASS_NAMES


def test_torchvision_reads_the_same(small_sample: Path) -> None:
    """The layout is STL-10's: torchvision's own reader, its md5 check aside, sees the same images."""
    datasets: Any = pytest.importorskip("torchvision.datasets")

    class Unchecked(datasets.STL10):
        def _check_integrity(self) -> bool:
            return True

    theirs = Unchecked(str(small_sample), "test")
    folder = small_sample / layout.FOLDER
    assert np.array_equal(theirs.data, layout.read_images(folder / "test_X.bin"))
    assert np.array_equal(theirs.labels, layout.read_labels(folder / "test_y.bin"))
    assert tuple(theirs.classes) == layout.read_class_names(folder / "class_names.txt")
