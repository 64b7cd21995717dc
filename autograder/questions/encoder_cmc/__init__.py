"""2.1, as it is judged."""

from __future__ import annotations

from autograder.questions.encoder_cmc.changes import CHANGES
from autograder.questions.encoder_cmc.picture import features
from autograder.questions.encoder_cmc.question import QUESTION
from autograder.questions.shared.judged import Judged

JUDGED = Judged(QUESTION, (features,), CHANGES)
