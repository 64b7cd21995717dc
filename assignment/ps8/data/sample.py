"""The photo sample: a small set in STL-10's layout, cut from photographs that are already on the machine.

Ten photographs that scikit-image, scikit-learn and matplotlib carry in their wheels are ten classes. The left
half of a photograph gives its training and unlabelled crops, the right half its test crops, so no pixel is in
both. It needs no network, and the same photographs always give the same bytes.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..runtime import plain_bar
from . import layout
from .layout import DataError, Images, Labels

NAME: Final = "photo sample"
MANIFEST: Final = "manifest.json"
VERSION: Final = 2  # of the recipe: another version on disk is rebuilt
UNLABELED, TRAIN, TEST = 3_000, 1_000, 1_000
FOLDS: Final = 10
PACKAGES: Final = {"skimage": "scikit-image", "sklearn": "scikit-learn", "matplotlib": "matplotlib"}


@dataclass(frozen=True)
class Photo:
    """A photograph: its class name, where it lies inside an installed package, and whom to thank."""

    name: str
    package: str
    path: str
    title: str
    author: str
    terms: str
    source: str

    def find(self) -> Path | None:
        """The file, or None if the package or the file is not installed."""
        try:
            spec = importlib.util.find_spec(self.package)  # finds it without importing it
        except (ImportError, ValueError):
            spec = None
        if spec is None or not spec.submodule_search_locations:
            return None
        path = Path(next(iter(spec.submodule_search_locations))) / self.path
        return path if path.is_file() else None


PHOTOS: Final = (
    Photo(
        "astronaut", "skimage", "data/astronaut.png", "Eileen Collins, astronaut", "NASA",
        "public domain", "https://flic.kr/p/r9qvLn",
    ),
    Photo(
        "cat", "skimage", "data/chelsea.png", "Chelsea the cat", "Stefan van der Walt",
        "CC0", "https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data.chelsea",
    ),
    Photo(
        "coffee", "skimage", "data/coffee.png", "A cup of coffee at Pikolo Espresso Bar", "Rachel Michetti",
        "CC0", "https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data.coffee",
    ),
    Photo(
        "flower", "sklearn", "datasets/images/flower.jpg", "A flower", "vultilion (Flickr)",
        "CC BY 2.0", "https://www.flickr.com/photos/vultilion/6056698931/",
    ),
    Photo(
        "galaxies", "skimage", "data/hubble_deep_field.jpg", "Hubble eXtreme Deep Field", "NASA, ESA",
        "public domain", "http://hubblesite.org/newscenter/archive/releases/2012/37/image/a/",
    ),
    Photo(
        "portrait", "matplotlib", "mpl-data/sample_data/grace_hopper.jpg", "Grace Hopper", "US Navy",
        "public domain", "https://github.com/matplotlib/matplotlib/pull/1599",
    ),
    Photo(
        "retina", "skimage", "data/retina.jpg", "Fundus photograph of a normal left eye",
        "Mikael Häggström", "CC0", "https://commons.wikimedia.org/wiki/File:Fundus_photograph_of_normal_left_eye.jpg",
    ),
    Photo(
        "rocket", "skimage", "data/rocket.jpg", "Launch of DSCOVR on a Falcon 9", "SpaceX",
        "public domain", "https://www.flickr.com/photos/spacexphotos/16511594820/",
    ),
    Photo(
        "temple", "sklearn", "datasets/images/china.jpg", "A temple in China", "danielbuechele (Flickr)",
        "CC BY 2.0", "https://www.flickr.com/photos/danielbuechele/6061409035/",
    ),
    Photo(
        "tissue", "skimage", "data/ihc.png", "Colonic glands, immunohistochemical staining",
        "Center for Microscopy and Molecular Imaging (CMMI)", "no known copyright restrictions",
        "https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data.immunohistochemistry",
    ),
)  # fmt: skip


def photo_sample(
    root: str | Path,
    *,
    unlabeled: int = UNLABELED,
    train: int = TRAIN,
    test: int = TEST,
    seed: int = 8,
    progress: bool = False,
) -> Path:
    """Build the photo sample, unless it is already there, whole and of the same recipe.

    Args:
        root: the sample lies in `root/stl10_binary`.
        unlabeled: how many unlabelled crops.
        train: how many labelled training crops, the same number of each class (a multiple of 10).
        test: how many test crops (a multiple of 10).
        seed: of the crops.
        progress: show a progress bar.

    Returns:
        `root/stl10_binary`.

    Raises:
        DataError: if a photograph is not installed, or if another data set lies at that place.
        OSError: if the place cannot be written to.
    """
    recipe = {"version": VERSION, "seed": seed, "unlabeled": unlabeled, "train": train, "test": test}
    _check_counts(unlabeled, train, test)
    folder = Path(root) / layout.FOLDER
    if folder.exists():
        if not (folder / MANIFEST).is_file() and any(folder.iterdir()):
            raise DataError(
                f"{folder} holds another data set (no {MANIFEST} of a photo sample), and is not "
                "written over. Choose another root, or delete the folder if you do not need it."
            )
        if is_intact(folder, recipe):
            return folder
    photos = [(photo, read_photo(photo)) for photo in PHOTOS]
    Path(root).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".photo_sample_", dir=root) as temporary:
        made = Path(temporary) / layout.FOLDER
        made.mkdir()
        _write(made, [image for _, image in photos], recipe, progress)
        _swap(made, folder, Path(temporary) / "old")
    return folder


def is_intact(folder: str | Path, recipe: dict[str, int] | None = None) -> bool:
    """Whether a folder holds a whole photo sample, byte for byte, and of that recipe if one is given."""
    folder = Path(folder)
    manifest = read_manifest(folder)
    if manifest is None or (recipe is not None and manifest.get("recipe") != recipe):
        return False
    return not broken_files(folder, manifest)


def read_manifest(folder: str | Path) -> dict[str, Any] | None:
    """The sample's manifest; None if there is none, or it is damaged or not of a photo sample."""
    try:
        manifest = json.loads((Path(folder) / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    whole = isinstance(manifest, dict) and manifest.get("name") == NAME and isinstance(manifest.get("sha256"), dict)
    return manifest if whole else None


def broken_files(folder: str | Path, manifest: dict[str, Any]) -> list[str]:
    """The names of the manifest's files that are missing or whose bytes have changed."""
    folder = Path(folder)
    return [
        name
        for name, sha256 in manifest["sha256"].items()
        if not (folder / name).is_file() or layout.file_digest(folder / name, "sha256") != sha256
    ]


def read_photo(photo: Photo) -> Images:
    """A photograph as uint8 (H, W, 3).

    Raises:
        DataError: if it is not installed, with the package to install.
    """
    from PIL import Image

    path = photo.find()
    if path is None:
        package = PACKAGES[photo.package]
        raise DataError(
            f"The photo sample needs the photograph {photo.path} that {package} carries, and it is not "
            f"installed here. Run `pip install {package}` (Colab has it already), or get STL-10 itself: "
            "python -m ps8.data download."
        )
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def halves(photo: Images) -> tuple[Images, Images]:
    """The two disjoint halves of a photograph: left for training, right for testing."""
    middle = photo.shape[1] // 2
    return photo[:, :middle], photo[:, middle:]


def cut_crop(half: Images, rng: np.random.Generator) -> Images:
    """One random square of a half, resized to uint8 (3, 96, 96).

    The square's side is between two fifths and the whole of the half's shorter side: large enough that what
    is in a crop says more than its colours do (smaller crops leave CMC little to win over random features).
    """
    from PIL import Image

    short = min(half.shape[:2])
    side = int(rng.integers(short * 2 // 5, short + 1))
    top = int(rng.integers(0, half.shape[0] - side + 1))
    left = int(rng.integers(0, half.shape[1] - side + 1))
    square = Image.fromarray(np.ascontiguousarray(half[top : top + side, left : left + side]))
    resized = square.resize((layout.SIDE, layout.SIDE), Image.Resampling.BILINEAR)
    image: np.ndarray = np.asarray(resized).transpose(2, 0, 1)
    return image


def _crops(halves_: list[Images], labels: Labels, rng: np.random.Generator, bar: Any) -> Images:
    out = np.empty((len(labels), layout.CHANNELS, layout.SIDE, layout.SIDE), np.uint8)
    for image, label in zip(out, labels.tolist(), strict=True):
        image[...] = cut_crop(halves_[label], rng)
        bar.update()
    return out


def _write(folder: Path, photos: list[Images], recipe: dict[str, int], progress: bool) -> None:
    """Write all files and, last, the manifest."""
    # A generator for each split: more unlabelled images leave the labelled ones as they are.
    streams = dict(zip(layout.SPLITS, np.random.SeedSequence(recipe["seed"]).spawn(3), strict=True))
    left, right = zip(*(halves(photo) for photo in photos), strict=True)
    total = sum(recipe[split] for split in layout.SPLITS)
    with plain_bar(total=total, desc=NAME, unit="image", disable=not progress, leave=False) as bar:
        for split in layout.SPLITS:
            rng = np.random.default_rng(streams[split])
            labels = rng.permutation(np.arange(recipe[split]) % len(photos))
            sides = list(right if split == "test" else left)
            layout.write_images(folder / layout.images_file(split), _crops(sides, labels, rng, bar))
            if name := layout.labels_file(split):
                layout.write_labels(folder / name, labels)
            if split == "train":
                _write_folds(folder / layout.FOLDS_FILE, len(labels), rng)
    (folder / layout.CLASS_NAMES_FILE).write_text("".join(f"{photo.name}\n" for photo in PHOTOS), "utf-8")
    sums = {path.name: layout.file_digest(path, "sha256") for path in sorted(folder.iterdir())}
    manifest = {"name": NAME, "recipe": recipe, "photos": [asdict(photo) for photo in PHOTOS], "sha256": sums}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _write_folds(path: Path, n: int, rng: np.random.Generator) -> None:
    """Ten folds of a fifth of the training images each, as STL-10's ten folds of 1,000 of 5,000."""
    folds = [np.sort(rng.permutation(n)[: n // 5]) for _ in range(FOLDS)]
    path.write_text("".join(" ".join(map(str, fold)) + "\n" for fold in folds), "ascii")


def _swap(made: Path, folder: Path, old: Path) -> None:
    """Put the finished folder in its place by renaming, so that nobody ever sees half a sample."""
    if folder.exists():
        os.replace(folder, old)
    try:
        os.replace(made, folder)
    except OSError:
        # Somebody else, building the same sample meanwhile, was first: theirs is as good, if it is whole.
        if not is_intact(folder):
            if old.exists() and not folder.exists():
                os.replace(old, folder)
            raise
    shutil.rmtree(old, ignore_errors=True)


def _check_counts(unlabeled: int, train: int, test: int) -> None:
    for name, n, step in (
        ("unlabeled", unlabeled, 1),
        ("train", train, len(PHOTOS)),
        ("test", test, len(PHOTOS)),
    ):
        if n < step or n % step:
            raise ValueError(f"{name} must be a positive multiple of {step}, not {n}.")
