"""1.1, as it is judged."""

from __future__ import annotations

from autograder.questions.shared.judged import Judged

from .changes import CHANGES
from .picture import feature_maps
from .question import QUESTION

JUDGED = Judged(QUESTION, (feature_maps,), CHANGES)
