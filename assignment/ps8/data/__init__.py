"""The data of PS8: STL-10 or the photo sample, in memory as uint8, and loaders that keep up with the model.

Example:
    data = load_data()                        # STL-10 if it is there, else the photo sample
    loader = BatchLoader(data.unlabeled.take(10_000), crop="random", flip=True, shuffle=True)
    for x, y in loader: ...                   # x float32 (128, 3, 64, 64), on the model's device
"""

from __future__ import annotations

from .batch_loader import BatchLoader
from .dataset import STL10, STL10_CMC
from .download import MIRRORS, DownloadError, download
from .lab import LabScale, RGB2Lab, rgb_to_lab
from .layout import CLASS_NAMES, DataError
from .sample import PHOTOS, photo_sample
from .store import Data, FileReport, Report, data_root, load_data, verify

__all__ = [
    "CLASS_NAMES",
    "MIRRORS",
    "PHOTOS",
    "STL10",
    "STL10_CMC",
    "BatchLoader",
    "Data",
    "DataError",
    "DownloadError",
    "FileReport",
    "LabScale",
    "RGB2Lab",
    "Report",
    "data_root",
    "download",
    "load_data",
    "photo_sample",
    "rgb_to_lab",
    "verify",
]
