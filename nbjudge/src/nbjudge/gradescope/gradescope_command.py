"""The subcommand `gradescope`: what it takes, and what it says."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nbjudge.lms.lms_command import Add
from nbjudge.workspace import Workspace

USUAL, MOST = 10.0, 40.0  # minutes that Gradescope gives an autograder


def add(command: Add) -> None:
    """Adds the subcommand."""
    zipped = command("gradescope", _gradescope, "write the autograder that grades on Gradescope: a zip for instructors only")
    zipped.add_argument("--out", type=Path, metavar="FILE.zip", help="(default: NAME-gradescope.zip in the course directory)")
    says = f"the time limit that is set there (default: {USUAL:g})"
    zipped.add_argument("--minutes", type=_minutes, default=USUAL, metavar="N", help=says)


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 1 <= minutes <= MOST:
        raise argparse.ArgumentTypeError(f"Gradescope's limit is 1 to {MOST:g} minutes, not {text}")
    return minutes


def _gradescope(options: argparse.Namespace) -> int:
    from nbjudge.grade.preconditions import NotBuilt, check_agreement, check_built
    from nbjudge.gradescope.autograder_zip import AutograderZip, demand_private

    here: Workspace = options.workspace
    target: Path = options.out or here.root / f"{here.id}-gradescope.zip"
    if not target.parent.is_dir():
        print(f"There is no folder {target.parent}: make it, or choose another --out.", file=sys.stderr)
        return 2
    demand_private(target)
    try:
        check_built(here)
        check_agreement(here)
    except NotBuilt as other:
        print(other, file=sys.stderr)
        return 2
    made = AutograderZip.of(here, options.minutes)
    made.try_out()
    made.write(target)
    print(f"{target} is written: {len(made.files)} files, the solution and the judge among them. Show it to no student.")
    print(f"Upload it on Gradescope under Configure Autograder, and set the time limit there to {options.minutes:g} minutes.")
    longest = len(here.notebooks()) * here.assignment.limits().seconds_per_notebook / 60
    if longest + 2 > options.minutes:
        print(f"A submission may run for {longest:g} minutes by the course's limits; longer than --minutes it is not graded.")
    if here.assignment.jail().unjailed:
        print("The course has opted out of a jail: where there is none, student code can read all of this.", file=sys.stderr)
    return 0
