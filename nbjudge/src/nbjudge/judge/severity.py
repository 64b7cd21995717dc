"""How much a deviation costs: one table, from what follows of it in the experiment.

| what follows | costs, of the question |
| --- | ---: |
| nothing is borne out: no number follows from the inputs | 100 % |
| cannot run here: it raises, but its other parts are borne out | 70 % |
| nothing can learn: no gradient, a bank that is never updated, the wrong way up the loss | 50 % |
| learns something else than what was asked | 35 % |
| other numbers: it learns what was asked, and what it reports or does is off | 20 % |
| not general: right here, and wrong for another size or a case that the text names | 10 % |
| style: a remark | 0 |

Each deviation costs once, by what follows of it; several add up, to no more than the question is worth.
"""

from __future__ import annotations

import enum


class Severity(float, enum.Enum):
    """What follows of a deviation; its value is the share of the question that it costs."""

    NONE = 0.0
    NOT_GENERAL = 0.1
    OTHER_NUMBERS = 0.2
    LEARNS_ELSE = 0.35
    NOTHING_LEARNS = 0.5
    CANNOT_RUN = 0.7
    NOTHING_RIGHT = 1.0

    @property
    def words(self) -> str:
        """As `name`, for people: "learns something else"."""
        return _WORDS[self]


_WORDS = {
    Severity.NONE: "style",
    Severity.NOT_GENERAL: "not general",
    Severity.OTHER_NUMBERS: "other numbers",
    Severity.LEARNS_ELSE: "learns something else",
    Severity.NOTHING_LEARNS: "nothing can learn",
    Severity.CANNOT_RUN: "cannot run here",
    Severity.NOTHING_RIGHT: "nothing is borne out",
}
BY_WORDS = {words: severity for severity, words in _WORDS.items()}


def cost(severities: tuple[Severity, ...] | list[Severity], points: float) -> float:
    """What these deviations cost together of a question worth `points`."""
    return round(points * min(1.0, sum(float(severity) for severity in severities)), 2)
