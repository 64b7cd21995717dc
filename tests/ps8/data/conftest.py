"""A small photo sample, built once, and a small set in STL-10's layout that plays the real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ps8 import runtime
from ps8.data import layout
from ps8.data.sample import photo_sample

SMALL: dict[str, Any] = {"unlabeled": 60, "train": 40, "test": 20}


@pytest.fixture(scope="session")
def small_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a photo sample of 60 + 40 + 20 crops. Read only: copy it to change it."""
    root = tmp_path_factory.mktemp("sample")
    photo_sample(root, **SMALL)
    return root


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(runtime, "_said", set())
    monkeypatch.delenv("PS8_DATA", raising=False)
    monkeypatch.delenv("PS8_PROFILE", raising=False)
    yield


def write_set(folder: Path, counts: dict[str, int], seed: int = 0) -> dict[str, layout.FileFact]:
    """Write random images and labels in STL-10's layout; returns the facts of the files."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for split, n in counts.items():
        images = rng.integers(0, 256, (n, 3, 96, 96), dtype=np.uint8)
        layout.write_images(folder / layout.images_file(split), images)
        if name := layout.labels_file(split):
            layout.write_labels(folder / name, np.arange(n) % 10)
    return {name: layout.FileFact((folder / name).stat().st_size, layout.file_digest(folder / name)) for name in layout.FILES}


@pytest.fixture
def fake_stl10(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root whose tiny set counts as the published STL-10."""
    facts = write_set(tmp_path / "cache" / layout.FOLDER, {"train": 12, "test": 11, "unlabeled": 13})
    monkeypatch.setattr(layout, "FILES", facts)
    return tmp_path / "cache"
