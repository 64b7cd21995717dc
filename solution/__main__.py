"""python -m solution --data DIR --profile {full,quick,grade} --out DIR: the whole experiment with the reference answers."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main() -> int:
    """Reads the command line, runs the experiment, prints the table of accuracies."""
    parser = argparse.ArgumentParser(prog="python -m solution", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder that holds the data (default: data_cache/)")
    parser.add_argument("--profile", choices=["full", "quick", "grade"], default="quick", help="how much to compute")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="folder for checkpoints, figures and results.json")
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()

    os.environ["PS8_PROFILE"] = options.profile  # the reference reads its settings when it is imported
    os.environ.setdefault("MPLBACKEND", "Agg")
    import ps8
    from ps8.data import DataError

    from solution.experiment import ROWS, Experiment

    try:
        data = ps8.load_data(options.data)
    except DataError as error:
        print(error, file=sys.stderr)
        return 2
    results = Experiment(data, options.out, options.seed).run()
    print(f"\n{data.name}, profile {options.profile}, seed {options.seed}")
    for row, title in ROWS.items():
        print(f"  {title:20} {results['accuracy'][row]:.3f}")
    print(f"Checkpoints, figures and results.json are in {options.out}/.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
