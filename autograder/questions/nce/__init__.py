"""The optional part, as it is judged."""

from __future__ import annotations

from autograder.questions.shared.judged import Judged
from autograder.questions.shared.tables import gradient

from .question import QUESTION

JUDGED = Judged(QUESTION, (gradient("first.gradient"),))
