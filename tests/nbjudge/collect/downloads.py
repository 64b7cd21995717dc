"""A small course, and downloads as each platform packs them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from nbjudge.skeleton import write_assignment

NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
ROSTER = (
    "id,first_name,last_name,email,lms_user_id,number,login\n"
    "ada,Ada,Lovelace,ada@example.edu,11,S-001,\n"
    "grace,Grace Brewster,Hopper,grace@example.edu,12,S-002,\n"
    "alan,Alan,Turing,alan@example.edu,13,S-003,\n"
    "zoe,Zoë,Ångström-O'Neil,zoe@example.edu,14,S-004,\n"
    "tom1,Tom,Smith,tom1@example.edu,15,S-005,\n"
    "tom2,Tom,Smith,tom2@example.edu,16,S-006,\n"
)


def new_course(folder: Path) -> Path:
    """A course of nbgrader's with one assignment, ps1, a roster of six, and no submission."""
    course = folder / "course"
    course.mkdir()
    (course / "nbgrader_config.py").write_text("from nbjudge import configure\nconfigure(get_config())\n")
    write_assignment(course, "ps1")
    (course / "submitted").rename(folder / "examples")
    (course / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return course


def packed(files: Mapping[str, bytes | str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def download(path: Path, files: Mapping[str, bytes | str]) -> Path:
    path.write_bytes(packed(files))
    return path


def submitted(course: Path) -> dict[str, bytes]:
    """All files in `submitted/`, by path."""
    folder = course / "submitted"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
