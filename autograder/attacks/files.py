"""Attacks 24 and 27: what a file system and a spreadsheet can be made to do by names."""

from __future__ import annotations

import io
import stat
import zipfile

from autograder.attacks.base import Attack, Fifo, Files, Link, Scene, plain, text


def links(scene: Scene) -> Files:
    """Another student's hand-in, the gradebook and the solution under this student's names."""
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
    return {"hand-in.zip": packed.getvalue()}


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


def ordinary(scene: Scene) -> bytes:
    return text(plain()(scene))


ATTACKS = [
    Attack("links", 24, "hands in symbolic links to another hand-in, the source and the secret", links, expect_feedback="link"),
    Attack("hard-links", 24, "hands in a hard link to the source", hard_links, expect_feedback="hard link"),
    Attack("pipes", 24, "hands in pipes that block who opens them", pipes, expect_feedback="pipe"),
    Attack("climbing-zip", 24, "hands in an archive whose members climb out of it", climbing_zip),
    Attack("case-clash", 24, "hands in names that differ in case only", case_clash),
    Attack("formula", 27, "has a name that a spreadsheet runs", ordinary, student="=2+3"),
    Attack("formula-at", 27, "has a name that a spreadsheet calls", ordinary, student="@SUM(1;2)"),
]
