"""What is said of each question, from its `question.toml`: its title, a first hint, likely causes with three hints each.

No answers in code. An id of a cause is `question.cause`; `general.cause` may happen anywhere. Where the grader's catalogue
knows the same mistake, the id is the same. What several questions share stands in `questions/shared`; a word in braces comes
from `[words]` or `shared/words.toml`.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).resolve().parents[1] / "questions"
FILE = "question.toml"


@dataclass(frozen=True)
class Cause:
    """A likely cause.

    Attributes:
        likely: what it most likely is, in a sentence.
        off: first hint, a nudge: what is off, and what it does.
        where: second hint: where to look.
        reread: third hint: what to re-read in the lesson.
    """

    likely: str
    off: str
    where: str
    reread: str

    @property
    def hints(self) -> tuple[str, str, str]:
        return self.off, self.where, self.reread


@dataclass(frozen=True)
class Texts:
    """What is said of a question.

    Attributes:
        title: what it is called wherever it is spoken of: its section's number, if it has one, and its name.
        start: the hint to an empty cell; of an answer that is data, its only one.
        causes: name -> likely cause.
        read: where to read on, if that is not the section of its number or title.
    """

    title: str
    start: str
    causes: Mapping[str, Cause]
    read: str = ""

    @property
    def section(self) -> str:
        """The section to read, in words."""
        number = self.title.split()[0]
        return self.read or f"section {number if number[0].isdigit() else repr(self.title)} of the notebook"


def load_hints(folder: Path = FOLDER) -> dict[str, Texts]:
    """The texts of every question that has a folder, by the numbers of their sections and then their titles.

    Raises:
        ValueError: naming the file and what it lacks: a title, a first hint, a text of a cause, or a word that a text needs.
    """
    shared = folder / "shared"
    words = _read(shared / "words.toml")
    found = {}
    for path in sorted(folder.glob(f"*/{FILE}")):
        try:
            found[path.parent.name] = _texts(_read(path), words, shared)
        except ValueError as error:
            raise ValueError(f"questions/{path.parent.name}/{FILE}: {error}") from None
    return dict(sorted(found.items(), key=lambda named: _place(named[1].title)))


def general(folder: Path = FOLDER) -> dict[str, Cause]:
    """The causes that may happen anywhere, by name."""
    shared = folder / "shared"
    words = _read(shared / "words.toml")
    return {name: _cause(name, texts, words) for name, texts in _read(shared / "general.toml").items()}


def _texts(table: dict[str, Any], words: Mapping[str, str], shared: Path) -> Texts:
    words = {**words, **table.pop("words", {})}
    if lacking := [key for key in ("title", "start") if not table.get(key)]:
        raise ValueError(f"lacks {' and '.join(lacking)}")
    title, start, read = table.pop("title"), table.pop("start"), table.pop("read", "")
    tables = [*(_read(shared / f"{name}.toml") for name in table.pop("shared", ())), table]  # its own go before shared ones
    causes = {name: texts for each in tables for name, texts in each.items()}
    return Texts(title, start, {name: _cause(name, texts, words) for name, texts in causes.items()}, read)


def _cause(name: str, texts: Any, words: Mapping[str, str]) -> Cause:
    wanted = [part.name for part in fields(Cause)]
    if not isinstance(texts, dict) or sorted(texts) != sorted(wanted):
        held = ", ".join(texts) if isinstance(texts, dict) else repr(texts)
        raise ValueError(f"[{name}] holds {held}, but a cause has the texts {', '.join(wanted)}, and no more")
    try:
        return Cause(**{part: text.format_map(words) for part, text in texts.items()})
    except KeyError as word:
        raise ValueError(f"[{name}] needs the word {word}, which neither its [words] nor shared/words.toml has") from None


def _place(title: str) -> tuple[list[float], str]:
    """Where a title stands among others: those with a section's number first."""
    number = re.match(r"\d+(\.\d+)*", title)
    return [float(part) for part in number[0].split(".")] if number else [math.inf], title


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        table: dict[str, Any] = tomllib.load(file)
        return table


TEXTS = load_hints()
TITLES = {question: texts.title for question, texts in TEXTS.items()}
STARTS = {question: texts.start for question, texts in TEXTS.items()}  # for an empty cell
CAUSES = {f"{question}.{name}": cause for question, texts in TEXTS.items() for name, cause in texts.causes.items()}
CAUSES |= {f"general.{name}": cause for name, cause in general().items()}
