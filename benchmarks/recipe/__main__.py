"""python -m benchmarks.recipe --data DIR [--seed N] [--note TEXT] name=value ...: one run of the search, into the log."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path

import ps8
import torch
from torch import nn

from benchmarks.recipe.probe import both, features
from benchmarks.recipe.recipe import Recipe
from benchmarks.recipe.train import train
from solution.multiview import EncoderCMC_Cat

LOG = Path(__file__).with_name("log.jsonl")


class Gain(nn.Module):
    """Multiplies by a number."""

    def __init__(self, gain: float) -> None:
        super().__init__()
        self.gain = gain

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.gain * x


def main() -> None:
    """Trains, probes on the last 1,000 of the training images (the test set is never looked at), appends a line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recipe", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--note", default="")
    parser.add_argument("--log", type=Path, default=LOG)
    parser.add_argument("--weights", type=Path, help="file to keep the encoders in")
    parser.add_argument("changes", nargs="*")
    options = parser.parse_args()
    recipe = Recipe.of(options.changes)
    data = ps8.load_data(options.data)
    labelled = data.train.take(5_000, seed=42)
    tune, held = labelled._select(torch.arange(4_000)), labelled._select(torch.arange(4_000, 5_000))
    model, found = train(data.unlabeled.take(recipe.n, seed=42), recipe, options.seed)
    if options.weights:
        torch.save(model.state_dict(), options.weights)
    cat = nn.Sequential(Gain(recipe.gain), EncoderCMC_Cat(model))
    accuracy = both(*(features(cat, s, "lab", recipe.lab_scale) for s in (tune, held)))
    line = {
        "when": time.strftime("%Y-%m-%d"),
        "note": options.note,
        "set": options.data.name,
        "seed": options.seed,
        "stopped": False,
        "accuracy": accuracy,
        **found,
        "recipe": asdict(recipe),
    }
    with options.log.open("a") as log:
        log.write(json.dumps(line) + "\n")
    print(
        options.note, accuracy, {k: v for k, v in line.items() if k[:3] in ("dea", "ali", "uni", "sec")}, found["losses"][::5]
    )


if __name__ == "__main__":
    main()
