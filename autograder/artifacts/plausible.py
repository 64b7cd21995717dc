"""What a person would notice in a student's numbers, whatever the weights give."""

from __future__ import annotations

import math

from ps8.collapse import collapse_plateau
from ps8.data.layout import COUNTS
from ps8.settings import Settings, settings
from ps8.training_doctor import NEAR, PATIENCE

from autograder.artifacts.results import Results

CLASSES = 10
PROBABILITY_NEAR = 0.1  # relative, as the training doctor has it


def profile_of(results: Results | None) -> str:
    """The profile that a student's numbers are from; that of the assignment where they do not say."""
    return results.profile if results and results.profile else "full"


def plausibility_remarks(results: Results, tested: int, trained: int) -> list[str]:
    """Sentences for the student and the hand-grader.

    Args:
        results: the student's numbers.
        tested: images that an accuracy is measured on.
        trained: images without labels that were trained on.
    """
    found = []
    if results.profile not in ("", "full"):
        found.append(
            f"results.json is from a run with the profile {results.profile!r}, with fewer images and epochs. The report asks "
            "for one with 'full'."
        )
    found += [sentence for sentence in (_collapse(results, settings(profile_of(results)), trained),) if sentence]
    guess = _chance(tested)
    low = [row for row, accuracy in results.accuracy.items() if accuracy <= guess]
    if low:
        numbers = ", ".join(f"{row} {results.accuracy[row]:.3f}" for row in low)
        found.append(f"In results.json, {numbers} is no better than guessing among {CLASSES} classes.")
    return found


def epochs(results: Results) -> str:
    """How long the student trained, for the report's sake; empty if nothing says so."""
    cfg = settings(profile_of(results))
    cmc_losses = results.cmc_history.get("loss", [])
    done = [("autoencoder", results.ae_losses, cfg.ae_epochs), ("CMC", cmc_losses, cfg.cmc_epochs)]
    told = [f"{name} {len(losses)} of {wanted}" for name, losses, wanted in done if losses]
    return f"Epochs trained, by results.json: {', '.join(told)}." if told else ""


def _chance(images: int) -> float:
    """The highest accuracy that a guess may well reach: two standard errors above 1 in 10."""
    guess = 1 / CLASSES
    return guess + 2 * math.sqrt(guess * (1 - guess) / max(1, images))


def _collapse(results: Results, cfg: Settings, n: int) -> str:
    """Whether CMC came to rest where collapsed features must end, with its temperature or with none."""
    last = results.cmc_history.get("loss", [])[-PATIENCE:]
    if len(last) < PATIENCE:
        return ""
    for N in (n, COUNTS["unlabeled"]):  # of the bank: as many rows as images, or as many as STL-10 has
        for T in dict.fromkeys((cfg.T, 1.0)):
            probability, loss = collapse_plateau(cfg.K, n, N, T, cfg.feat_dim)
            if all(abs(value - 2 * loss) <= NEAR * 2 * loss for value in last) and _probabilities_near(results, probability):
                return (
                    f"By results.json, CMC ends at a loss of {last[-1]:.3f}: the plateau of collapse, where every image gets "
                    f"the same feature (section 2.3).{_cause(cfg, n, N, T)} A report that says so, and how it shows, can be a "
                    "good one."
                )
    return ""


def _cause(cfg: Settings, n: int, N: int, T: float) -> str:
    if T != cfg.T and n != N:
        return f" The number fits scores that are not divided by the temperature, and a bank of {N:,} rows."
    return f" The number fits a bank of {N:,} rows for {n:,} images." if n != N else ""


def _probabilities_near(results: Results, wanted: float) -> bool:
    last = [values[-1] for name in ("prob_l", "prob_ab") if (values := results.cmc_history.get(name))]
    return all(abs(value - wanted) <= PROBABILITY_NEAR * wanted for value in last)
