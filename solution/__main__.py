"""python -m solution --data DIR --profile {full,quick,grade} --seeds 42 43 44 --out DIR: the experiment and its baselines."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path


def main() -> int:
    """Reads the command line, runs the experiment with each seed, prints and writes the table of baselines."""
    parser = argparse.ArgumentParser(prog="python -m solution", description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="folder that holds the data (default: data_cache/)"
    )
    parser.add_argument(
        "--profile", choices=["full", "quick", "grade"], default="quick", help="how much to compute"
    )
    parser.add_argument(
        "--recipe",
        choices=["course", "original"],
        default="course",
        help="the course's settings, or those of the original",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs"),
        help="folder for the table, and a folder for each seed",
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[42], help="one run for each")
    parser.add_argument(
        "--reuse",
        action="store_true",
        help="go on from an earlier run into --out: what it did is kept",
    )
    parser.add_argument("--without-nce", action="store_true", help="leave the optional part out")
    options = parser.parse_args()

    # The reference reads its settings when it is imported.
    os.environ["PS8_PROFILE"], os.environ["PS8_RECIPE"] = options.profile, options.recipe
    os.environ.setdefault("MPLBACKEND", "Agg")
    import ps8
    from ps8.data import DataError

    from solution import baselines
    from solution.experiment import Experiment

    try:
        data = ps8.load_data(options.data)
    except DataError as error:
        print(error, file=sys.stderr)
        return 2
    runs = []
    for seed in options.seeds:
        results = Experiment(
            data, options.out / f"seed-{seed}", seed, options.reuse, not options.without_nce
        ).run()
        runs.append(
            json.loads(json.dumps(results))
        )  # as results.json has it: numbers of labels are text there
    table = baselines.combine(runs)
    baselines.write(table, options.out)
    print("\n" + baselines.text(table))
    print(
        f"The table is in {options.out}/, checkpoints and figures of each seed in its folder there."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
