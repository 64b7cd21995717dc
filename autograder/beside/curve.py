"""Beside the third box: losses and plateau against their formulas, and the numbers of the text among them."""

from __future__ import annotations

import math

from nbjudge.ground.listing import listed
from ps8.collapse import collapse_plateau
from ps8.training_doctor import NEAR

from autograder.beside.boxes import CURVE, ReviewedReport
from autograder.beside.numbers import Number, numbers_in, recognised

CLASSES = 10
CLEARLY = 0.02  # below a plateau, relative


def formulas(submission: ReviewedReport) -> dict[str, float]:
    """The lesson's sanity numbers, by their names."""
    cfg = submission.cfg
    equal = math.log(cfg.K + 1)
    first = equal + 1 / (2 * cfg.feat_dim * cfg.T**2)
    forgotten = equal + 1 / (2 * cfg.feat_dim)
    return {
        "the first batch's loss of one view, on banks of noise": first,
        "the first batch's loss of both views, on banks of noise": 2 * first,
        "collapse, one view: ln(K+1)": equal,
        "collapse, both views": 2 * equal,
        "the first batch's of one view without the temperature": forgotten,
        "the first batch's of both views without the temperature": 2 * forgotten,
        "the positive's probability at collapse: 1/(K+1)": 1 / (cfg.K + 1),
        "an untrained classifier's loss: ln 10": math.log(CLASSES),
    }


def about_curve(submission: ReviewedReport) -> list[str]:
    """What the run's curves did, against what the formulas say; and which of these numbers stand in the text."""
    known = {**formulas(submission), **_of_run(submission)}
    lines = _table(submission)
    told = [n for n in numbers_in(submission.texts.get(CURVE, "")) if _telling(n)]
    found, others = recognised(told, known)
    said = [f"In the text: {number.text}, {name}." for number, name in found[:8]]
    if others:
        said.append(f"In the text, and neither the run's nor a formula's: {listed([n.text for n in others])}.")
    if not found:
        said.append("None of these numbers was found in the text.")
    return [*lines, *([""] if lines else []), *(f"- {sentence}" for sentence in [*_fell(submission), *said])]


def _table(submission: ReviewedReport) -> list[str]:
    results, told = submission.results, formulas(submission)
    history, lines = results.cmc_history, []
    if loss := history.get("loss"):
        both = "the first batch's loss of both views, on banks of noise"
        formula = f"first batch {told[both]:.2f} on banks of noise; collapse {told['collapse, both views']:.2f}"
        lines.append(f"| CMC, loss of both views | {loss[0]:.3f} | {loss[-1]:.3f} | {formula} |")
    for key, view in (("prob_l", "L"), ("prob_ab", "ab")):
        if values := history.get(key):
            chance = told["the positive's probability at collapse: 1/(K+1)"]
            lines.append(f"| the positive's probability, {view} | {values[0]:.4f} | {values[-1]:.4f} | collapse {chance:.4f} |")
    if losses := results.ae_losses:
        lines.append(
            f"| autoencoder, sum of an epoch | {losses[0]:.3f} | {losses[-1]:.3f} | its baselines depend on the data |"
        )
    return ["| | first epoch | last epoch | formula |", "| --- | ---: | ---: | --- |", *lines] if lines else []


def _fell(submission: ReviewedReport) -> list[str]:
    """Whether the loss left the plateau of collapse, by its numbers."""
    cfg, loss = submission.cfg, submission.results.cmc_history.get("loss")
    if not loss:
        return ["results.json has no losses of CMC."]
    plateau = 2 * collapse_plateau(cfg.K, 1, 1, cfg.T, cfg.feat_dim)[1]
    if abs(loss[-1] - plateau) <= NEAR * plateau:
        return [f"By results.json CMC's loss ends near {plateau:.2f}, where it collapses."]
    below = next((epoch for epoch, value in enumerate(loss, 1) if value < plateau * (1 - CLEARLY)), 0)
    left = f"is clearly below that from epoch {below} on" if below else "is never clearly below that"
    return [f"Collapse is at a loss of {plateau:.2f}; by results.json CMC's {left}, and ends at {loss[-1]:.2f}."]


def _of_run(submission: ReviewedReport) -> dict[str, float]:
    known: dict[str, float] = {}
    results = submission.results
    curves = {"CMC's loss": results.cmc_history.get("loss", []), "the autoencoder's loss": results.ae_losses}
    curves |= {f"the positive's probability, {view}": results.cmc_history.get(f"prob_{view}", []) for view in ("l", "ab")}
    for name, values in curves.items():
        known |= {f"{name} in epoch {epoch}": value for epoch, value in reversed(list(enumerate(values, 1)))}
    return known


def _telling(number: Number) -> bool:
    """Whether a number has a decimal place, and is no whole number of epochs, images or parts."""
    return number.digits >= 1 and "." in number.text.replace(",", ".")
