"""The likely causes that a check can name, in words, and three hints to each, from the files in `causes/`. No answers in code.

An id is `question.cause`; `general.cause` may happen anywhere. Where the grader's catalogue knows the same mistake, the id is
the same. `layers.toml` and `steps.toml` hold what several questions share; a word in braces comes from `words.toml`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).with_name("causes")
SHARED = {"layers": ("encoder", "decoder"), "steps": ("train_ae", "train_classifier", "train_cmc")}


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


def load(folder: Path = FOLDER) -> dict[str, Cause]:
    """Every cause by its id; a question's own file goes before a shared one.

    Raises:
        KeyError: if a text needs a word that `words.toml` does not give to its question.
        TypeError: if a cause lacks one of its four texts.
    """
    words = _read(folder / "words.toml")
    causes: dict[str, Cause] = {}
    for path in sorted(folder.glob("*.toml"), key=lambda path: path.stem not in SHARED):  # shared ones first
        if path.stem in ("words", "start"):
            continue
        for question in SHARED.get(path.stem, (path.stem,)):
            known = words["all"] | words.get(question, {})
            for name, texts in _read(path).items():
                causes[f"{question}.{name}"] = Cause(**{part: text.format_map(known) for part, text in texts.items()})
    return causes


def _read(path: Path) -> dict[str, dict[str, str]]:
    with path.open("rb") as file:
        return tomllib.load(file)


CAUSES = load()
STARTS: dict[str, str] = {name: str(text) for name, text in _read(FOLDER / "start.toml").items()}  # for an empty cell
