"""python -m benchmarks [grading] [soak] [--students 40] [--large 400]: measures, and writes benchmarks/results.json."""

from __future__ import annotations

import argparse

from benchmarks import grading, soak


def main() -> None:
    """Runs the parts asked for, all by default."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help="what to measure (default: everything)")
    parser.add_argument("--students", type=int, default=40, help="hand-ins of the class that is graded both ways")
    parser.add_argument("--large", type=int, default=400, help="hand-ins of the class that the small one is compared with")
    options = parser.parse_args()
    if not options.parts or "grading" in options.parts:
        grading.main(options.students, options.large)
    if not options.parts or "soak" in options.parts:
        soak.main()


if __name__ == "__main__":
    main()
