"""python -m benchmarks [PART ...]: measures, writes benchmarks/results.json, and the README's table of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from benchmarks import attacks, checks, foreign, grading, memory, readme_table, seeds, soak, training_speed, whole_notebook


def main() -> None:
    """Runs the parts asked for; all but the notebook by default."""
    parts: dict[str, Callable[[], None]] = {
        "training": training_speed.main,
        "memory": memory.main,
        "checks": checks.main,
        "grading": lambda: grading.main(options.students, options.large),
        "soak": soak.main,
        "attacks": attacks.main,
        "foreign": foreign.main,
        "notebook": lambda: whole_notebook.main(options.data),
        "seeds": lambda: seeds.main(options.data, options.profile, options.seeds),
    }
    long = ("soak", "attacks", "foreign", "notebook", "seeds")
    by_default = [name for name in parts if name not in long]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="PART",
        help=f"{', '.join(parts)} (default: all but {', '.join(long)}, which take long), or table: measure nothing",
    )
    parser.add_argument("--students", type=int, default=40, help="submissions of the class that is graded both ways")
    parser.add_argument("--large", type=int, default=400, help="submissions of the class that the small one is compared with")
    parser.add_argument("--data", type=Path, help="for the notebook: a folder with at least 10,000 unlabelled images")
    parser.add_argument("--profile", choices=["full", "quick"], default="quick", help="for the seeds: how much to compute")
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 43, 44, 45, 46], help="one run of the notebook for each")
    options = parser.parse_args()
    if unknown := set(options.parts) - {*parts, "table"}:
        parser.error(f"no part {', '.join(sorted(unknown))}: choose from {', '.join([*parts, 'table'])}")
    for name in options.parts or by_default:
        if name in parts:
            parts[name]()
    readme_table.main()


if __name__ == "__main__":
    main()
