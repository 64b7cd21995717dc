"""python -m benchmarks.recipe.scales --data DIR: what the size of its input does to the probe of one random Lab encoder.

Nothing about the encoder changes but the unit its input is measured in. Appends a line for each scale to `scales.jsonl`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import ps8
import torch
from ps8.data import LabScale
from torch import nn

from benchmarks.recipe.probe import both, features
from solution.multiview import EncoderCMC, EncoderCMC_Cat

SCALES: dict[str, str | LabScale] = {
    "raw": "raw",
    "gamut": "gamut",
    "standard": "standard",
    "standard, 4 times as large": LabScale("standard x 4", (47.0, 0.0, 5.0), (25 / 4, 12 / 4, 18 / 4)),
    "standard, 16 times as large": LabScale("standard x 16", (47.0, 0.0, 5.0), (25 / 16, 12 / 16, 18 / 16)),
}
LOG = Path(__file__).with_name("scales.jsonl")


def main() -> None:
    """Probes on the last 1,000 of the training images; the test set is never looked at."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recipe.scales", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    labelled = ps8.load_data(options.data).train.take(5_000, seed=42)
    parts = labelled._select(torch.arange(4_000)), labelled._select(torch.arange(4_000, 5_000))
    for name, scale in SCALES.items():
        torch.manual_seed(options.seed)
        encoder: nn.Module = EncoderCMC_Cat(EncoderCMC())
        train, held = (features(encoder, part, "lab", scale) for part in parts)
        size = round(train.features.std().item(), 3)
        line = {"set": options.data.name, "seed": options.seed, "scale": name, "size": size, "accuracy": both(train, held)}
        print(line, flush=True)
        with LOG.open("a") as log:
            log.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
