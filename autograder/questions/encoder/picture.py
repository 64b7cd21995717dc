"""1.1: the encoder's feature maps, beside the expected ones."""

from __future__ import annotations

from nbjudge.judge.compare import Case
from nbjudge.judge.figure import Figure

from autograder.questions.shared.maps import montage, pair


def feature_maps(case: Case) -> Figure | None:
    """The encoder's maps of the first image."""
    return pair(case, "out", "feature maps", montage)
