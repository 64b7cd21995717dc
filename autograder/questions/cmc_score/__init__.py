"""2.2, the score, as it is judged."""

from __future__ import annotations

from autograder.questions.shared.judged import Judged

from .changes import CHANGES
from .picture import bank_update, score_matrix
from .question import QUESTION

JUDGED = Judged(
    QUESTION,
    (
        score_matrix,
        bank_update,
    ),
    CHANGES,
)
