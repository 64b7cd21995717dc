"""What was repaired, in sentences for the student and the instructor."""

from __future__ import annotations

MAX_LABELS = 6


class Remarks:
    """Collects repairs; those of one kind become one remark."""

    def __init__(self) -> None:
        self._labels: dict[str, list[str]] = {}

    def add(self, template: str, *labels: str) -> None:
        """Notes a repair.

        Args:
            template: a sentence, with one {} for what was repaired if there are labels.
            labels: such as `1.1 (Encoder)`.
        """
        noted = self._labels.setdefault(template, [])
        noted.extend(label for label in labels if label not in noted)

    def sentences(self) -> list[str]:
        """One text for each kind of repair, in the order in which the first of each was found."""
        return [_sentence(template, labels) for template, labels in self._labels.items()]


def _sentence(template: str, labels: list[str]) -> str:
    if not labels:
        return template
    first = template.format(labels[0])
    others, more = labels[1:MAX_LABELS], len(labels) - MAX_LABELS
    if not others:
        return first
    return f"{first} The same for {', '.join(others)}{f' and {more} more' if more > 0 else ''}."
