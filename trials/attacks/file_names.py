"""Attacks 24 and 27: what a file system and a spreadsheet can be made to do by names."""

from __future__ import annotations

import io
import stat
import struct
import zipfile

from trials.attacks.base import Attack, Fifo, Files, Link, Scene, plain, text


def links(scene: Scene) -> Files:
    """Another student's submission, the gradebook and the solution under this student's names."""
    return {
        "ps8.ipynb": Link(scene.course / "submitted" / "ada" / "ps8" / "ps8.ipynb"),
        "nce.ipynb": Link(scene.course / "source" / "ps8" / "nce.ipynb"),
        "results.json": Link(scene.course / "secret.key"),
        "all": Link(scene.course),
    }


def hard_links(scene: Scene) -> Files:
    """The same by hard links, which no `lstat` tells from files."""
    return {"ps8.ipynb": Link(scene.course / "source" / "ps8" / "ps8.ipynb", hard=True)}


def pipes(scene: Scene) -> Files:
    """Pipes that nobody writes to: who opens one waits."""
    return {"ps8.ipynb": Fifo(), "nce.ipynb": Fifo(), "results.json": Fifo(), "ae.pth": Fifo(), "timestamp.txt": Fifo()}


def climbing_zip(scene: Scene) -> Files:
    """An archive whose members climb out of it, link out of it, and have absolute names."""
    packed, inside = io.BytesIO(), text(plain()(scene))
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("../../../ada/ps8/ps8.ipynb", f"{scene.marks}/unpacked.ipynb", "..\\..\\ps8.ipynb", "C:ps8.ipynb"):
            archive.writestr(name, inside)
        link = zipfile.ZipInfo("ps8.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(scene.course / "submitted" / "ada" / "ps8" / "ps8.ipynb"))
    return {"submission.zip": packed.getvalue()}


def case_clash(scene: Scene) -> Files:
    """Names that differ in case, in Unicode form and in trailing dots."""
    right, wrong = text(plain()(scene)), b"{}"
    return {
        "ps8.ipynb": right,
        "PS8.ipynb": wrong,
        "Ps8.IPYNB": wrong,
        "ps8.ipynb.": wrong,
        "ｐs8.ipynb": wrong,
        "..ps8": wrong,
    }


def linked_folder(scene: Scene) -> Files:
    """The folder itself is a link to another student's."""
    return {".": Link(scene.course / "submitted" / "ada" / "ps8")}


def zip_bomb(scene: Scene) -> Files:
    """Two hundred members of 64 KB that each unpack to 64 MB, and may each be the notebook."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("000.ipynb", bytes(64 << 20))
    whole = packed.getvalue()
    size = struct.unpack("<I", whole[-6:-2])[0]  # of the first member, as the end of the archive has it
    member, entry, names = whole[:size], whole[size:-22], [f"{n:03}.ipynb".encode() for n in range(200)]
    members = b"".join(member.replace(b"000.ipynb", name) for name in names)
    entries = [entry.replace(b"000.ipynb", name) for name in names]
    listed = b"".join(e[:42] + struct.pack("<I", n * size) + e[46:] for n, e in enumerate(entries))
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(names), len(names), len(listed), len(members), 0)
    return {"submission.zip": members + listed + end}


def many_candidates(scene: Scene) -> Files:
    """Thirty notebooks, each as large as is read, none of which can be told from the right one by its name."""
    filler = b"{}," * 900_000
    start, end = b'{"nbformat": 4, "metadata": {}, "cells": [', b"{}]}"
    return {f"answer {number}.ipynb": start + filler + b" " * number + end for number in range(30)}


def ordinary(scene: Scene) -> bytes:
    return text(plain()(scene))


ATTACKS = [
    Attack("links", 24, "hands in symbolic links to another submission, the source and the secret", links, feedback="link"),
    Attack("hard-links", 24, "hands in a hard link to the source", hard_links, feedback="hard link"),
    Attack("pipes", 24, "hands in pipes that block who opens them", pipes, feedback="pipe"),
    Attack("climbing-zip", 24, "hands in an archive whose members climb out of it", climbing_zip),
    Attack("case-clash", 24, "hands in names that differ in case only", case_clash),
    Attack(
        "linked-folder",
        24,
        "hands in a folder that is a link to another student's",
        linked_folder,
        feedback="could not be read",
    ),
    Attack("zip-bomb", 24, "hands in an archive of a few MB that unpacks to 13 GB", zip_bomb, exhausting=True),
    Attack(
        "many-candidates",
        39,
        "hands in thirty huge notebooks, any of which may be the right one",
        many_candidates,
        exhausting=True,
    ),
    Attack("formula", 27, "has a name that a spreadsheet runs", ordinary, student="=2+3"),
    Attack("formula-at", 27, "has a name that a spreadsheet calls", ordinary, student="@SUM(1;2)"),
    Attack("script-name", 26, "has a name that a page runs", ordinary, student="<svg onload=ps8xss()>"),
    Attack("terminal-name", 28, "has a name that a terminal obeys", ordinary, student="eve\x1bc\x07\u202e"),
    Attack("padded-name", 45, "has another student's name but for a space", ordinary, student="ada "),
]
