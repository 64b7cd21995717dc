"""The real book, but for what the walkthrough has put out: that takes minutes, and `make book` looks at it."""

from __future__ import annotations

import base64
from pathlib import Path

import ps8
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output

from assignment.builder.__main__ import Build
from assignment.builder.lesson_notebooks import stub_notebook
from book import build
from book.pages import Pages

FIGURES = ("given-curve-ae", "given-table-all")
PRINTED = {
    "given-load-data": "photo sample: 3,000 unlabelled, 1,000 training and 1,000 test images\n",
    "given-table-encoder": "\n".join(f"{f'Conv2d-{n}':>12}  {'[-1, 24, 32, 32]':>24}  {n * 588:>12,}" for n in range(9)),
    "given-sanity-ae": f"a line as wide as some are {100 * '.'}\n",
}


def render(folder: Path) -> Path:
    """Renders the book with every warning an error; gives the folder of its pages."""
    notebooks = Build().notebooks
    pages = {name: _run(stub_notebook(name, notebooks)) for name in notebooks}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(build, "pages", lambda *_: Pages(pages, "quick"))
        return build.build_book("quick", folder / "generated", folder / "book")


def _run(page: NotebookNode) -> NotebookNode:
    for cell in page.cells:
        cell.metadata.pop("nbgrader", None)
        if cell.id in FIGURES:
            cell.outputs = [_figure()]
        elif cell.id in PRINTED:
            cell.outputs = [new_output("stream", name="stdout", text=PRINTED[cell.id])]
    return page


def _figure() -> NotebookNode:
    figure = ps8.accuracy_bars({"random": 0.25, "autoencoder": 0.41})
    assert figure is not None
    data = {"image/png": base64.b64encode(figure._repr_png_()).decode(), "text/plain": "<Figure>"}
    return new_output("display_data", data=data)
