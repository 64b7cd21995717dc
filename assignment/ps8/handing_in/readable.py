"""The notebook as a page to read, and as a PDF where there is a browser to print it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from .accessible import accessible
from .student_notebook import NAME, Notebook

PAGE, PRINTED = "ps8.html", "ps8.pdf"
HTML_SECONDS = 120
PDF_SECONDS = 60
LOADING = 10_000  # milliseconds of the page's own time, for formulas that it fetches
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
# On paper nothing can be scrolled: lines that are wider than the page are broken, and not cut off.
PAPER = b"<style>@media print { pre { white-space: pre-wrap !important; overflow-wrap: anywhere; } }</style>\n"
NO_PAGE = "No page to read was made ({}); the submission does not need it."
NO_PDF = "No PDF was made ({}). If you need one, open ps8.html of the zip in a browser and print it into a file."


def readable(notebook: Notebook) -> tuple[dict[str, bytes], list[str]]:
    """What a person can read without Jupyter: name in the submission and contents; a sentence for what could not be made."""
    if find_spec("nbconvert") is None:
        return {}, [NO_PAGE.format("nbconvert is not installed here")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / NAME).write_bytes(notebook.data)
        if why := _run([sys.executable, "-m", "nbconvert", "--to", "html", "--log-level", "ERROR", NAME], folder, HTML_SECONDS):
            return {}, [NO_PAGE.format(why)]
        made = (folder / PAGE).read_bytes().replace(b"</head>", PAPER + b"</head>", 1)
        files = {PAGE: accessible(made)}
        (folder / PAGE).write_bytes(files[PAGE])  # as it is printed
        why = print_page(folder)
        if not why:
            files[PRINTED] = (folder / PRINTED).read_bytes()
        return files, [NO_PDF.format(why)] if why else []


def print_page(folder: Path) -> str:
    """Prints the page in a folder into a PDF beside it; why it could not be done, or nothing."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return "no Chrome, Chromium or Edge was found here"
    profile = tempfile.mkdtemp()  # of its own, so that one that is open already does not matter; it may be in use for a moment
    command = [
        browser,
        "--headless",
        "--disable-gpu",
        "--no-first-run",
        f"--user-data-dir={profile}",
        f"--virtual-time-budget={LOADING}",
        "--no-pdf-header-footer",
        f"--print-to-pdf={folder / PRINTED}",
        *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),  # Chromium has none for root
        (folder / PAGE).as_uri(),
    ]
    why = _run(command, folder, PDF_SECONDS)
    shutil.rmtree(profile, ignore_errors=True)
    if why or (folder / PRINTED).is_file():
        return why
    return "the browser wrote none"


def _run(command: list[str], folder: Path, seconds: float) -> str:
    """Runs a program in a folder; what went wrong, or nothing."""
    try:
        subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=True)
    except subprocess.TimeoutExpired:
        return f"it was not done after {seconds:g} seconds"
    except subprocess.CalledProcessError as error:
        return f"{Path(command[0]).name} ended with the code {error.returncode}"
    except OSError as error:
        return f"{Path(command[0]).name} could not be started: {error.strerror}"
    return ""
