"""STL-10 that somebody has already: a folder, the archive or a zip of it, checked and taken into the place of the data."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from . import layout, store
from .download import SMALL_FILES, DataArchive, DownloadError, explained, is_whole, move_into_place, only_one, unpack

HAND_OVER = "Expected: the folder with STL-10's .bin files, stl10_binary.tar.gz, or a zip of either folder."


def adopt(
    source: str | Path, root: str | Path | None = None, *, known: DataArchive | None = None, progress: bool = True
) -> Path:
    """Takes STL-10 from a place at hand into `root/stl10_binary`, once its sums are right. The source is left as it is.

    Args:
        source: a folder with the .bin files or with `stl10_binary` in it (as torchvision's `root`), the .tar.gz, or a .zip.
        root: `data_root()` when None.
        known: what is expected; STL-10 as published when None.
        progress: show bars.

    Returns:
        The folder with the .bin files. What stood there before is moved aside, not deleted; what is whole stays.

    Raises:
        DownloadError: if the source does not hold STL-10 whole, or there is no room for it.
    """
    known, source = known or DataArchive(), Path(source).expanduser()
    base = store.data_root() if root is None else Path(root).expanduser()
    folder = base / layout.FOLDER
    if not source.exists():
        raise DownloadError(f"There is no {source}. {HAND_OVER}")
    if is_whole(folder, known):
        return folder
    with explained(base):
        base.mkdir(parents=True, exist_ok=True)
        with only_one(base / f".{known.name}.lock"):
            if source.is_file() and not zipfile.is_zipfile(source):
                unpack(source, folder, known, progress)
                return folder
            with tempfile.TemporaryDirectory(prefix=".stl10_", dir=base) as temporary:
                made = Path(temporary) / layout.FOLDER
                made.mkdir()
                _copied(source, made, known) if source.is_dir() else _unzipped(source, made, known)
                sums = {path.name: layout.file_digest(path) for path in made.iterdir()}
                move_into_place(made, folder, sums, known, source)
    return folder


def _copied(source: Path, made: Path, known: DataArchive) -> None:
    """Copies the expected files, or links them where that costs nothing."""
    place = layout.find_folder(source)
    for name in (*known.files, *SMALL_FILES):
        if (place / name).is_file():
            try:
                os.link(place / name, made / name)
            except OSError:  # another disk
                shutil.copyfile(place / name, made / name)


def _unzipped(source: Path, made: Path, known: DataArchive) -> None:
    """Takes the expected files out of a zip, by their names alone: whatever folders it has them in."""
    with zipfile.ZipFile(source) as packed:
        for member in packed.infolist():
            name = PurePosixPath(member.filename).name
            wanted = known.files.get(name)
            if member.is_dir() or (wanted is None and name not in SMALL_FILES):
                continue
            if member.file_size > (wanted.size if wanted else 1 << 20):
                raise DownloadError(f"{source}: {member.filename} is larger than STL-10's {name}. Nothing was taken.")
            with packed.open(member) as taken, (made / name).open("wb") as target:
                shutil.copyfileobj(taken, target, 1 << 20)
