"""2.2, the loss, as it is judged."""

from __future__ import annotations

from autograder.questions.shared.judged import Judged
from autograder.questions.shared.tables import gradient

from .changes import CHANGES
from .question import QUESTION

JUDGED = Judged(QUESTION, (gradient("gradient"),), CHANGES)
