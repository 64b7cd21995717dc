"""What a file is that is no notebook, in a reader's words."""

from __future__ import annotations

import re

CHECKPOINT = "a checkpoint that Jupyter kept, not read: to have it graded, hand it in as the notebook itself"
_BY_CONTENT = (
    (b"%pdf", "a PDF"),
    (b"pk\x03\x04", "a zip archive (or a Word document)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"bzh", "a bzip2 archive"),
    (b"\xfd7zxz", "an xz archive"),
    (b"rar!\x1a", "a rar archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x89png", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"gif8", "a picture"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"[internetshortcut]", "a link to a web page"),
)
_BY_SUFFIX = {
    "a rar archive, which is not read": (".rar",),
    "a 7z archive, which is not read": (".7z",),
    "a link to a Google document, not the file itself": (".gdoc", ".gsheet", ".gslides", ".glink", ".gcolab"),
    "a link to a web page, not the file itself": (".url", ".webloc", ".desktop", ".lnk"),
    "an archive": (".zip", ".tar", ".tgz", ".gz", ".tbz", ".tbz2", ".bz2", ".txz", ".xz"),
    "a PDF": (".pdf",),
    "a text document": (".doc", ".docx", ".odt", ".rtf", ".pages"),
    "a web page": (".html", ".htm", ".mhtml"),
    "a picture": (".png", ".jpg", ".jpeg", ".gif", ".heic", ".webp", ".svg"),
    "a film": (".mp4", ".mov", ".mkv"),
    "a Python script without marks between cells": (".py",),
    "an unfinished download": (".crdownload", ".part", ".download"),
    "a disk image": (".dmg", ".iso"),
}
_MAY_HOLD_WORK = (".rar", ".7z", ".gdoc", ".glink", ".gcolab", ".url", ".webloc", ".crdownload", ".part", ".download", ".ipynb")


def of_name(path: str) -> str:
    """What a file is by its name; empty if the name does not say."""
    name = path.casefold()
    if ".ipynb_checkpoints/" in name:
        return CHECKPOINT if name.endswith(".ipynb") else "kept by Jupyter"
    return next((kind for kind, suffixes in _BY_SUFFIX.items() if name.endswith(suffixes)), "")


def of_content(data: bytes, otherwise: str) -> str:
    """What a file is by its first bytes, as a clause.

    Args:
        data: its bytes.
        otherwise: the clause if these do not say.
    """
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:4096].lower()
    for magic, name in _BY_CONTENT:
        if start.startswith(magic):
            return f"it is {name}"
    if re.match(rb"https?://\S+\s*$|\{\s*\"(url|doc_id)\"", start):
        return "it is a link to a web page"
    if re.search(rb"^(import |from \w+ import |def |class )", start, re.MULTILINE):
        return "it is a Python script"
    return otherwise


def may_hold_work(path: str) -> bool:
    """Whether a file that is not read may hold a student's notebook all the same."""
    return path.casefold().endswith(_MAY_HOLD_WORK)
