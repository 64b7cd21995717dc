"""Weights files from outside: what is refused before anything unpacks it."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.artifacts import container
from autograder.artifacts.container import WeightsRefused, check_container

from .saving import saved

WEIGHTS = saved({"layers.0.weight": torch.zeros(12, 3, 4, 4)})


def archive(compression: int = zipfile.ZIP_STORED, **members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made:
        for name, data in members.items():
            made.writestr(f"model/{name}", data)
    return file.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(WeightsRefused) as caught:
        check_container(data)
    return str(caught.value)


def test_what_torch_save_writes_passes() -> None:
    check_container(WEIGHTS)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"<!doctype html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\x80\x04K\x01.", "pickle"),
        (b"weights", "no file that torch.save writes"),
        (WEIGHTS[:500], "cut off"),
        (saved({"a": torch.zeros(1)}, _use_new_zipfile_serialization=False), "before 2020"),
        (archive(**{"notes.txt": b"hello"}), "no file that torch.save writes"),
    ],
    ids=["empty", "web page", "LFS", "pickle", "text", "truncated", "old format", "another archive"],
)
def test_other_files_are_named(data: bytes, said: str) -> None:
    assert said in refused(data)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_bytes_pass_or_are_refused(data: st.DataObject) -> None:
    """What is left of a real file after a few bytes of it were changed, cut off or put in."""
    blob = bytearray(WEIGHTS)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(blob)))
        blob[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    with contextlib.suppress(WeightsRefused):
        check_container(bytes(blob))


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = archive(zipfile.ZIP_DEFLATED, **{"data.pkl": b"x", "data/0": bytes(64 * 2**20)})
    assert len(bomb) < 2**18
    assert "packed" in refused(bomb)


def test_parts_cannot_lie_on_top_of_each_other() -> None:
    """A table that claims more bytes than there are, as the densest bombs do."""
    data = bytearray(archive(**{"data.pkl": b"x" * 100, "data/0": bytes(1000)}))
    entry = data.rindex(b"PK\x01\x02")  # of data/0, in the table at the end
    data[entry + 20 : entry + 28] = struct.pack("<II", 2**30, 2**30)
    assert "on top of each other" in refused(bytes(data))


def test_bounds_on_size_parts_and_the_list_of_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "parts" in refused(archive(**{"data.pkl": b"x"}, **{f"data/{i}": b"" for i in range(container.MAX_MEMBERS)}))
    assert "list of layers" in refused(archive(**{"data.pkl": bytes(container.MAX_PICKLE + 1)}))
    monkeypatch.setattr(container, "MAX_BYTES", 100)
    assert "MB" in refused(WEIGHTS)
