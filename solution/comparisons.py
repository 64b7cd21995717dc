"""Part of the report: which of the things that make a row of the results table differ between two rows."""

from __future__ import annotations

# All that differs between the two rows of each pair: sets of "task", "colours" and "features".
### BEGIN SOLUTION
differs = {
    ("autoencoder", "random_rgb"): {"task"},
    ("supervised", "autoencoder"): {"task"},
    ("random_lab", "random_rgb"): {"colours", "features"},
    ("cmc", "random_lab"): {"task"},
    ("cmc", "autoencoder"): {"task", "colours", "features"},
}
### END SOLUTION
