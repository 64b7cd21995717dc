"""The figures of the assignment: grids of images, reconstructions, Lab views, curves and bars.

Each function returns the matplotlib Figure (`visualize_recon` what draws one), which a notebook shows if it is a cell's
last value; `show` shows one at once, in the middle of a cell. While grading, nothing is drawn: they return None, and matplotlib
is not imported.
"""

from __future__ import annotations

from .charts import accuracy_bars, plot_curves
from .images import rows_of_images, show_grid, show_lab, visualize_recon
from .style import CHALK, COLORS, GROUND, HIGHLIGHT, INK, show

__all__ = [
    "CHALK",
    "COLORS",
    "GROUND",
    "HIGHLIGHT",
    "INK",
    "accuracy_bars",
    "plot_curves",
    "rows_of_images",
    "show",
    "show_grid",
    "show_lab",
    "visualize_recon",
]
