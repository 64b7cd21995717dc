"""STL-10's binary layout: file names, sizes, checksums, and the bytes on disk as arrays.

An X file is uint8, and per image three planes (red, green, blue) of 96x96, each stored *column by column*;
in memory images are row-major, (N, 3, 96, 96). A y file is a uint8 per image, 1-based on disk, 0-based here.
Facts: https://cs.stanford.edu/~acoates/stl10/ and the md5 sums that torchvision checks.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

Split = Literal["train", "test", "unlabeled"]
Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]

SPLITS: Final[tuple[str, ...]] = get_args(Split)
FOLDER: Final = "stl10_binary"
SIDE: Final = 96
CHANNELS: Final = 3
IMAGE_BYTES: Final = CHANNELS * SIDE * SIDE  # 27,648

ARCHIVE: Final = "stl10_binary.tar.gz"
ARCHIVE_MD5: Final = "91f7769df0f17e558f3565bffb0c7dfb"
ARCHIVE_BYTES: Final = 2_640_397_119  # what the home page serves

CLASS_NAMES_FILE: Final = "class_names.txt"
FOLDS_FILE: Final = "fold_indices.txt"
CLASS_NAMES: Final = (
    "airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck",
)  # fmt: skip
COUNTS: Final[dict[str, int]] = {"train": 5_000, "test": 8_000, "unlabeled": 100_000}


class FileFact(NamedTuple):
    """What is known of one file of STL-10."""

    size: int  # bytes
    md5: str


FILES: Final[dict[str, FileFact]] = {
    "train_X.bin": FileFact(COUNTS["train"] * IMAGE_BYTES, "918c2871b30a85fa023e0c44e0bee87f"),
    "train_y.bin": FileFact(COUNTS["train"], "5a34089d4802c674881badbb80307741"),
    "test_X.bin": FileFact(COUNTS["test"] * IMAGE_BYTES, "7f263ba9f9e0b06b93213547f721ac82"),
    "test_y.bin": FileFact(COUNTS["test"], "36f9794fa4beb8a2c72628de14fa638e"),
    "unlabeled_X.bin": FileFact(COUNTS["unlabeled"] * IMAGE_BYTES, "5242ba1fed5e4be9e1e742405eb56ca4"),
}


class DataError(RuntimeError):
    """A data file is missing, truncated or wrong; the message names it and says what to do."""


def images_file(split: str) -> str:
    """The name of a split's image file."""
    return f"{split}_X.bin"


def labels_file(split: str) -> str | None:
    """The name of a split's label file; None for the unlabelled split."""
    return None if split == "unlabeled" else f"{split}_y.bin"


def check_split(split: str) -> None:
    """Raise ValueError unless `split` is one of STL-10's three."""
    if split not in SPLITS:
        raise ValueError(f"There is no split {split!r}; choose one of: {', '.join(SPLITS)}.")


def find_folder(root: str | Path) -> Path:
    """The folder with the .bin files: `root/stl10_binary`, or `root` itself if it holds them."""
    root = Path(root)
    return root if (root / images_file("train")).is_file() and not (root / FOLDER).is_dir() else root / FOLDER


def count_images(path: str | Path) -> int:
    """How many images an X file holds.

    Raises:
        DataError: if the file is missing, empty, or not a whole number of images.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path} is missing. `python -m ps8.data sample` builds a small set, `download` gets STL-10.")
    size = path.stat().st_size
    if size == 0 or size % IMAGE_BYTES:
        raise DataError(
            f"{path} is truncated or not an image file of STL-10's layout: its {size:,} bytes are "
            f"{size // IMAGE_BYTES:,} images of {IMAGE_BYTES:,} bytes (3 planes of 96x96) and "
            f"{size % IMAGE_BYTES:,} bytes over. Delete it and get it again."
        )
    return size // IMAGE_BYTES


def map_images(path: str | Path) -> Images:
    """Map an X file into memory without reading it.

    Returns:
        uint8 (N, 3, 96, 96), row-major as seen, a strided view. Writing to it does not change the file.
    """
    n = count_images(path)
    raw = np.memmap(path, dtype=np.uint8, mode="c", shape=(n, CHANNELS, SIDE, SIDE))
    images: Images = raw.transpose(0, 1, 3, 2)
    return images


def read_images(path: str | Path, indices: npt.NDArray[np.int64] | None = None, *, chunk: int = 2_048) -> Images:
    """Read an X file, or some of its images.

    Args:
        path: the file.
        indices: which images, in this order; all of them when None.
        chunk: images turned at a time, so that memory never holds the set twice.

    Returns:
        uint8 (N, 3, 96, 96), row-major and contiguous.

    Raises:
        DataError: see `count_images`.
    """
    count = count_images(path)
    if indices is not None:
        mapped = map_images(path)
        out = np.empty((len(indices), CHANNELS, SIDE, SIDE), np.uint8)
        for start in range(0, len(indices), chunk):
            out[start : start + chunk] = mapped[indices[start : start + chunk]]
        return out
    out = np.empty((count, CHANNELS, SIDE, SIDE), np.uint8)
    with Path(path).open("rb") as file:  # read, not mapped: mapped pages would count as this process's memory, too
        for start in range(0, count, chunk):
            target = out[start : start + chunk]
            raw = np.fromfile(file, np.uint8, target.size)
            target[...] = raw.reshape(-1, CHANNELS, SIDE, SIDE).transpose(0, 1, 3, 2)
    return out


def write_images(path: str | Path, images: Images) -> None:
    """Write row-major uint8 images (N, 3, 96, 96) as an X file, column by column."""
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != (CHANNELS, SIDE, SIDE):
        raise ValueError(f"Expected uint8 images of shape (N, 3, 96, 96), actual {images.dtype} {images.shape}.")
    Path(path).write_bytes(np.ascontiguousarray(images.transpose(0, 1, 3, 2)).data)


def read_labels(path: str | Path, classes: int = len(CLASS_NAMES)) -> Labels:
    """Read a y file.

    Returns:
        int64 (N,), 0-based.

    Raises:
        DataError: if the file is missing, or a label is outside 1..classes.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path} is missing. `python -m ps8.data sample` builds a small set, `download` gets STL-10.")
    labels = np.fromfile(path, dtype=np.uint8).astype(np.int64)
    if len(labels) == 0 or labels.min() < 1 or labels.max() > classes:
        actual = f"{labels.min()}..{labels.max()}" if len(labels) else "nothing"
        raise DataError(f"{path} is not a label file: expected labels 1..{classes}, actual {actual}. Get it again.")
    return labels - 1


def write_labels(path: str | Path, labels: npt.NDArray[np.integer]) -> None:
    """Write 0-based labels (N,) as a y file."""
    Path(path).write_bytes((np.asarray(labels) + 1).astype(np.uint8).tobytes())


def read_class_names(path: str | Path) -> tuple[str, ...]:
    """The class names, one a line; STL-10's own if the file is missing."""
    path = Path(path)
    if not path.is_file():
        return CLASS_NAMES
    return tuple(line.strip() for line in path.read_text("utf-8").splitlines() if line.strip())


def read_folds(path: str | Path) -> list[Labels]:
    """The training folds: one int64 array of 0-based training indices per line of `fold_indices.txt`."""
    return [np.array(line.split(), dtype=np.int64) for line in Path(path).read_text("ascii").splitlines() if line]


def file_digest(path: str | Path, algorithm: str = "md5") -> str:
    """The hex digest of a file, read in pieces."""
    found = hashlib.new(algorithm, usedforsecurity=False)
    with Path(path).open("rb") as file:
        while piece := file.read(1 << 20):
            found.update(piece)
    return found.hexdigest()
