"""Where the data lies, what it is, and whether it is whole."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from ..runtime import say_once
from . import layout
from .dataset import STL10
from .layout import DataError
from .sample import MANIFEST, NAME, broken_files, photo_sample, read_manifest

ROOT_VARIABLE: Final = "PS8_DATA"
CACHE: Final = "data_cache"
SAMPLE_FOLDER: Final = "photo_sample"
STL10_NAME: Final = "STL-10"
CHECKED: Final = ".checked.json"  # md5 sums found before, with the size and time of the file they are of
MAP_ABOVE: Final = 20_000  # images: a larger unlabelled split is mapped, and `take` reads what is trained on

Status = Literal["ok", "missing", "truncated", "wrong size", "wrong md5", "wrong sha256"]


@dataclass(frozen=True)
class Data:
    """The three splits of one data set.

    Attributes:
        train: labelled images to train a classifier on.
        test: labelled images to measure it on.
        unlabeled: images to learn features from; mapped from the file if there are many (`take` reads some).
        name: "STL-10", "photo sample", or "stand-in NAME" for another set in STL-10's layout.
        folder: where the files lie.
    """

    train: STL10
    test: STL10
    unlabeled: STL10
    name: str
    folder: Path

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the labels."""
        return self.train.classes

    @property
    def is_stl10(self) -> bool:
        """Whether this is STL-10 itself."""
        return self.name == STL10_NAME

    def __str__(self) -> str:
        counts = ", ".join(f"{len(d):,} {d.split}" for d in (self.train, self.test, self.unlabeled))
        return f"{self.name}: {counts} images of {len(self.classes)} classes, in {self.folder}"


@dataclass(frozen=True)
class FileReport:
    """What `verify` found of one file."""

    name: str
    status: Status
    detail: str

    def __str__(self) -> str:
        return f"{self.name:<18} {self.status:<12} {self.detail}"


@dataclass(frozen=True)
class Report:
    """What `verify` found: a line per file, and whether the set can be used."""

    folder: Path
    name: str
    files: tuple[FileReport, ...]

    @property
    def ok(self) -> bool:
        """Whether every file is as it should be."""
        return all(file.status == "ok" for file in self.files)

    @property
    def wrong(self) -> tuple[FileReport, ...]:
        """The files that are not as they should be."""
        return tuple(file for file in self.files if file.status != "ok")

    def __str__(self) -> str:
        return "\n".join([f"{self.folder} ({self.name})", *map(str, self.files)])


def data_root() -> Path:
    """The one place of the data, the same for a terminal, a notebook and the grader, whatever folder they work in.

    Returns:
        $PS8_DATA; else `data_cache/` of the checkout that this kit lies in (the course's or a clone of the public one);
        else a `data_cache/` with data in it, in the working folder or above; else `ps8/` in the user's cache folder.
    """
    if given := os.environ.get(ROOT_VARIABLE, "").strip():
        return Path(given).expanduser()
    if checkout := _checkout():
        return checkout / CACHE
    here = Path.cwd()
    for folder in (parent / CACHE for parent in (here, *here.parents)):
        if (folder / layout.FOLDER).is_dir() or (folder / SAMPLE_FOLDER).is_dir():
            return folder
    return Path(os.environ.get("XDG_CACHE_HOME", "").strip() or "~/.cache").expanduser() / "ps8"


def _checkout() -> Path | None:
    """The repository that this kit lies in, as `assignment/ps8`; None for one that was installed from a wheel."""
    kit = Path(__file__).resolve().parents[1]
    root = kit.parent.parent
    return root if kit.parent.name == "assignment" and (root / "pyproject.toml").is_file() else None


def load_data(root: str | Path | None = None, *, mmap: bool | None = None) -> Data:
    """Open the data set under a folder: STL-10 if it is there, else the photo sample, built on first use.

    Args:
        root: the folder that holds (or shall hold) the data; `data_root()` when None. A folder named here
            or in $PS8_DATA, may also hold another set in STL-10's layout: it is used as a stand-in, and
            said to be one.
        mmap: map the files instead of reading them; when None, only an unlabelled split above 20,000 images.

    Raises:
        DataError: if the set is incomplete, truncated or wrong. Such files are named and not used.
    """
    named = root is not None or bool(os.environ.get(ROOT_VARIABLE, "").strip())
    base = data_root() if root is None else Path(root).expanduser()
    if named and not base.is_dir():
        raise DataError(
            f"There is no folder {base}. Name the folder that holds {layout.FOLDER}, or create it: "
            "an empty one gets the photo sample."
        )
    folder = layout.find_folder(base)
    if not _holds_data(folder):
        folder, name = _sample_under(base), NAME
    else:
        name = identify(folder, stand_in=named)
    return _open(folder, name, mmap)


def identify(folder: Path, *, stand_in: bool = False) -> str:
    """Say which data set a folder holds, having checked it (sizes always; md5 of the labelled files once).

    Args:
        folder: the folder with the .bin files.
        stand_in: accept another set than STL-10 if its files fit together.

    Returns:
        "STL-10", "photo sample", or "stand-in NAME".

    Raises:
        DataError: if any file is missing, truncated or wrong.
    """
    if (folder / MANIFEST).is_file():
        photo_sample(folder.parent, **_recipe(folder))  # returns at once if whole, mends it if not
        return NAME
    _check_fit(folder)
    files = [_report_real(folder, name, "labels and images") for name in layout.FILES]
    wrong = [file for file in files if file.status != "ok"]
    if not wrong:
        return STL10_NAME
    # Two of STL-10's own image files beside a wrong one mean a damaged STL-10; none means another set.
    is_real = any(file.status == "ok" for file in files if file.name in ("train_X.bin", "test_X.bin"))
    if is_real or not stand_in:
        listed = "\n".join(f"  {file}" for file in wrong)
        raise DataError(
            f"{folder} is not STL-10 as published, and is not used:\n{listed}\n"
            "Run `python -m ps8.data download` to fetch it again, or delete the folder to use the sample. "
            f"(Another set in this layout can be named: PS8_DATA=FOLDER.)"
        )
    name = f"stand-in {(folder.parent if folder.name == layout.FOLDER else folder).resolve().name}"
    say_once(f"{folder} is not STL-10 but fits its layout: used as '{name}'. Name it so when you report numbers.")
    return name


def verify(root: str | Path | None = None, *, md5: bool = False, progress: bool = False) -> Report:
    """Look at every file of the data set under a folder.

    Args:
        root: the folder; `data_root()` when None.
        md5: also compute the md5 sums (six seconds for the whole of STL-10); sizes are always checked.
        progress: say which file is being read.

    Returns:
        A report with a line per file: ok, missing, truncated, wrong size, wrong md5 (sample: sha256).
    """
    base = data_root() if root is None else Path(root).expanduser()
    folder = layout.find_folder(base)
    if not _holds_data(folder) and _holds_data(base / SAMPLE_FOLDER / layout.FOLDER):
        folder = base / SAMPLE_FOLDER / layout.FOLDER
    manifest = read_manifest(folder)
    if manifest is not None:
        broken = broken_files(folder, manifest)
        return Report(folder, NAME, tuple(_report_sample(folder, name, name in broken) for name in manifest["sha256"]))
    reports = []
    for name in layout.FILES:
        if md5 and progress:
            print(f"reading {name} ...", flush=True)
        reports.append(_report_real(folder, name, "everything" if md5 else "sizes", fresh=md5))
    return Report(folder, STL10_NAME, tuple(reports))


def _open(folder: Path, name: str, mmap: bool | None) -> Data:
    unlabeled = layout.count_images(folder / layout.images_file("unlabeled"))
    return Data(
        train=STL10(folder, "train", mmap=bool(mmap)),
        test=STL10(folder, "test", mmap=bool(mmap)),
        unlabeled=STL10(folder, "unlabeled", mmap=unlabeled > MAP_ABOVE if mmap is None else mmap),
        name=name,
        folder=folder,
    )


def _holds_data(folder: Path) -> bool:
    return any((folder / name).exists() for name in (*layout.FILES, MANIFEST))


def _recipe(folder: Path) -> dict[str, Any]:
    """The counts and seed that a sample was built with; none (so the defaults) if its manifest is damaged."""
    recipe = (read_manifest(folder) or {}).get("recipe", {})
    keys = ("unlabeled", "train", "test", "seed")
    return {key: recipe[key] for key in keys if isinstance(recipe.get(key), int)}


def _sample_under(base: Path) -> Path:
    """The photo sample under `base`, or in the temporary directory if `base` cannot be written to."""
    say_once(
        f"STL-10 is not under {base}: using the photo sample, ten photographs as ten classes. "
        "`python -m ps8.data download` fetches STL-10 (2.6 GB)."
    )
    try:
        return photo_sample(base / SAMPLE_FOLDER)
    except OSError as error:
        reason = error.strerror or error
    aside: Path | str = "the temporary directory"
    try:
        user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
        aside = Path(tempfile.gettempdir()) / f"ps8_{SAMPLE_FOLDER}_{user}"
        say_once(f"Cannot write to {base} ({reason}); the photo sample goes to {aside} instead.")
        return photo_sample(aside)
    except OSError as second:
        raise DataError(
            f"The photo sample (140 MB) can be written neither to {base} ({reason}) nor to {aside} "
            f"({second.strerror or second}). Set {ROOT_VARIABLE} to a folder that can be written to."
        ) from second


def _check_fit(folder: Path) -> None:
    """Raise DataError unless all files are there and each split's images and labels are as many."""
    missing = [name for name in layout.FILES if not (folder / name).is_file()]
    if missing:
        raise DataError(
            f"{folder} is incomplete, {', '.join(missing)} missing; nothing of it is used. "
            "Run `python -m ps8.data download` to get STL-10, or delete the folder to use the photo sample."
        )
    for split in layout.SPLITS:
        images = layout.count_images(folder / layout.images_file(split))
        name = layout.labels_file(split)
        if name and (labels := (folder / name).stat().st_size) != images:
            raise DataError(
                f"{folder / layout.images_file(split)} holds {images:,} images and {name} {labels:,} labels: "
                "one of the two is truncated. Delete both and get them again."
            )


def _report_real(folder: Path, name: str, depth: str, *, fresh: bool = False) -> FileReport:
    """Compare one file with the published STL-10.

    `depth` is "sizes", "labels and images" (md5 of the labelled files, and of the unlabelled one if it is
    remembered), or "everything".
    """
    fact, path = layout.FILES[name], folder / name
    if not path.is_file():
        return FileReport(name, "missing", f"expected {fact.size:,} bytes")
    size = path.stat().st_size
    if size != fact.size:
        status: Status = "truncated" if size < fact.size else "wrong size"
        return FileReport(name, status, f"expected {fact.size:,} bytes, actual {size:,}")
    found = None
    if depth != "sizes":
        compute = depth == "everything" or not name.startswith("unlabeled")
        found = remembered_md5(path, fresh=fresh, compute=compute)
    if found is not None and found != fact.md5:
        return FileReport(name, "wrong md5", f"expected {fact.md5}, actual {found}")
    return FileReport(name, "ok", f"{size:,} bytes" + (f", md5 {found}" if found else ""))


def _report_sample(folder: Path, name: str, broken: bool) -> FileReport:
    path = folder / name
    if not path.is_file():
        return FileReport(name, "missing", "the sample is rebuilt when it is next used")
    if broken:
        return FileReport(name, "wrong sha256", "the sample is rebuilt when it is next used")
    return FileReport(name, "ok", f"{path.stat().st_size:,} bytes")


def remembered_md5(path: Path, *, fresh: bool = False, compute: bool = True) -> str | None:
    """The md5 sum of a file, remembered beside it for as long as its size and time of change stay the same.

    Args:
        path: the file.
        fresh: compute it in any case.
        compute: compute it if it is not remembered; if not, return None then.
    """
    entry = _read_checked(path.parent).get(path.name)
    if not fresh and isinstance(entry, list) and entry[:2] == _stamp(path) and len(entry) == 3:
        return str(entry[2])
    if not compute and not fresh:
        return None
    found = layout.file_digest(path)
    remember_md5(path.parent, {path.name: found})
    return found


def remember_md5(folder: Path, sums: dict[str, str]) -> None:
    """Remember md5 sums that were just found of files in `folder`."""
    known = _read_checked(folder) | {name: [*_stamp(folder / name), md5] for name, md5 in sums.items()}
    temporary = folder / f"{CHECKED}.{os.getpid()}"
    # A read-only folder remembers nothing: the sums are computed again next time.
    with contextlib.suppress(OSError):
        temporary.write_text(json.dumps(known), "utf-8")
        os.replace(temporary, folder / CHECKED)


def _stamp(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns]


def _read_checked(folder: Path) -> dict[str, object]:
    try:
        known = json.loads((folder / CHECKED).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
