"""Archives of every usual kind are looked into, one level deep, and none of them is believed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from nbjudge.repair import members, search, tars
from nbjudge.repair.archives import opened
from nbjudge.repair.intake import intake
from nbjudge.repair.members import Budget, Unusable

from trials.broken_files import written

NAMES = ("ps8", "nce")
Pack = Callable[[dict[str, bytes]], bytes]


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w", form: int = tarfile.PAX_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=form) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


KINDS: dict[str, Pack] = {
    "a.zip": zipped,
    "a.tar": tarred,
    "a.tar.gz": lambda members: tarred(members, "w:gz"),
    "a.tgz": lambda members: tarred(members, "w:gz"),
    "a.tar.bz2": lambda members: tarred(members, "w:bz2"),
    "a.tar.xz": lambda members: tarred(members, "w:xz"),
    "old.tar": lambda members: tarred(members, form=tarfile.USTAR_FORMAT),
    "report.docx": zipped,
    "ps8.ipynb": zipped,  # the wrong suffix
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "ada" / "ps8"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def data(good) -> bytes:
    return written(good)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind(name, folder, data):
    (folder / name).write_bytes(KINDS[name]({"my work/ps8.ipynb": data, "my work/results.json": b"{}"}))
    found = intake(folder, NAMES)
    assert found.notebooks == {"ps8": data} and found.files == {"results.json": b"{}"}
    assert found.remarks == [f"{name}/my work/ps8.ipynb was taken for ps8.ipynb."]


@pytest.mark.parametrize("outer", ["a.zip", "a.tar.gz", "a.tar.xz"])
@pytest.mark.parametrize("inner", ["a.zip", "a.tar", "a.tgz", "a.tar.bz2"])
def test_one_level_deep(outer, inner, folder, data):
    (folder / outer).write_bytes(KINDS[outer]({inner: KINDS[inner]({"ps8.ipynb": data})}))
    assert intake(folder, NAMES).notebooks == {"ps8": data}


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
def test_one_packed_file(suffix, pack, folder, data):
    (folder / f"ps8.ipynb{suffix}").write_bytes(pack(data))
    assert intake(folder, NAMES).notebooks == {"ps8": data}


@pytest.mark.parametrize("name", KINDS)
def test_many_other_files_before_it_change_nothing(name, folder, data):
    junk = {f"a{n:04}.txt": b"x" for n in range(5_000)}
    (folder / name).write_bytes(KINDS[name]({**junk, "ps8.ipynb": data, "results.json": b"{}"}))
    found = intake(folder, NAMES)
    assert found.notebooks == {"ps8": data} and found.files == {"results.json": b"{}"}
    assert found.remarks == [f"{name}/ps8.ipynb was taken for ps8.ipynb."]


class TestHostile:
    def test_names_that_lead_out_of_a_tar(self, folder, data):
        members = {"../ps8.ipynb": data, "/etc/ps8.ipynb": data, "a/../../ps8.ipynb": data, "C:\\ps8.ipynb": data}
        (folder / "a.tar.gz").write_bytes(KINDS["a.tar.gz"](members))
        found = intake(folder, NAMES)
        assert found.notebooks == {}
        assert sum("points out of the archive" in remark for remark in found.remarks) == 4

    @pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
    def test_links_and_devices_in_a_tar(self, kind, folder):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w") as archive:
            info = tarfile.TarInfo("ps8.ipynb")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        (folder / "a.tar").write_bytes(file.getvalue())
        found = intake(folder, NAMES)
        assert found.notebooks == {} and any("and was not read" in remark for remark in found.remarks)

    @pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar.bz2", "a.tar.xz"])
    def test_bombs(self, name, folder, monkeypatch):
        monkeypatch.setattr(search, "MAX_FILE", 10**6)
        monkeypatch.setattr(search, "MAX_TOTAL", 3 * 10**6)
        monkeypatch.setattr(members, "MAX_UNPACKED", 20 * 10**6)
        monkeypatch.setattr(members.Budget, "__init__", lambda self: setattr(self, "left", 20 * 10**6))
        (folder / name).write_bytes(KINDS[name]({f"{n}.pth": bytes(10**7) for n in range(9)}))
        found = intake(folder, NAMES)
        assert sum(map(len, found.files.values())) <= 3 * 10**6
        assert any("more than" in remark or "too large" in remark for remark in found.remarks)

    def test_a_tar_that_is_unpacked_in_passing_counts(self):
        packed = KINDS["a.tar.gz"]({"film.mp4": bytes(10**7), "ps8.ipynb": b"x"})
        archive = opened(packed, "a.tar.gz", Budget(10**6))
        archive.members()
        assert "more than" in archive.damaged

    @pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar.bz2", "a.tar.xz", "a.tar"])
    def test_a_broken_one_is_said(self, name, folder, data):
        whole = KINDS[name]({"ps8.ipynb": data * 40})
        for n, cut in enumerate((4, len(whole) // 2)):
            (folder / f"{n}{name}").write_bytes(whole[:cut])
        found = intake(folder, NAMES)
        assert sum("could not be unpacked" in remark for remark in found.remarks) == 2
        assert all(data.startswith(part[:100]) and len(part) < 40 * len(data) for part in found.notebooks.values())

    @pytest.mark.parametrize("name", ["a.tar.gz", "a.tar"])
    def test_what_stands_before_the_broken_place_is_read(self, name, folder, data):
        whole = KINDS[name]({"ps8.ipynb": data, "film.mp4": bytes(range(256)) * 4_000})
        (folder / name).write_bytes(whole[: len(whole) // 2])
        found = intake(folder, NAMES)
        assert found.notebooks == {"ps8": data}
        assert any("could not be unpacked whole" in remark for remark in found.remarks)

    def test_a_large_record_of_a_tar_is_not_read(self):
        record = tarfile.TarInfo("././@PaxHeader")
        record.type, record.size = tarfile.XHDTYPE, 10**6
        data = record.tobuf() + b"9" * 10**6 + bytes(1024)
        with pytest.raises(Unusable, match="unpacked"):
            opened(gzip.compress(data), "a.tar.gz", Budget()).members()

    def test_xz_takes_no_more_memory_than_it_may(self, folder):
        filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 2 * tars.MAX_DICTIONARY}]
        packed = lzma.compress(tarred({"ps8.ipynb": b"{}"}), filters=filters)
        (folder / "a.tar.xz").write_bytes(packed)
        found = intake(folder, NAMES)
        assert found.notebooks == {} and any("could not be unpacked" in remark for remark in found.remarks)

    def test_no_archive_at_all(self):
        with pytest.raises(Unusable, match="no archive"):
            opened(b"hello", "a.zip", Budget())

    def test_more_archives_than_are_opened(self, folder, data):
        for n in range(search.MAX_ARCHIVES + 5):
            (folder / f"a{n:02}.zip").write_bytes(zipped({"x.txt": b"x"}))
        (folder / "ps8.ipynb").write_bytes(data)
        assert intake(folder, NAMES).notebooks == {"ps8": data}
