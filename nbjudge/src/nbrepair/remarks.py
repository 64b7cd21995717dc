"""What was found and put right, in sentences for the student and the instructor."""

from __future__ import annotations

MAX_LABELS = 6


class Remark(str):
    """A sentence that knows whether it tells of a loss: of work that was not found, or could not be read."""

    __slots__ = ("cost",)
    cost: bool

    def __new__(cls, text: str, cost: bool = False) -> Remark:
        remark = super().__new__(cls, text)
        remark.cost = cost
        return remark


def costs(remark: str) -> bool:
    """Whether a sentence tells of a loss."""
    return isinstance(remark, Remark) and remark.cost


class Remarks:
    """Collects repairs; those of one kind become one remark."""

    def __init__(self) -> None:
        self._labels: dict[str, list[str]] = {}
        self._costly: set[str] = set()

    def add(self, template: str, *labels: str, cost: bool = False) -> None:
        """Notes a repair.

        Args:
            template: a sentence, with one {} for what was repaired if there are labels.
            labels: such as `1.1 (Encoder)`.
            cost: whether an answer was lost by it.
        """
        noted = self._labels.setdefault(template, [])
        noted.extend(label for label in labels if label not in noted)
        if cost:
            self._costly.add(template)

    def sentences(self) -> list[Remark]:
        """One text for each kind of repair, in the order in which the first of each was found."""
        return [Remark(_sentence(text, labels), text in self._costly) for text, labels in self._labels.items()]


def _sentence(template: str, labels: list[str]) -> str:
    if not labels:
        return template
    first = template.format(labels[0])
    others, more = labels[1:MAX_LABELS], len(labels) - MAX_LABELS
    if not others:
        return first
    return f"{first} The same for {', '.join(others)}{f' and {more} more' if more > 0 else ''}."
