"""What evidence depends on besides the submission and the code that gathers it: what kernels are shown, and what is installed.

Only the standard library is imported here, and what imports no more.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from nbjudge.assignment import Assignment

if TYPE_CHECKING:
    from nbjudge.jail.policy import JailSettings

WHOLE = 256 * 2**20  # bytes of a folder of which every byte counts; of a larger one names and sizes do
_MADE = ("__pycache__", ".ipynb_checkpoints")  # by programs, and again at any time


def shown_digest(settings: JailSettings) -> str:
    """A digest of what kernels are given, the same on every machine: 64 hexadecimal digits. Of packages the names count."""
    parts = [
        sorted(settings.packages),
        settings.collector,
        {name: list(asked) for name, asked in settings.asks.items()},
        dict(settings.env),
        list(settings.preload) if settings.warm else None,
        settings.data_variable,
        _content(settings.data) if settings.data is not None and settings.data_counts else None,
        [(str(path), _content(path)) for path in settings.readable],
        settings.unjailed and _no_jail(),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def files_of(settings: JailSettings) -> list[Path]:
    """The files of the packages that kernels are shown."""
    return [path for folder in settings.packages.values() for path in _files(folder)]


def installed(assignment: Assignment, *besides: str) -> list[str]:
    """Names and versions of what an assignment's submissions can import: of what it names, or else of all that there is.

    Args:
        assignment: which.
        besides: distributions that count in any case.
    """
    if assignment.libraries is None:
        folders = {entry for entry in sys.path if os.path.isdir(entry)}
        names = {name for folder in folders for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info"))}
        return sorted(names)
    return [_version(name) for name in sorted({*besides, *assignment.libraries})]


def _version(distribution: str) -> str:
    try:
        return f"{distribution} {version(distribution)}"
    except PackageNotFoundError:
        return distribution


def _no_jail() -> bool:
    from nbjudge.jail import reasons_unavailable

    return bool(reasons_unavailable())


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not set(_MADE) & set(path.relative_to(folder).parts):
            yield path


def _content(folder: Path) -> str:
    """A digest of a folder's files by their names, and by their bytes where these are not too many."""
    found = [(path, path.stat().st_size) for path in _files(folder)]
    whole = sum(size for _, size in found) <= WHOLE
    digest = hashlib.sha256()
    for path, size in found:
        digest.update(f"{path.relative_to(folder)}\0{size}\0".encode("utf-8", "surrogateescape"))
        if whole:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
