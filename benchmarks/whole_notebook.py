"""The whole assignment: the solved notebook with the profile `full`, from top to bottom."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path

import nbformat
from ps8.artifacts import RESULTS
from ps8.data import load_data
from ps8.settings import settings

from assignment.builder.book_notebooks import execute
from autograder.paths import ASSIGNMENT, COURSE
from benchmarks.results_file import record


def main(data: Path | None) -> None:
    """`notebook.full_minutes`: wall minutes of the notebook with as many unlabelled images as the assignment trains on.

    Raises:
        SystemExit: if `data` has fewer: a number from a smaller set would not be this figure.
    """
    cfg, found = settings("full"), load_data(data)
    if len(found.unlabeled) < cfg.n_unlabeled:
        raise SystemExit(
            f"{found.name} has {len(found.unlabeled):,} unlabelled images, the assignment trains on {cfg.n_unlabeled:,}: "
            "name a larger set in STL-10's layout with --data DIR."
        )
    notebook = nbformat.read(COURSE / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", 4)
    env = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}  # as many threads as cores
    env |= {"PS8_PROFILE": "full", "PS8_DATA": str(found.folder)}
    with tempfile.TemporaryDirectory(prefix="ps8-bench-") as name:
        start = time.perf_counter()
        execute(notebook, ASSIGNMENT, Path(name), env)
        minutes = (time.perf_counter() - start) / 60
        results = json.loads((Path(name) / RESULTS).read_text())
    epochs = {"autoencoder": len(results["ae_losses"]), "cmc": len(results["cmc_history"]["loss"])}
    record(
        "notebook.full_minutes",
        {"value": round(minutes, 1), "data": found.name, "epochs": epochs, "accuracy": results["accuracy"]},
    )
