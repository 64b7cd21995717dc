"""The house style of figures, and how they show themselves: small, with words for who does not see them.

Backgrounds are transparent and lines of a middle grey, so that a figure reads on a light and on a dark page. Photographs
stand on a dark ground of their own and are written as JPEG, a fifth of the size of a PNG. Lines differ in their dashes and bars
in their hatches, too, so that nothing is told by colour alone.
"""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK: Final = "#7f7f7f"  # contrast of 4 : 1 with white and 5 : 1 with black
COLORS: Final = ("#2f86d1", "#e06c1f", "#2b9e68", "#c452a0", "#a88414", "#7d74d8")
DASHES: Final = ("-", "--", "-.", ":")
HIGHLIGHT: Final = "#e06c1f"
GROUND: Final = "#202226"  # behind photographs
CHALK: Final = "#d8d8d8"  # what is written on it: 11 : 1
QUALITY: Final = 85  # of a JPEG


@cache
def figure_class() -> type[Figure]:
    """A Figure that shows itself in a notebook also when nobody imported pyplot: as an image with its words."""
    from matplotlib.figure import Figure

    class NotebookFigure(Figure):
        words = "A figure."
        photographs = False

        def picture(self) -> tuple[str, bytes]:
            """The kind of the image, and its bytes."""
            buffer = io.BytesIO()
            if self.photographs:
                self.savefig(buffer, format="jpeg", pil_kwargs={"quality": QUALITY})
                return "image/jpeg", buffer.getvalue()
            self.savefig(buffer, format="png")
            return "image/png", buffer.getvalue()

        def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
            # As HTML, since no front end but nbconvert gives an image that stands alone its words.
            kind, data = self.picture()
            source = f"data:{kind};base64,{base64.b64encode(data).decode()}"
            image = f'<img src="{source}" alt="{escape(self.words, quote=True)}" style="max-width:100%;height:auto">'
            return {"text/html": image, "text/plain": self.words}

    return NotebookFigure


@contextmanager
def new_figure(
    rows: int, columns: int, size: tuple[float, float], title: str | None, words: str = "", photographs: bool = False
) -> Iterator[tuple[Figure, Any]]:
    """A figure in the house style, and its (rows, columns) axes. Unknown to pyplot: none is left open.

    Args:
        rows: of axes.
        columns: of axes.
        size: width and height in inches.
        title: above all.
        words: what is to be seen, for who does not see it.
        photographs: whether it is made of them.
    """
    from matplotlib import rc_context

    ink = CHALK if photographs else INK
    style = dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), ink)
    with rc_context(rc=cast(Any, style)):
        figure = figure_class()(figsize=size, layout="constrained", facecolor=GROUND if photographs else "none")
        vars(figure).update(words=words or title or "A figure.", photographs=photographs)
        axes = figure.subplots(rows, columns, squeeze=False)
        for ax in axes.flat:
            ax.set_facecolor("none")
        if title:
            figure.suptitle(title, fontsize=11)
        yield figure, axes


def show(figure: Any) -> None:
    """Show a figure now, if this is a notebook and there is one (there is none while grading).

    Reconstructions of a training that runs become part of its display.
    """
    if figure is None or "IPython" not in sys.modules:
        return
    from ps8.viewing import Reconstructions, running

    view = running()
    if view is not None and isinstance(figure, Reconstructions):
        view.picture(figure)
        return
    from IPython.display import display

    display(figure)


def cycle(styles: Sequence[str]) -> Iterator[str]:
    """The styles, and again from the first."""
    while True:
        yield from styles


def quiet_frame(ax: Axes) -> None:
    """Takes away the frame above and at the right."""
    ax.spines[["top", "right"]].set_visible(False)


def bare(ax: Axes) -> None:
    """Takes away frame and numbers."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
