"""2.1: the features of both views, beside the expected ones."""

from __future__ import annotations

from nbjudge.judge.compare import Case
from nbjudge.judge.figure import Figure

from autograder.figures.panels import MOST, differs, nothing, pixels, scale
from autograder.figures.svg import WIDTH, colours, drawing
from autograder.questions.shared.maps import NOT_EQUAL


def features(case: Case) -> Figure | None:
    """2.1: the features of both views, a row for each image."""
    parts: list[str] = []
    y, words = 0.0, []
    for view, name in (("l", "L"), ("ab", "ab")):
        actual, expected = case.actual.arrays.get(f"feat_{view}"), case.expected.arrays[f"feat_{view}"]
        same = actual is not None and actual.shape == expected.shape and not differs(actual, expected).any()
        words.append(f"{name} {'right' if same else 'wrong'}")
        for title, values in ((f"{name}, actual", actual), (f"{name}, expected", expected)):
            if values is None or not values.size:
                panel = nothing(0, y, WIDTH, title, values)
            else:
                flat = values.reshape(len(values) if values.ndim else 1, -1)[:MOST, :1024]
                panel = pixels(0, y, WIDTH, f"{title}, shape {list(values.shape)}", colours(flat, scale(expected)), 30)
            parts += panel.parts
            y += panel.height + 8
    if all(word.endswith("right") for word in words):
        return None
    caption = f"The features of three of the grader's images, a row for each. {NOT_EQUAL}"
    return Figure(drawing(parts, y), caption, f"The features of both views as coloured rows: {', '.join(words)}.")
