"""The optional part, as it is judged."""

from __future__ import annotations

from autograder.questions.nce.question import QUESTION
from autograder.questions.shared.judged import Judged
from autograder.questions.shared.tables import gradient

JUDGED = Judged(QUESTION, (gradient("first.gradient"),))
