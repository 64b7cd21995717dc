"""A picture of what is wrong with an answer, as a page or a notebook shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A picture.

    Attributes:
        svg: self-contained, without script or style sheet.
        caption: what is to be seen, for whoever looks at it.
        alt: the same for whoever cannot.
    """

    svg: str
    caption: str
    alt: str
