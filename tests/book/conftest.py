"""A small book: two pages by hand, a walkthrough of a few cells, and pages as Sphinx would write them."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbjudge.judge.catalogue import Misconception
from nbjudge.judge.severity import Severity

from assignment.builder.__main__ import Build
from assignment.builder.lesson_cells import Text
from book.pages import Pages

PICTURE = base64.b64encode(b"\x89PNG a figure").decode()
TEXT = "Words that fill a page so that it is none of the empty ones. " * 10
STUB = "# YOUR CODE HERE\nraise NotImplementedError"


def figure() -> NotebookNode:
    return new_output(
        "display_data", data={"text/html": f'<img src="data:image/png;base64,{PICTURE}" alt="bars">', "text/plain": "bars"}
    )


def printed(text: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=text)


@pytest.fixture
def page() -> NotebookNode:
    """A walkthrough that asks two questions in code and one in words."""
    cells = [
        new_markdown_cell("# The walkthrough\n\n[![Open in Colab](https://host/badge.svg)](https://colab/x)", id="title"),
        new_code_cell(
            "data = load()", id="given-load-data", outputs=[printed("photo sample: 300 unlabelled, 10 training images\n")]
        ),
        new_markdown_cell("## 1 Twice\n\nSome words.\n\n### 1.1 Doubling · 10 points\n\nDouble it.", id="text-1"),
        new_code_cell(f"def double(x):\n    {STUB}", id="double-answer"),
        new_code_cell('ps8.check("double")', id="double", outputs=[printed("double: right\n")]),
        new_markdown_cell("### 1.2 Signs · 2.5 points", id="text-2"),
        new_code_cell(STUB, id="sign_of-answer"),
        new_code_cell("table()", id="given-table-all", outputs=[figure()]),
        new_markdown_cell("## Report · 5 points", id="text-3"),
        new_markdown_cell("YOUR ANSWER HERE", id="report"),
    ]
    return new_notebook(cells=cells)


@pytest.fixture
def made(page: NotebookNode) -> Pages:
    return Pages({"ps8": page}, "quick")


@pytest.fixture
def mistakes() -> list[Misconception]:
    def mistake(id: str, name: str, explanation: str) -> Misconception:
        return Misconception(id, id.partition(".")[0], name, explanation, 10.0, (Severity.OTHER_NUMBERS,), ())

    return [
        mistake("sign_of.swapped", "plus and minus are swapped", "Look at `sign` and at 0 < x_max."),
        mistake("double.once", "F.relu(x) before doubling", "Negative numbers become 0."),
        mistake("double.thrice", "three times the number", "It is *two* times. See torch.stack(rows, dim=1)."),
    ]


@pytest.fixture(scope="session")
def formulas() -> list[str]:
    """Every formula of the lessons."""
    texts = [cell.source for lesson in Build().lessons for cell in lesson.cells if isinstance(cell, Text)]
    plain = re.sub(r"^```.*?^```", "", "\n".join(texts), flags=re.MULTILINE | re.DOTALL)
    return [block or line for block, line in re.findall(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", plain, re.DOTALL)]


@pytest.fixture
def html(tmp_path: Path) -> Path:
    """Two whole pages that link to each other, with a picture and a style sheet."""
    folder = tmp_path / "html"
    for name, there in (("intro", "ps8.html#double"), ("ps8", "intro.html")):
        write_page(folder, name, f'<h1 id="double">{name}</h1><a href="{there}">there</a><img src="_static/a.png">')
    (folder / "_static").mkdir()
    (folder / "_static" / "a.png").write_bytes(b"\x89PNG")
    (folder / "_static" / "book.css").write_text("p {}")
    return folder


def write_page(folder: Path, name: str, body: str, text: str = TEXT) -> None:
    folder.mkdir(exist_ok=True)
    head = '<head><link rel="stylesheet" href="_static/book.css"></head>'
    (folder / f"{name}.html").write_text(f"<html>{head}<body><article>{body}<p>{text}</p></article></body></html>")
