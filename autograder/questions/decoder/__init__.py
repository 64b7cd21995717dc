"""1.2, as it is judged."""

from __future__ import annotations

from autograder.questions.shared.judged import Judged

from .changes import CHANGES
from .picture import decoded
from .question import QUESTION

JUDGED = Judged(QUESTION, (decoded,), CHANGES)
