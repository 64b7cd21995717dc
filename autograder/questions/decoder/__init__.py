"""1.2, as it is judged."""

from __future__ import annotations

from autograder.questions.decoder.changes import CHANGES
from autograder.questions.decoder.picture import decoded
from autograder.questions.decoder.question import QUESTION
from autograder.questions.shared.judged import Judged

JUDGED = Judged(QUESTION, (decoded,), CHANGES)
