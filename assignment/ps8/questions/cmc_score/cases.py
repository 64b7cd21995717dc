"""Cases that the text of 2.2 names, and that one batch of ordinary features does not show."""

from __future__ import annotations

import numpy as np

from ps8.checks.running import fail
from ps8.probes import Evidence

from .call import QUESTION, VIEWS

TOO_LARGE = 1e6  # a NaN is written down as a larger number


def check_noted(evidence: Evidence) -> None:
    """Features of zeros, an image twice in a batch, rows that are no concern of this batch, and draws that are no draws."""
    arrays = evidence.arrays
    if max(float(np.abs(arrays[f"dead.{name}"]).max()) for name in ("scores", "rows")) > TOO_LARGE:
        fail(QUESTION, "eps_missing", "finite numbers for a feature of zeros, as dead units give it", "NaN")
    lengths = np.linalg.norm(arrays["twice.rows"], axis=1)
    if np.abs(lengths - 1).max() > 1e-2:
        fail(
            QUESTION,
            "image_twice",
            "a row of length 1, too, for an image that comes twice in a batch",
            f"length {lengths[0]:.3g}",
        )
    for view in VIEWS:
        rest = np.linalg.norm(arrays[f"first.memory_{view}"][-2:], axis=1)
        if np.abs(rest - 1.3).max() > 1e-3:
            fail(
                QUESTION,
                "all_rows_normalised",
                f"memory_{view}: the rows of other images stay as they are, whatever their length",
                f"a row of length 1.3 has length {rest[0]:.3g} after a call that is no concern of it",
            )
    _check_draws(arrays)


def _check_draws(arrays: dict[str, np.ndarray]) -> None:
    """Two calls draw differently, and so do two images of one call."""
    for view in VIEWS:
        if np.allclose(arrays[f"drawn_{view}"], arrays[f"drawn_{view}_again"], atol=1e-5):
            fail(QUESTION, "same_draw_again", "without idx, other rows at every call", "the same rows at the second call")
