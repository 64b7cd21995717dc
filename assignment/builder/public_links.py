"""Whether what a public tree says of itself is so: its links lead to files of its own, and its book is of this course."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from assignment.builder.course_config import Course
from assignment.builder.generated_files import text_files
from assignment.builder.public_texts import DOCS
from assignment.builder.secret_lines import squeezed

REST = r"""([^\s"'<>()\[\]\\|`,;?#&]*)(?:#([\w.-]*))?"""  # what may follow in an address, and the place on a page
RELATIVE = re.compile(r"\]\((?!\w+:|[#/])([^)#\s]+)[^)]*\)")
ID = re.compile(r"""\bid=["']([^"']+)["']""")
MADE_OF = "the book was made of other sources: run  make book"


def dead_links(tree: Path, course: Course) -> list[str]:
    """Links of a tree to a file or a place of its own that is not there, by file.

    Links to the repository, to Colab, and to the book are links to files of the tree.
    """
    homes = {home: tree / folder for home, folder in _homes(course, (tree / DOCS).is_dir()).items()}
    anchors: dict[Path, set[str]] = {}
    dead: dict[str, None] = {}
    for name, text in text_files(tree):
        for link, target, anchor in _links(tree / name, text, homes):
            if not target.is_file():
                dead[f"{name}: leads to {link}, which is not in the public tree"] = None
            elif anchor and target.suffix == ".html":
                if target not in anchors:
                    anchors[target] = set(ID.findall(target.read_text("utf-8")))
                if anchor not in anchors[target]:
                    dead[f"{name}: leads to {link}, but that page has no such place"] = None
    return list(dead)


def _homes(course: Course, with_book: bool) -> dict[str, str]:
    """The addresses at which the tree can be read, and what folder of it each is."""
    places = [f"{course.url}/{kind}/{course.branch}/" for kind in ("blob", "tree", "raw")]
    places.append(f"https://colab.research.google.com/github/{course.repository}/blob/{course.branch}/")
    places.append(f"https://raw.githubusercontent.com/{course.repository}/{course.branch}/")
    return {**dict.fromkeys(places, ""), **({course.book.rstrip("/") + "/": DOCS} if with_book else {})}


def _links(path: Path, text: str, homes: Mapping[str, Path]) -> Iterator[tuple[str, Path, str]]:
    for home, folder in homes.items():
        for found in re.finditer(re.escape(home) + REST, text):
            yield found[0], _file(folder / unquote(found[1].rstrip("."))), found[2] or ""
    if path.suffix == ".md":
        for found in RELATIVE.finditer(text):
            yield found[1], _file(path.parent / unquote(found[1])), ""


def _file(path: Path) -> Path:
    return path / "index.html" if path.is_dir() else path


def stale_pages(book: Path, course: Course, release: Mapping[str, str]) -> list[str]:
    """What the students' notebooks hold and the book, which shows them, does not; and facts of the course that it lacks."""
    pages = {path.stem: _letters(path) for path in sorted(book.glob("*.html"))}
    problems = []
    for name, text in release.items():
        if name not in pages:
            problems.append(f"{DOCS}/{name}.html: not there, though students get {name}.ipynb; {MADE_OF}")
            continue
        for cell in json.loads(text)["cells"]:
            if cell["cell_type"] == "code" and squeezed("".join(cell["source"])) not in pages[name]:
                problems.append(f"{DOCS}/{name}.html: lacks the cell {cell['id']} of {name}.ipynb; {MADE_OF}")
    due = f"{course.deadline.day} {course.deadline:%B %Y, %H:%M}"
    for fact in (course.name, course.short, course.term, course.title, due):
        if not any(squeezed(fact) in letters for letters in pages.values()):
            problems.append(f"{DOCS}: no page says {fact}, as course.toml does; {MADE_OF}")
    return problems


def _letters(page: Path) -> str:
    """What a page says, without its blanks."""
    return squeezed(html.unescape(re.sub(r"<[^<>]*>", "", page.read_text("utf-8"))))
