"""Against a server on this machine that misbehaves on request; no outside network."""

from __future__ import annotations

import errno
import gzip
import importlib
import io
import os
import re
import tarfile
import threading
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ps8.data import DownloadError, download, layout, load_data, store, verify
from ps8.data.download import MIRRORS, DataArchive

from .conftest import write_set  # type: ignore[import-not-found]

module = importlib.import_module("ps8.data.download")  # `ps8.data.download` itself is the function

PAGE = b"<!DOCTYPE html><html><body><h1>Sorry</h1> down today</body></html>"


@dataclass
class Behaviour:
    """What the server does; `cuts` is taken from the left, one a request (bytes before hanging up)."""

    body: bytes = b""
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    kind: str = "application/x-gzip"
    status: list[int] = field(default_factory=list)
    length: bool = True
    asked: list[str | None] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    behaviours: dict[str, Behaviour]

    def do_GET(self) -> None:
        told = self.behaviours[self.path]
        wanted = self.headers.get("Range")
        told.asked.append(wanted)
        if told.status and (status := told.status.pop(0)) != 200:
            self.send_error(status)
            return
        start = 0
        if wanted and told.ranges:
            start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])  # type: ignore[index]
            if start >= len(told.body):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(told.body) - 1}/{len(told.body)}")
        else:
            self.send_response(200)
        rest = told.body[start:]
        self.send_header("Content-Type", told.kind)
        if told.length:
            self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: told.cuts.pop(0)] if told.cuts else rest)

    def log_message(self, *_: Any) -> None:
        pass


class Server:
    """A server, its addresses, and an archive to serve."""

    def __init__(self, archive: bytes, facts: DataArchive, port: int) -> None:
        self.archive, self.facts, self.port = archive, facts, port
        self.behaviours: dict[str, Behaviour] = {}

    def serve(self, **how: Any) -> str:
        """A new address that behaves like that."""
        path = f"/{len(self.behaviours)}/stl10_binary.tar.gz"
        self.behaviours[path] = Behaviour(**{"body": self.archive, **how})
        return f"http://127.0.0.1:{self.port}{path}"

    def asked(self, number: int = 0) -> list[str | None]:
        return list(self.behaviours.values())[number].asked

    def get(self, root: Path, *mirrors: str, **options: Any) -> Path:
        options = {
            "archive": self.facts,
            "pause": 0.0,
            "timeout": 5.0,
            "progress": False,
            "tries": 3,
            **options,
        }
        return download(root, mirrors, **options)


def pack(folder: Path, extra: list[tarfile.TarInfo] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.add(folder, layout.FOLDER)
        for member in extra or []:
            tar.addfile(member, io.BytesIO(bytes(member.size)))
    return buffer.getvalue()


def facts_of(archive: bytes, files: dict[str, layout.FileFact], tmp_path: Path) -> DataArchive:
    (tmp_path / "packed").write_bytes(archive)
    return DataArchive(md5=layout.file_digest(tmp_path / "packed"), size=len(archive), files=files)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    files = write_set(tmp_path / "source", {"train": 4, "test": 3, "unlabeled": 5})
    (tmp_path / "source" / layout.CLASS_NAMES_FILE).write_text("\n".join(layout.CLASS_NAMES))
    archive = pack(tmp_path / "source")
    monkeypatch.setattr(layout, "FILES", files)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    handler = type("Mine", (Handler,), {})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    made = Server(archive, facts_of(archive, files, tmp_path), http.server_address[1])
    handler.behaviours = made.behaviours  # type: ignore[attr-defined]
    yield made
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def part_of(root: Path) -> Path:
    return root / (layout.ARCHIVE + ".part")


def assert_whole(server: Server, root: Path) -> None:
    assert verify(root, md5=True).ok
    assert load_data(root).is_stl10
    assert {path.name for path in root.iterdir()} == {layout.FOLDER}  # no archive, part, lock or temporary folder


def test_the_default_mirrors_are_the_home_page() -> None:
    assert [url.split("//")[1].partition(".")[0] for url in MIRRORS] == ["ai", "cs"]
    assert MIRRORS[0] == "http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz"
    assert DataArchive().md5 == "91f7769df0f17e558f3565bffb0c7dfb"
    assert DataArchive().unpacked == sum(n * 27_648 for n in (5_000, 8_000, 100_000)) + 13_000


def test_plain(server: Server, root: Path) -> None:
    assert server.get(root, server.serve()) == root / layout.FOLDER
    assert_whole(server, root)
    assert server.asked() == [None]
    server.get(root, server.serve())  # it is there: nothing is asked
    assert server.asked(1) == []


def test_no_length_given(server: Server, root: Path) -> None:
    server.get(root, server.serve(length=False))
    assert_whole(server, root)


@pytest.mark.parametrize("length", [True, False])
def test_cut_connections_are_continued(server: Server, root: Path, length: bool) -> None:
    server.get(root, server.serve(cuts=[50_000, 1, 70_000, 30_000], length=length))
    assert_whole(server, root)
    assert server.asked() == [None, "bytes=50000-", "bytes=50001-", "bytes=120001-", "bytes=150001-"]


def test_the_next_run_continues(server: Server, root: Path) -> None:
    with pytest.raises(DownloadError, match="60,000 bytes are kept"):
        server.get(root, server.serve(cuts=[60_000, 0, 0, 0]))
    assert part_of(root).stat().st_size == 60_000
    server.get(root, server.serve())
    assert server.asked(1) == ["bytes=60000-"]
    assert_whole(server, root)


def test_ranges_ignored(server: Server, root: Path) -> None:
    """It is read again from the start; a second break, earlier than the first, loses nothing."""
    server.get(root, server.serve(cuts=[60_000, 20_000], ranges=False))
    assert_whole(server, root)
    assert server.asked() == [None, "bytes=60000-", "bytes=60000-"]


def test_a_finished_part_is_only_checked(server: Server, root: Path) -> None:
    root.mkdir()
    part_of(root).write_bytes(server.archive)
    server.get(root, server.serve())
    assert_whole(server, root)


def test_a_part_longer_than_the_archive_is_started_again(server: Server, root: Path) -> None:
    root.mkdir()
    part_of(root).write_bytes(server.archive + b"more")
    server.get(root, server.serve())
    assert_whole(server, root)
    assert server.asked()[-1] is None


def test_a_part_of_something_else_is_thrown_away(server: Server, root: Path) -> None:
    root.mkdir()
    part_of(root).write_bytes(gzip.compress(b"else") + bytes(40_000))
    first, second = server.serve(), server.serve()
    server.get(root, first, second)
    assert_whole(server, root)
    assert server.asked(1) == [None]


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/octet-stream"])
def test_an_error_page_is_not_kept(server: Server, root: Path, kind: str) -> None:
    with pytest.raises(DownloadError, match=r"a page of type .* instead of the archive: 'Sorry down today"):
        server.get(root, server.serve(body=PAGE, kind=kind))
    assert not part_of(root).exists() and not (root / layout.FOLDER).exists()


def test_an_error_page_leaves_the_part(server: Server, root: Path) -> None:
    root.mkdir()
    part_of(root).write_bytes(server.archive[:9_000])
    server.get(
        root,
        server.serve(body=PAGE * 999, kind="text/html"),
        server.serve(body=PAGE, ranges=False),
        server.serve(),
    )
    assert server.asked(2) == ["bytes=9000-"]
    assert_whole(server, root)


def test_wrong_bytes_are_not_used(server: Server, root: Path) -> None:
    wrong = server.archive[:-100] + bytes(100)
    with pytest.raises(DownloadError, match="wrong bytes: expected md5"):
        server.get(root, server.serve(body=wrong))
    assert list(root.iterdir()) == []
    server.get(root, server.serve(body=wrong), server.serve())
    assert_whole(server, root)


def test_a_file_of_another_length_is_not_fetched(server: Server, root: Path) -> None:
    root.mkdir()
    part_of(root).write_bytes(server.archive[:9_000])
    with pytest.raises(DownloadError, match=r"another file: [\d,]+ bytes, expected [\d,]+; not fetched\n9,000 bytes are kept"):
        server.get(root, server.serve(body=server.archive + bytes(500_000)))
    server.get(root, server.serve(body=server.archive[:-1]), server.serve())
    assert server.asked(2) == ["bytes=9000-"]
    assert_whole(server, root)


def test_next_mirror(server: Server, root: Path) -> None:
    gone, broken, good = server.serve(status=[404] * 9), server.serve(cuts=[5, 0, 0, 0]), server.serve()
    server.get(root, "nonsense", "http://127.0.0.1:9/closed", gone, broken, good, tries=1)
    assert server.asked(0) == [None]  # a missing file is not asked for twice
    assert server.asked(2) == ["bytes=5-"]
    assert_whole(server, root)


def test_a_busy_server_is_asked_again(server: Server, root: Path) -> None:
    server.get(root, server.serve(status=[503, 200]))
    assert_whole(server, root)


def test_every_mirror_failing_says_why_for_each(server: Server, root: Path) -> None:
    with pytest.raises(DownloadError) as caught:
        server.get(root, server.serve(status=[404]), server.serve(status=[500] * 9), server.serve(body=PAGE))
    message = str(caught.value)
    for reason in ("404", "500", "3 times in a row", "instead of the archive", "--mirror"):
        assert reason in message


def test_too_little_room_is_said_beforehand(server: Server, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10**6, 10**6, 10_000))
    with pytest.raises(DownloadError, match=r"Not enough room in .*need 0\.\d MB more, 0\.0 MB are free"):
        server.get(root, server.serve())
    assert server.asked() == []


class FullDisk(io.FileIO):
    """A file on a disk that is full after 200,000 bytes."""

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > 200_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data)


def test_a_full_disk_keeps_the_part(server: Server, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 30_000)
    opened = Path.open

    def open_on_full_disk(path: Path, mode: str = "r", *given: Any, **named: Any) -> Any:
        return FullDisk(path, mode) if path == part_of(root) else opened(path, mode, *given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", open_on_full_disk)
        with pytest.raises(DownloadError, match=r"disk is full.*kept"):
            server.get(root, server.serve())
    assert part_of(root).stat().st_size == 180_000
    server.get(root, server.serve())
    assert server.asked(1) == ["bytes=180000-"]
    assert_whole(server, root)


def test_a_full_disk_while_unpacking_keeps_the_archive(server: Server, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(module, "_copy", full)
        with pytest.raises(DownloadError, match="disk is full"):
            server.get(root, server.serve())
    assert [path.name for path in root.iterdir()] == [layout.ARCHIVE]
    server.get(root, server.serve())
    assert server.asked(1) == []  # the archive was there
    assert_whole(server, root)


def test_a_root_that_cannot_be_written_to(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DownloadError, match=r"Cannot write to .*--root.*PS8_DATA"):
        server.get(tmp_path / "file" / "cache", server.serve())


def test_an_interrupt_keeps_the_part(server: Server, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 30_000)
    read = module._read

    def interrupted(response: Any, size: int) -> bytes:
        if part_of(root).is_file() and part_of(root).stat().st_size >= 90_000:
            raise KeyboardInterrupt
        return read(response, size)

    with monkeypatch.context() as patched:
        patched.setattr(module, "_read", interrupted)
        with pytest.raises(KeyboardInterrupt):
            server.get(root, server.serve())
    assert part_of(root).stat().st_size == 90_000
    server.get(root, server.serve())
    assert_whole(server, root)


def test_only_one_download_at_a_time(server: Server, root: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    root.mkdir()
    with (root / f".{layout.ARCHIVE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DownloadError, match=r"Another download"):
            server.get(root, server.serve())
    server.get(root, server.serve())  # a lock left by a process that ended does not matter
    assert_whole(server, root)


def test_what_was_there_is_moved_aside(server: Server, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / layout.FOLDER).mkdir(parents=True)
    (root / layout.FOLDER / "train_X.bin").write_bytes(b"damaged")
    server.get(root, server.serve())
    assert (root / "stl10_binary.replaced-1" / "train_X.bin").read_bytes() == b"damaged"
    assert "stl10_binary.replaced-1" in capsys.readouterr().err
    assert load_data(root).is_stl10


def test_the_archive_can_be_kept(server: Server, root: Path) -> None:
    server.get(root, server.serve(), keep_archive=True)
    assert (root / layout.ARCHIVE).read_bytes() == server.archive


def link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (tarfile.TarInfo("../evil.bin"), "unsafe path"),
        (tarfile.TarInfo("/tmp/evil.bin"), "unsafe path"),
        (link("stl10_binary/train_X.bin", "/etc/passwd", tarfile.SYMTYPE), "not a plain file"),
        (
            link("stl10_binary/test_y.bin", "/etc/passwd", tarfile.LNKTYPE),
            "(not a plain file|cannot be unpacked)",
        ),
    ],
)
def test_unsafe_archives_are_not_unpacked(
    server: Server, root: Path, tmp_path: Path, member: tarfile.TarInfo, message: str
) -> None:
    server.archive = pack(tmp_path / "source", [member])
    server.facts = facts_of(server.archive, layout.FILES, tmp_path)
    with pytest.raises(DownloadError, match=message):
        server.get(root, server.serve())
    assert not (root / layout.FOLDER).exists() and not list(tmp_path.glob("**/evil.bin"))
    assert [path.name for path in root.iterdir()] == [layout.ARCHIVE]


def test_other_members_are_left_out(server: Server, root: Path, tmp_path: Path) -> None:
    server.archive = pack(tmp_path / "source", [tarfile.TarInfo("stl10_binary/extra.py")])
    server.facts = facts_of(server.archive, layout.FILES, tmp_path)
    server.get(root, server.serve())
    assert not (root / layout.FOLDER / "extra.py").exists()
    assert (root / layout.FOLDER / layout.CLASS_NAMES_FILE).is_file()


def test_an_archive_with_wrong_files_is_not_used(server: Server, root: Path, tmp_path: Path) -> None:
    layout.write_labels(tmp_path / "source" / "train_y.bin", layout.read_labels(tmp_path / "source" / "test_y.bin"))
    server.archive = pack(tmp_path / "source")
    server.facts = facts_of(server.archive, layout.FILES, tmp_path)
    with pytest.raises(DownloadError, match=r"train_y\.bin missing or wrong"):
        server.get(root, server.serve())
    assert not (root / layout.FOLDER).exists()


def test_root_defaults_to_the_data_root(server: Server, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "data_root", lambda: root)
    server.get(None, server.serve())  # type: ignore[arg-type]
    assert_whole(server, root)
