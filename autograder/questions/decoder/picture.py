"""1.2: what the decoder paints, beside what it should."""

from __future__ import annotations

import numpy as np
from nbjudge.judge.compare import Case
from nbjudge.judge.figure import Figure

from autograder.figures.panels import differs, pixels, scale
from autograder.figures.svg import WIDTH, colours, drawing
from autograder.questions.shared.maps import GAP, NOT_EQUAL, image, pair, rgb, span_in_words


def decoded(case: Case) -> Figure | None:
    """The image that the decoder makes of the first code, and where it is off."""
    actual, expected = case.actual.arrays.get("out"), case.expected.arrays["out"]
    if actual is None:
        return None
    if actual.shape != expected.shape:
        return pair(case, "out", "images", lambda values, most: image(values, expected))
    if not differs(actual, expected).any():
        return None
    width = (WIDTH - 2 * GAP) / 3
    off = np.abs(actual[0] - expected[0]).mean(axis=0)
    titles = ("actual", "expected", "where they differ")
    images = (rgb(actual, expected), rgb(expected, expected), colours(off, scale(off)))
    panels = [pixels(k * (width + GAP), 0, width, t, i) for k, (t, i) in enumerate(zip(titles, images, strict=True))]
    alt = f"Two images of 64 by 64 pixels, made of one code, which differ by {np.nanmean(off):.3g} on average."
    asked = "One of the grader's codes, decoded with given weights, the contrast raised."
    caption = f"{asked} {NOT_EQUAL} {span_in_words(actual)}".rstrip()
    return Figure(drawing([p for panel in panels for p in panel.parts], max(p.height for p in panels)), caption, alt)
