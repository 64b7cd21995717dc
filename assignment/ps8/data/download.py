"""Fetch STL-10: 2.6 GB, resumed, checked, unpacked aside, and moved into place when it is whole.

What can go wrong on the way, and what is done about it:

- the connection breaks: the part that came is kept and continued, in this run and in the next;
- the server ignores the wish to continue: it is read again from the start, over the part that is there;
- the server answers with an error page or other bytes: nothing of it is kept, the next mirror is tried, and a file of
  another length is not even fetched;
- the disk is or gets full: said beforehand if it can be known, and the part that came is kept.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import os
import re
import shutil
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, Protocol

from ..runtime import plain_bar, say_once
from . import layout, store
from .layout import DataError

MIRRORS: Final = (  # STL-10's own home, under its two names
    "http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz",
    "https://cs.stanford.edu/~acoates/stl10/stl10_binary.tar.gz",
)
GZIP_MAGIC: Final = b"\x1f\x8b"
PIECE: Final = 1 << 18
SMALL_FILES: Final = (layout.CLASS_NAMES_FILE, layout.FOLDS_FILE)


class DownloadError(DataError):
    """STL-10 could not be fetched or unpacked; the message says why, and what was kept."""


class _Broken(Exception):
    """The connection broke or timed out: worth another try at the same mirror."""


class _Refused(Exception):
    """This mirror does not have the archive: on to the next."""


@dataclass(frozen=True)
class DataArchive:
    """What is known of the archive beforehand."""

    md5: str = layout.ARCHIVE_MD5
    size: int = layout.ARCHIVE_BYTES
    name: str = layout.ARCHIVE
    files: dict[str, layout.FileFact] = field(default_factory=lambda: dict(layout.FILES))

    @property
    def unpacked(self) -> int:
        """Bytes of the files in it."""
        return sum(fact.size for fact in self.files.values())


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...


def download(
    root: str | Path | None = None,
    mirrors: Sequence[str] = MIRRORS,
    *,
    archive: DataArchive | None = None,
    tries: int = 5,
    pause: float = 2.0,
    timeout: float = 30.0,
    progress: bool = True,
    keep_archive: bool = False,
) -> Path:
    """Fetch STL-10 into `root/stl10_binary`, unless it is there and whole.

    Args:
        root: `data_root()` when None.
        mirrors: where the archive is, tried in order.
        archive: what is expected; STL-10 as published when None.
        tries: attempts in a row that may bring nothing new before a mirror is given up.
        pause: seconds before the second such attempt; longer before each further one.
        timeout: seconds without a byte after which a connection counts as broken.
        progress: show bars.
        keep_archive: keep the .tar.gz beside the files.

    Returns:
        The folder with the .bin files. What stood there before is moved aside, not deleted.

    Raises:
        DownloadError: if no mirror gave the archive, the disk is full or cannot be written to.
    """
    known = archive or DataArchive()
    base = store.data_root() if root is None else Path(root).expanduser()
    folder = base / layout.FOLDER
    if is_whole(folder, known):
        return folder
    with explained(base):
        base.mkdir(parents=True, exist_ok=True)
        packed = base / known.name
        with only_one(base / f".{known.name}.lock"):
            if not (packed.is_file() and layout.file_digest(packed) == known.md5):
                _check_space(base, known, packed)
                _fetch(packed, mirrors, known, tries, pause, timeout, progress)
            unpack(packed, folder, known, progress)
            if not keep_archive:
                packed.unlink(missing_ok=True)
    return folder


def is_whole(folder: Path, known: DataArchive) -> bool:
    """Whether all files are there; md5 sums are computed once and remembered."""
    return all(
        (folder / name).is_file()
        and (folder / name).stat().st_size == fact.size
        and store.remembered_md5(folder / name) == fact.md5
        for name, fact in known.files.items()
    )


@contextmanager
def explained(base: Path) -> Iterator[None]:
    """Turn the operating system's errors into sentences."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DownloadError(
                f"The disk is full ({base}). What was fetched is kept: make room and run the same command "
                "again, it continues where it stopped."
            ) from error
        raise DownloadError(
            f"Cannot write to {base}: {error.strerror or error}. Choose another place with --root, "
            f"or set {store.ROOT_VARIABLE}."
        ) from error


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Keep two downloads from writing the same file. The lock goes with the process: none is left behind."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DownloadError(f"Another download into {path.parent} is running. Wait for it.") from error
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _check_space(base: Path, known: DataArchive, packed: Path) -> None:
    part = _part(packed)
    have = part.stat().st_size if part.is_file() else 0
    need = max(known.size - have, 0) + known.unpacked
    free = shutil.disk_usage(base).free
    if free < need:
        raise DownloadError(
            f"Not enough room in {base}: the archive and its files need {_gigabytes(need)} more, "
            f"{_gigabytes(free)} are free. Make room, or choose another place with --root. Nothing fetched."
        )


def _part(packed: Path) -> Path:
    return packed.with_name(packed.name + ".part")


def _fetch(
    packed: Path,
    mirrors: Sequence[str],
    known: DataArchive,
    tries: int,
    pause: float,
    timeout: float,
    progress: bool,
) -> None:
    """Get the archive, whole and with the right md5, from the first mirror that has it."""
    part = _part(packed)
    reasons = []
    for url in mirrors:
        try:
            _fetch_from(url, part, known, tries, pause, timeout, progress)
        except _Refused as reason:
            reasons.append(f"  {url}: {reason}")
            continue
        found = layout.file_digest(part)
        if found == known.md5:
            os.replace(part, packed)
            return
        size = part.stat().st_size
        part.unlink()  # nothing in it can be trusted, so nothing of it can be continued
        reasons.append(f"  {url}: wrong bytes: expected md5 {known.md5}, actual {found} ({size:,} bytes); thrown away")
    kept = f"{part.stat().st_size:,} bytes are kept in {part} and continued next time. " if part.is_file() else ""
    raise DownloadError(
        "STL-10 could not be fetched.\n" + "\n".join(reasons) + f"\n{kept}"
        "Try again later, name another place with --mirror URL, take it from a folder, .tar.gz or zip at hand with "
        "`python -m ps8.data add PATH`, or use the photo sample meanwhile."
    )


def _fetch_from(url: str, part: Path, known: DataArchive, tries: int, pause: float, timeout: float, progress: bool) -> None:
    """Fetch from one mirror into `part`, continuing after breaks for as long as anything new comes."""
    failures = 0
    furthest = _size(part)
    while True:
        try:
            _attempt(url, part, known, timeout, progress)
            return
        except _Broken as reason:
            have = _size(part)
            failures = 0 if have > furthest else failures + 1
            furthest = max(furthest, have)
            if failures >= tries:
                raise _Refused(f"{reason}, {tries} times in a row without a new byte") from reason
            if failures:
                time.sleep(pause * failures)


def _attempt(url: str, part: Path, known: DataArchive, timeout: float, progress: bool) -> None:
    """One request: write what comes behind, or over, what is there. Returns when the archive is complete."""
    have = _size(part)
    with _open(url, have, timeout) as response:
        if response.status == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            if have != known.size:
                part.unlink(missing_ok=True)  # longer than the server's: not a part of this file
                raise _Broken("the part that was kept does not fit the server's file")
            return
        start, total = _place(response, have)
        first = _read(response, PIECE)
        _refuse_page(response, first, start)
        if total not in (None, known.size):
            raise _Refused(f"another file: {total:,} bytes, expected {known.size:,}; not fetched")
        end = _write(part, start, first, response, total, progress)
    if end < known.size:
        raise _Broken(f"the connection broke after {end:,} of {known.size:,} bytes")
    os.truncate(part, end)  # what was there may have been longer


def _open(url: str, have: int, timeout: float) -> Any:
    headers = {"User-Agent": "ps8 course data", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=timeout)
    except urllib.error.HTTPError as error:
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            return error
        if error.code >= 500 or error.code in (408, 429):
            raise _Broken(f"the server says {error.code} {error.reason}") from error
        raise _Refused(f"the server says {error.code} {error.reason}") from error
    except ValueError as error:
        raise _Refused(f"not an address: {error}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _Broken(f"no connection: {getattr(error, 'reason', None) or error}") from error


def _place(response: Any, have: int) -> tuple[int, int | None]:
    """Where in the archive the response begins, and how long the archive is (None if it does not say)."""
    length = response.headers.get("Content-Length")
    if response.status != http.client.PARTIAL_CONTENT:
        return 0, int(length) if length else None
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if not found or int(found[1]) > have:
        raise _Refused(f"asked for bytes from {have:,}, it gave {response.headers.get('Content-Range')!r}")
    return int(found[1]), None if found[2] == "*" else int(found[2])


def _refuse_page(response: Any, first: bytes, start: int) -> None:
    kind = response.headers.get_content_type()
    if kind.startswith("text/") or (start == 0 and first and not first.startswith(GZIP_MAGIC)):
        text = re.sub(r"<[^>]*>|\s+", " ", first[:400].decode("utf-8", "replace"))
        raise _Refused(f"a page of type {kind} instead of the archive: {' '.join(text.split())[:80]!r}")


def _write(part: Path, start: int, first: bytes, response: Any, total: int | None, progress: bool) -> int:
    """Write the response at `start`: over what is there, which is cut off only once the end is reached."""
    bar = plain_bar(
        total=total, initial=start, unit="B", unit_scale=True, unit_divisor=1024,
        desc=part.stem, disable=not progress,
    )  # fmt: skip
    end = start
    with bar, part.open("r+b" if part.is_file() else "wb") as file:
        file.seek(start)
        piece = first
        while piece:
            file.write(piece)
            end += len(piece)
            bar.update(len(piece))
            file.flush()  # a full disk is noticed now, and the size on disk is what can be continued
            piece = _read(response, PIECE)
    return end


def _read(response: Any, size: int) -> bytes:
    try:
        piece: bytes = response.read(size)
        return piece
    except http.client.IncompleteRead as error:
        return error.partial
    except (OSError, http.client.HTTPException) as error:
        raise _Broken(f"the connection broke: {error or type(error).__name__}") from error


def unpack(packed: Path, folder: Path, known: DataArchive, progress: bool) -> None:
    """Unpack beside `folder`, check every file, and rename: `folder` is never half there."""
    with tempfile.TemporaryDirectory(prefix=".stl10_", dir=folder.parent) as temporary:
        made = Path(temporary) / layout.FOLDER
        made.mkdir()
        try:
            sums = _extract(packed, made, known, progress)
        except (tarfile.TarError, EOFError) as error:
            raise DownloadError(f"{packed} cannot be unpacked: {error}. Delete it and run the command again.") from error
        move_into_place(made, folder, sums, known, packed)


def move_into_place(made: Path, folder: Path, sums: dict[str, str], known: DataArchive, source: Path) -> None:
    """Renames a folder that holds what it should; what stood there before is moved aside.

    Raises:
        DownloadError: naming the files that are missing or wrong.
    """
    wrong = [name for name, fact in known.files.items() if sums.get(name) != fact.md5]
    if wrong:
        raise DownloadError(f"{source} does not hold what it should: {', '.join(wrong)} missing or wrong. Not used.")
    store.remember_md5(made, sums)
    if folder.exists():
        aside = _free_name(folder)
        os.replace(folder, aside)
        say_once(f"What was in {folder} is now in {aside.name}; delete it if you do not need it.")
    os.replace(made, folder)


def _extract(packed: Path, made: Path, known: DataArchive, progress: bool) -> dict[str, str]:
    """Copy the expected files out of the archive, as bytes: no links, owners or modes are taken over.

    Returns:
        The md5 sum of each file.
    """
    sums: dict[str, str] = {}
    with (
        tarfile.open(packed, "r:gz") as tar,
        plain_bar(total=known.unpacked, unit="B", unit_scale=True, desc="unpacking", disable=not progress) as bar,
    ):
        for member in tar:
            path = PurePosixPath(member.name)
            if path.is_absolute() or ".." in path.parts:
                raise DownloadError(f"{packed} holds an unsafe path, {member.name!r}. It is not STL-10; not unpacked.")
            if path.name not in known.files and path.name not in SMALL_FILES:
                continue
            source = tar.extractfile(member) if member.isreg() else None
            if source is None:
                raise DownloadError(f"{packed} holds {member.name!r}, which is not a plain file. Not unpacked.")
            found = hashlib.new("md5", usedforsecurity=False)
            with source, (made / path.name).open("wb") as target:
                _copy(source, target, found, bar)
            sums[path.name] = found.hexdigest()
    return sums


def _copy(source: IO[bytes], target: IO[bytes], found: _Hash, bar: Any) -> None:
    while piece := source.read(1 << 20):
        target.write(piece)
        found.update(piece)
        bar.update(len(piece))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _free_name(folder: Path) -> Path:
    return next(name for i in range(1, 10_000) if not (name := folder.with_name(f"{folder.name}.replaced-{i}")).exists())


def _gigabytes(n: int) -> str:
    return f"{n / 1e9:.1f} GB" if n >= 5e7 else f"{n / 1e6:.1f} MB"
