"""A page and a PDF for who has no Jupyter; whatever goes wrong with them, the submission is made."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest
from ps8.handing_in import readable
from ps8.handing_in.student_notebook import read_student_notebook

WRITES = """\
import sys
(out,) = (a.split("=", 1)[1] for a in sys.argv if a.startswith("--print-to-pdf="))
open(out, "wb").write(b"%PDF-1.4")
"""


def browser(folder: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that does as it is told; no other is found."""
    path = folder / "bin" / "chromium"
    path.parent.mkdir()
    path.write_text(f"#!/usr/bin/env python3\n{program}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setattr(readable, "BROWSERS", (str(path),))


def page(folder: Path) -> Path:
    (folder / readable.PAGE).write_text("<!doctype html><title>PS8</title><p>Read me.</p>")
    return folder


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (WRITES, ""),
        ("import time; time.sleep(60)", "it was not done after 1 seconds"),
        ("raise SystemExit(7)", "chromium ended with the code 7"),
        ("pass", "the browser wrote none"),
        ("'\n", "chromium ended with the code 1"),
    ],
)
def test_a_browser_prints_it_or_it_is_said_why_not(program: str, why: str, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser(work, program, monkeypatch)
    monkeypatch.setattr(readable, "PDF_SECONDS", 60 if not why or "code" in why or "none" in why else 1)
    assert readable.print_page(page(work)) == why
    assert (work / readable.PRINTED).is_file() == (not why)


def test_without_a_browser_the_page_is_there_and_it_is_said_what_to_do(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readable, "BROWSERS", ("no-such-browser",))
    cell = {"cell_type": "markdown", "source": ["# My report"], "metadata": {}, "id": "a"}
    Path("ps8.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    files, missing = readable.readable(read_student_notebook(Path("ps8.ipynb")))
    assert list(files) == ["ps8.html"] and b"My report" in files["ps8.html"]
    assert files["ps8.html"].count(readable.PAPER) == 1  # long lines are whole on paper
    assert missing == [
        "No PDF was made (no Chrome, Chromium or Edge was found here). "
        "If you need one, open ps8.html of the zip in a browser and print it into a file."
    ]


def test_without_nbconvert_neither_is_made_and_that_is_said(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readable, "find_spec", lambda name: None)
    Path("ps8.ipynb").write_text('{"cells": []}')
    files, missing = readable.readable(read_student_notebook(Path("ps8.ipynb")))
    assert not files and missing == [
        "No page to read was made (nbconvert is not installed here); the submission does not need it."
    ]


@pytest.mark.slow
@pytest.mark.skipif(not any(map(shutil.which, readable.BROWSERS)), reason="there is no browser here")
def test_a_real_browser_makes_a_pdf(work: Path) -> None:
    assert readable.print_page(page(work)) == ""
    assert (work / readable.PRINTED).read_bytes().startswith(b"%PDF")
