"""What the assignment asks for besides the answers: trainings, measurements, files; and where in the lesson each is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ps8.artifacts import RESULTS


@dataclass(frozen=True)
class Trained:
    """A training whose weights are handed in.

    Attributes:
        title: what it is called.
        section: where it is run.
        history: its key in `results.json`.
        setting: the name of its number of epochs in the settings.
    """

    title: str
    section: str
    history: str
    setting: str


TRAININGS: Final = {
    "ae": Trained("autoencoder", "1.4", "ae_losses", "ae_epochs"),
    "encoder_cmc": Trained("CMC", "2.3", "cmc_history", "cmc_epochs"),
}
ROWS: Final = {  # of the table of accuracies: title, and the section that measures it
    "autoencoder": ("I, autoencoder", "1.5"),
    "supervised": ("II, supervised", "1.5"),
    "random_rgb": ("III, random RGB", "1.5"),
    "random_lab": ("random Lab", "2.4"),
    "cmc": ("CMC", "2.4"),
}
WEIGHTS: Final = (*TRAININGS, *(f"probe_{row}" for row in ROWS))  # names of the files, without their ending
OPTIONAL: Final = ("nce",)  # questions in a notebook of their own


def length(history: object) -> int:
    """The epochs that a history tells of."""
    if isinstance(history, dict):
        return max(map(length, history.values()), default=0)
    return len(history) if isinstance(history, list) else 0


__all__ = ["OPTIONAL", "RESULTS", "ROWS", "TRAININGS", "WEIGHTS", "Trained", "length"]
