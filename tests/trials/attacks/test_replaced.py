"""Family 48: a submission that becomes something else while it is graded."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from nbjudge.grade.prepare import prepare_submission
from nbjudge.grade.state import Graded, submission_digest

from autograder.definition import at
from trials.attacks.arena import Arena, arena
from trials.attacks.base import plain, text

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("attacks")]
SECONDS = 4.0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Arena]:
    with arena(tmp_path) as made:
        yield made


@contextmanager
def replacing(path: Path, kinds: list[Callable[[Path], None]]) -> Iterator[None]:
    """Puts one thing after the other at a path, a thousand a second, each complete at once."""
    over = threading.Event()

    def swap() -> None:
        number = 0
        while not over.is_set():
            new = path.with_name(f".new{number}")
            kinds[number % len(kinds)](new)
            os.replace(new, path)
            number += 1
            over.wait(0.001)

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        yield
    finally:
        over.set()
        swapper.join()


def test_what_a_file_becomes_is_neither_followed_nor_waited_for(place: Arena) -> None:
    """A file, a link to another's submission, a hard link to it, a pipe: whichever is met, only this student's own is taken."""
    folder = place.course / "submitted" / "eve" / "ps8"
    folder.mkdir(parents=True)
    mine, ada = text(plain()(place.scene)), place.course / "submitted" / "ada" / "ps8" / "ps8.ipynb"
    kinds: list[Callable[[Path], None]] = [
        lambda path: path.write_bytes(mine),  # type: ignore[list-item]  # what it returns is not used
        lambda path: path.symlink_to(ada),
        lambda path: path.hardlink_to(ada),
        os.mkfifo,
    ]
    taken = set()
    with replacing(folder / "ps8.ipynb", kinds):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end or len(taken) < 2:
            submission_digest(folder)
            notebook = prepare_submission("eve", at(place.course)).notebooks["ps8"]
            sources = "".join(cell.source for cell in notebook.cells)
            assert place.leaked(sources.encode()) in ([], ["hidden"])  # our own tests are in it, as in every notebook
            taken.add("return x.sum() * 0" in sources)
    assert taken == {True, False}  # both were met: the file, and what is no file


def test_a_file_that_changed_meanwhile_is_graded_again(place: Arena) -> None:
    """What is noted of a submission was taken before it was read, and tells one content from another of the same length."""
    graded = Graded(at(place.course))
    folder = place.course / "submitted" / "eve" / "ps8"
    folder.mkdir(parents=True)
    (folder / "ps8.ipynb").write_bytes(b"right")
    before = graded.digest("eve")
    assert graded.digest("eve") == before
    (folder / "ps8.ipynb").write_bytes(b"wrong")
    assert graded.digest("eve") != before
