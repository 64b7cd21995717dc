"""What Sphinx reads: the pages of this folder with the course's facts filled in, and the generated ones."""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbjudge.judge.catalogue import Misconception

from assignment.builder.anchors import MISTAKES, anchored
from assignment.builder.checkout import ROOT
from assignment.builder.lesson_notebooks import text_of
from assignment.builder.problem import BuildError
from assignment.builder.rendering import RenderError, render
from assignment.builder.stub import STUB
from assignment.builder.think_answers import ThinkAnswer, with_answers
from book.mistakes import mistakes_page
from book.pages import Pages

FOLDER = Path(__file__).resolve().parent
FIGURES = {"accuracies.png": ("ps8", "given-table-all")}  # drawn by which cell of which page
BADGE = re.compile(r"\[!\[([^]]*)\]\([^)]*\)\]")  # a picture from the network, as a link's text
RELATIVE = re.compile(r"\[([^]]+)\]\((?!\w+:|#)[^)]*\)")
PICTURE = re.compile(r"<img src=\"data:image/png;base64,([A-Za-z0-9+/=]+)\"")  # as the kit's figures show themselves
DATA = re.compile(r"^(.+?): [\d,]+ unlabelled", re.MULTILINE)


def write_sources(
    out: Path,
    pages: Pages,
    context: Mapping[str, Any],
    mistakes: Sequence[Misconception],
    folder: Path = FOLDER,
    answers: Mapping[str, Sequence[ThinkAnswer]] | None = None,
) -> set[str]:
    """Writes the source of the book into a new folder.

    Args:
        out: is emptied first.
        pages: the walkthrough's notebooks.
        context: what the pages' Jinja2 may name: `lesson_context`.
        mistakes: the catalogue.
        folder: of the pages written by hand.
        answers: to the questions to think about, by page; none by default.

    Returns:
        The anchors of the questions' sections.

    Raises:
        BuildError: naming page and line, if one cannot be filled in; or if a figure or the data's name is not there.
    """
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(folder / "_static", out / "_static")
    _write_figures(out / "figures", pages.notebooks)
    facts = {**context, "include": included, "profile": pages.profile, "data": _data(pages.notebooks)}
    for path in sorted(path for path in folder.iterdir() if path.suffix in (".md", ".yml", ".bib")):
        text = path.read_text(encoding="utf-8")
        (out / path.name).write_text(text if path.suffix == ".bib" else filled(path.name, text, facts), encoding="utf-8")
    titles = {}
    for name, notebook in pages.notebooks.items():
        page, found = walkthrough(notebook, context, pages.profile, (answers or {}).get(name, ()))
        titles.update(found)
        (out / f"{name}.ipynb").write_text(text_of(page), encoding="utf-8")
    (out / f"{MISTAKES}.md").write_text(mistakes_page(mistakes, titles), encoding="utf-8")
    return {section.replace("_", "-") for section in titles}


def filled(name: str, text: str, facts: Mapping[str, Any]) -> str:
    """A page with the facts in it.

    Raises:
        BuildError: naming page and line.
    """
    try:
        return "\n".join(render(text, facts)[0])
    except RenderError as error:
        raise BuildError(f"book/{name}:{error.line}: {error}") from None


def included(path: str, root: Path = ROOT) -> str:
    """A page of the repository as a part of one here: headings a level down, links into the repository as plain text."""
    text = (root / path).read_text(encoding="utf-8")
    return RELATIVE.sub(r"\1", re.sub(r"^(#+ )", r"#\1", text, flags=re.MULTILINE)).strip()


def walkthrough(
    page: NotebookNode, context: Mapping[str, Any], profile: str, answers: Sequence[ThinkAnswer] = ()
) -> tuple[NotebookNode, dict[str, str]]:
    """A notebook as a page: anchors, a word on what it shows, and nothing that is fetched when it is read.

    Returns:
        The page, and the titles of its questions' sections.
    """
    page = deepcopy(page)
    titles = anchored(page, context["points"])
    section = ""
    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.source = BADGE.sub(r"[\1]", cell.source).replace(f" · [as a book]({context['course']['book']})", "")
            lines = [line.lstrip("# ") for line in cell.source.split("\n") if line.startswith("#")]
            section = lines[-1].partition("·")[0].strip() if lines else section
            cell.source = with_answers(cell.source, answers)
        else:
            exercise = STUB.split("\n")[0] in cell.source
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), *["exercise"][: int(exercise)]]
            cell.metadata["mystnb"] = {"image": {"alt": f"Figure of the section {section}, drawn by the code above it"}}
    title, _, rest = page.cells[0].source.partition("\n")
    page.cells[0].source = f"{title}\n\n{_note(profile)}\n{rest}"
    return page, titles


def _note(profile: str) -> str:
    return f"""\
```{{note}}
This is the students' notebook as a page. Answers are left out, where it says `YOUR CODE HERE`; outputs and figures are those of a right
answer, with the profile `{profile}`.
```"""


def _data(notebooks: Mapping[str, NotebookNode]) -> str:
    """The name of the data set that the pages were run on, as they print it.

    Raises:
        BuildError: if none prints it.
    """
    for notebook in notebooks.values():
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                if found := DATA.search(output.get("text", "")):
                    return found[1]
    raise BuildError(
        "no cell prints the data set's name as `NAME: 3,000 unlabelled`, and the book names it: see DATA in book/sources.py"
    )


def _write_figures(folder: Path, notebooks: Mapping[str, NotebookNode]) -> None:
    folder.mkdir(parents=True)
    for name, (page, id) in FIGURES.items():
        cells = notebooks[page].cells if page in notebooks else []
        outputs = [output for cell in cells if cell.id == id for output in cell.get("outputs", [])]
        pictures = [picture for output in outputs for picture in PICTURE.findall(output.get("data", {}).get("text/html", ""))]
        if not pictures:
            raise BuildError(
                f"the cell {id} of {page}.ipynb draws no figure, and the book's first page shows it: see FIGURES in book/sources.py"
            )
        (folder / name).write_bytes(base64.b64decode(pictures[-1]))
