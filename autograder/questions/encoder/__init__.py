"""1.1, as it is judged."""

from __future__ import annotations

from autograder.questions.encoder.changes import CHANGES
from autograder.questions.encoder.picture import feature_maps
from autograder.questions.encoder.question import QUESTION
from autograder.questions.shared.judged import Judged

JUDGED = Judged(QUESTION, (feature_maps,), CHANGES)
