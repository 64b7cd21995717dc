"""Several texts in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def listed(texts: Sequence[str], most: int = 8) -> str:
    """The first of the texts, and how many more there are."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
