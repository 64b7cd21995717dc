"""2.2, the score, as it is judged."""

from __future__ import annotations

from autograder.questions.cmc_score.changes import CHANGES
from autograder.questions.cmc_score.picture import bank_update, score_matrix
from autograder.questions.cmc_score.question import QUESTION
from autograder.questions.shared.judged import Judged

JUDGED = Judged(
    QUESTION,
    (
        score_matrix,
        bank_update,
    ),
    CHANGES,
)
