"""1.5, as it is judged."""

from __future__ import annotations

from autograder.questions.shared.judged import Judged
from autograder.questions.shared.moves import moves

from .changes import CHANGES
from .question import QUESTION

JUDGED = Judged(
    QUESTION,
    (
        moves(
            {
                "frozen.one:classifier": "classifier, frozen encoder",
                "frozen.one:encoder": "encoder, frozen",
                "supervised.one:classifier": "classifier, supervised",
                "supervised.one:encoder": "encoder, supervised",
                "frozen.many:classifier": "classifier, six frozen steps",
                "supervised.many:classifier": "classifier, six supervised steps",
            }
        ),
    ),
    CHANGES,
)
