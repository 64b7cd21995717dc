"""The questions as they are judged, each a folder: the hidden half of those of the student kit (`ps8.questions`).

    question.py        what an answer is judged by
    mistakes.toml      the known mistakes: a small edit of the reference each, with its name and explanation; `breaks` names the
                       criterion that measures what the text `asks` for and the mistake does not do
    right_answers.py   right answers written differently, which must earn all points
    changes.py         what is done to an answer for its counted questions; picture.py: pictures of what is wrong with it

Every folder here but `shared`, which knows of none of them, is a question; nothing else lists them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from nbjudge.judge.criteria import Question
from nbjudge.judge.verdict import Verdict
from ps8.checks.hints import TITLES
from ps8.explain.item import Ran

from autograder.questions.shared.judged import Judged

FOLDER = Path(__file__).resolve().parent
_FOUND = {module.name for module in iter_modules(__path__) if module.ispkg} - {"shared"}
_NAMES = [*(name for name in TITLES if name in _FOUND), *sorted(_FOUND - TITLES.keys())]  # in the order of the lesson

ROOMS: dict[str, Judged] = {name: import_module(f"{__name__}.{name}").JUDGED for name in _NAMES}

QUESTIONS: dict[str, Question] = {name: room.question for name, room in ROOMS.items() if room.question is not None}
# Those whose answers are data, read from their cell's text: name -> what judges the text.
READERS: dict[str, Callable[[str], Verdict]] = {name: room.read for name, room in ROOMS.items() if room.read is not None}
CHANGES: dict[str, Callable[..., Ran]] = {
    f"{name}.{change}": run for name, room in ROOMS.items() for change, run in room.changes.items()
}

__all__ = ["CHANGES", "FOLDER", "QUESTIONS", "READERS", "ROOMS", "Judged"]
