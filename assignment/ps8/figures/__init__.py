"""The figures of the assignment: grids of images, reconstructions, Lab views, curves and bars.

Each function returns the matplotlib Figure (`visualize_recon` what draws one), which a notebook shows if it is a cell's
last value; `show` shows one at once, in the middle of a cell. While grading, nothing is drawn: they return None, and matplotlib
is not imported.
"""

from __future__ import annotations

from .charts import accuracy_bars, plot_curves
from .field import receptive_field, show_receptive_field
from .images import rows_of_images, show_grid, show_lab, visualize_recon
from .probes import Probe, show_accuracies, show_confusions, show_neighbours
from .style import CHALK, COLORS, GROUND, HIGHLIGHT, INK, show
from .sweeps import show_sweep, sweep

__all__ = [
    "CHALK",
    "COLORS",
    "GROUND",
    "HIGHLIGHT",
    "INK",
    "Probe",
    "accuracy_bars",
    "plot_curves",
    "receptive_field",
    "rows_of_images",
    "show",
    "show_accuracies",
    "show_confusions",
    "show_grid",
    "show_lab",
    "show_neighbours",
    "show_receptive_field",
    "show_sweep",
    "sweep",
    "visualize_recon",
]
