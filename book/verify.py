"""Looks at the pages that were written: a build that exits with 0 has not yet made a book."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from nbformat import NotebookNode

from assignment.builder.leaks import leaks_in_tree
from assignment.builder.secret_lines import Secret

SHORTEST = 400  # letters of text: a page with fewer is an empty one
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
FETCHED = {"stylesheet", "preload", "icon", "shortcut"}  # kinds of <link> that a browser loads


@dataclass
class Page(HTMLParser):
    """What a page holds: its anchors, its links, what it loads, and the text and pictures of its article."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    letters: int = 0
    _inside: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what a tag names."""
        named = {key: value or "" for key, value in attrs}
        self._inside += tag == "article"
        self.ids |= {named[key] for key in ("id", "name") if named.get(key) and (key == "id" or tag == "a")}
        if tag == "a" and "href" in named:
            self.links.append(named["href"])
        if (place := named.get(LOADED.get(tag, ""))) and (tag != "link" or FETCHED & set(named.get("rel", "").split())):
            self.loads.append(place)
        if tag == "img" and self._inside:
            self.pictures.append(named.get("src", ""))

    def handle_endtag(self, tag: str) -> None:
        """Notes that the article ends."""
        self._inside -= tag == "article"

    def handle_data(self, data: str) -> None:
        """Counts the article's text."""
        if self._inside:
            self.letters += len("".join(data.split()))


def read_page(path: Path) -> Page:
    """Reads a page."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def toc_pages(toc: Path) -> list[str]:
    """The pages that _toc.yml names, without suffix."""

    def files(value: object) -> Iterable[str]:
        if isinstance(value, Mapping):
            yield from (str(value[key]) for key in ("root", "file") if key in value)
            for item in value.values():
                yield from files(item)
        elif isinstance(value, list):
            for item in value:
                yield from files(item)

    return list(files(yaml.safe_load(toc.read_text(encoding="utf-8"))))


def page_problems(html: Path, names: Sequence[str]) -> list[str]:
    """Pages of the table of contents that are missing or empty."""
    problems = []
    for name in names:
        path = html / f"{name}.html"
        if not path.is_file():
            problems.append(f"{name}.html: missing, though _toc.yml names {name}")
        elif (letters := read_page(path).letters) < SHORTEST:
            problems.append(f"{name}.html: empty, {letters} letters of text")
    return problems


def link_problems(html: Path) -> list[str]:
    """Links, anchors and pictures that lead nowhere, and what a page would fetch from the network."""
    pages = {
        path.relative_to(html).as_posix(): read_page(path)
        for path in sorted(html.rglob("*.html"))
        if "_static" not in path.parts
    }
    problems = []
    for name, page in pages.items():
        for place in dict.fromkeys(page.loads):
            if place.startswith(("http:", "https:", "//")):
                problems.append(f"{name}: loads {place} from the network")
            elif not place.startswith("data:") and not _target(html, name, place).is_file():
                problems.append(f"{name}: loads {place}, which is not there")
        for link in dict.fromkeys(page.links):
            split = urlsplit(link)
            if split.scheme or split.netloc:
                continue
            target = _target(html, name, link)
            if not target.is_file():
                problems.append(f"{name}: links to {link}, which is not there")
            elif split.fragment:
                there = pages.get(target.relative_to(html.resolve()).as_posix())
                if there and unquote(split.fragment) not in there.ids:
                    problems.append(f"{name}: links to {link}, but there is no such anchor")
    return problems


def anchor_problems(html: Path, name: str, anchors: Iterable[str]) -> list[str]:
    """Anchors that a page lacks, though the feedback links to them."""
    path = html / f"{name}.html"
    there = read_page(path).ids if path.is_file() else set()
    return [f"{name}.html: has no anchor {anchor}, to which the feedback links" for anchor in anchors if anchor not in there]


def figure_problems(html: Path, notebooks: Mapping[str, NotebookNode]) -> list[str]:
    """Notebooks' figures that did not reach their pages."""
    problems = []
    for name, notebook in notebooks.items():
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        wanted = sum(output.get("data", {}).get("text/html", "").count("<img ") for output in outputs)
        path = html / f"{name}.html"
        found = len(read_page(path).pictures) if path.is_file() else 0
        if found < wanted:
            problems.append(f"{name}.html: {found} figures, but its notebook has {wanted}")
    return problems


def leak_problems(html: Path, secrets: Sequence[Secret]) -> list[str]:
    """Lines of an answer, a hidden test or a known wrong answer in any file of the book."""
    return [str(leak) for leak in leaks_in_tree(html, secrets)]


def _target(html: Path, name: str, link: str) -> Path:
    """The file that a link of a page means."""
    path = unquote(urlsplit(link).path)
    return (html / name if not path else (html / name).parent / path).resolve()
