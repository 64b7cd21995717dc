"""1.4, as it is judged."""

from __future__ import annotations

from autograder.questions.shared.judged import Judged
from autograder.questions.shared.moves import moves

from .changes import CHANGES
from .question import QUESTION

JUDGED = Judged(QUESTION, (moves({"one": "after one step", "many": "after six steps"}),), CHANGES)
