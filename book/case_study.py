"""A case study: right code under the settings of the edition that this one grew from, beside the course's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from ps8.collapse import collapse_plateau
from ps8.figures import plot_curves

RUNS = Path(__file__).with_name("case_study")
FIGURE = "case_study.png"


def case_study(folder: Path = RUNS) -> dict[str, Any]:
    """Each recipe's `results.json` of one seed, as `python -m solution --recipe RECIPE` writes it, by recipe.

    Args:
        folder: has a file RECIPE.json for each.

    Returns:
        With each, `plateau`: the loss of both views, and `plateau_prob`, the probability of the positive, where all images
        have one and the same feature.
    """
    return {path.stem: _with_plateau(json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))}


def _with_plateau(results: dict[str, Any]) -> dict[str, Any]:
    cfg = results["settings"]
    rows = cfg["bank_rows"] or cfg["n_unlabeled"]
    probability, loss = collapse_plateau(cfg["K"], cfg["n_unlabeled"], rows, cfg["T"], cfg["feat_dim"])
    return {**results, "plateau": 2 * loss, "plateau_prob": probability}


def draw(runs: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """Loss, and probability of the positive, of both recipes by epoch, with the plateaus of collapse."""
    curves = {f"loss, {name}": run["cmc_history"]["loss"] for name, run in runs.items()}
    curves |= {f"prob, {name}": run["cmc_history"]["prob_l"] for name, run in runs.items()}
    plateaus = {f"collapse, {name}": run["plateau"] for name, run in runs.items()}
    figure = plot_curves(curves, reference=plateaus)
    assert isinstance(figure, Figure), "nothing is drawn while a notebook is graded, and this is none"
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120, bbox_inches="tight")
