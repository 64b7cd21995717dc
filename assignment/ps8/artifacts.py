"""What a student keeps and hands in besides the notebook: weights and `results.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from ps8.runtime import get_device, is_grading

Model = TypeVar("Model", bound=nn.Module)
RESULTS = "results.json"


def save(model: nn.Module, path: str | Path) -> None:
    """Writes a model's weights. While a hand-in is graded nothing is written: the weights handed in stay as they are."""
    if not is_grading():
        torch.save(model.state_dict(), path)
        print(f"Saved {path}.")


def load(model: Model, path: str | Path) -> Model:
    """Reads weights that `save` wrote into a model of the same shape, on the device in use.

    Raises:
        FileNotFoundError: if they were not saved yet.
        RuntimeError: if the file holds weights of another shape.
    """
    device = get_device()
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path} is not there: run the training cell that saves it, or upload it beside the notebook.")
    model.load_state_dict(torch.load(path, map_location=device, weights_only=True))
    return model.to(device)


def save_results(results: Mapping[str, object], path: str | Path = RESULTS) -> None:
    """Writes the numbers of a run, to be handed in. While a hand-in is graded nothing is written."""
    if not is_grading():
        partial = Path(f"{path}.part")
        partial.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")
        partial.replace(path)  # in one step: an interrupt leaves the earlier numbers whole
        print(f"Saved {path}: hand it in with the notebook.")
