"""What the kit finds of each question, and what it says of a folder that is not whole."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from ps8.checks.hints import FILE, FOLDER, TEXTS, load_hints
from ps8.questions import CHECKS, PRACTICE, PROBES, READ, ROOMS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

WORDS = tomllib.loads((FOLDER / "shared" / "words.toml").read_text(encoding="utf-8"))
WHOLE = """
title = "3.1 Rows"
start = "Begin."

[shape]
likely = "a dimension is lost"
off = "It is off."
where = "Look there."
reread = "{bank}"
"""


def test_every_folder_but_the_shared_one_is_a_question() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/__init__.py")} - {"shared"}
    assert folders == set(ROOMS) == set(TEXTS)


def test_each_is_probed_or_read() -> None:
    assert [*PROBES, *READ] == [*CHECKS, *READ] == [*PRACTICE, *READ]
    assert set(READ) == {"report_differences"} and not PROBES.keys() & set(READ)


@pytest.mark.parametrize("question", ROOMS)
def test_what_is_asked_of_one_s_own_code_is_about_the_question_that_it_stands_with(question: str) -> None:
    statements = [*(item.statement for item in ROOMS[question].practice), *ROOMS[question].counted]
    assert {statement.question for statement in statements} <= {question}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of questions: what is shared, and one called `rows`."""
    shutil.copytree(FOLDER / "shared", tmp_path / "shared")
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / FILE).write_text(WHOLE)
    return tmp_path


def test_texts_are_read_and_words_filled_in(folder: Path) -> None:
    texts = load_hints(folder)["rows"]
    assert (texts.title, texts.start, texts.section) == ("3.1 Rows", "Begin.", "section 3.1 of the notebook")
    assert texts.causes["shape"].hints == ("It is off.", "Look there.", WORDS["bank"])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('title = "3.1 Rows"\n', "", "lacks title"),
        ('title = "3.1 Rows"\nstart = "Begin."\n', "", "lacks title and start"),
        (
            'off = "It is off."\n',
            "",
            r"\[shape\] holds likely, where, reread, but a cause has the texts",
        ),
        ('off = "It is off."', 'off = "It is off."\nhint = "More."', r"\[shape\] holds likely, off, hint"),
        ("{bank}", "{bench}", r"\[shape\] needs the word 'bench'"),
        ("[shape]\n", "", "likely.* holds 'a dimension is lost'"),
    ],
)
def test_what_a_file_lacks_is_said_with_its_name(folder: Path, old: str, new: str, told: str) -> None:
    (folder / "rows" / FILE).write_text(WHOLE.replace(old, new))
    with pytest.raises(ValueError, match=rf"^questions/rows/question\.toml: .*{told}"):
        load_hints(folder)


def test_titles_decide_the_order(folder: Path) -> None:
    for name, title in {"late": "10.1 Late", "none": "Aside", "early": "2 Early"}.items():
        (folder / name).mkdir()
        (folder / name / FILE).write_text(f'title = "{title}"\nstart = "Begin."\n')
    assert list(load_hints(folder)) == ["early", "rows", "late", "none"]
