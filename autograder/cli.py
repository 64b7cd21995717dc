"""The command `autograder`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from assignment.builder.problem import BuildError
from autograder.paths import ASSIGNMENT


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a subcommand; returns the exit status."""
    parser = argparse.ArgumentParser(prog="autograder", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    grade = commands.add_parser("grade", help="grade a class: jailed, in parallel, never the same hand-in twice")
    grade.add_argument("assignment", nargs="?", default=ASSIGNMENT, choices=[ASSIGNMENT])
    grade.add_argument("--students", type=lambda s: s.split(","), help="only these, separated by commas")
    grade.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="kernels at once (default: one a core)")
    grade.add_argument("--cluster", metavar="ADDRESS", help="gather on a Dask cluster, such as tcp://host:8786")
    grade.add_argument("--again", action="store_true", help="unchanged hand-ins, too; runs anew what was too slow")
    grade.set_defaults(run=_grade)

    table = commands.add_parser("table", help="print the scores; write grades.csv and class_report.html")
    table.set_defaults(run=_table)

    artifacts = commands.add_parser("artifacts", help="measure the handed-in weights again; compare with results.json")
    artifacts.add_argument("--students", type=lambda s: s.split(","), help="only these, separated by commas")
    artifacts.set_defaults(run=_artifacts)

    says = (
        "nbgrader's formgrader: grade the written reports, in a browser; takes Jupyter's options, such as --ServerApp.port=8890"
    )
    commands.add_parser("formgrader", help=says).set_defaults(run=_formgrader)

    doctor = commands.add_parser("doctor", help="say whether this machine can grade, and how to mend what is missing")
    doctor.set_defaults(run=_doctor)

    options, more = parser.parse_known_args(arguments)
    options.more = more
    if more and options.run is not _formgrader:
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    try:
        return int(options.run(options))
    except BuildError as error:  # of course.toml
        print(error, file=sys.stderr)
        return 2


def _grade(options: argparse.Namespace) -> int:
    from autograder.grade.state import Graded, overlooked, students

    chosen = _chosen(options, students())
    _say_overlooked(overlooked())
    if not chosen:
        return 2
    graded = Graded()
    if not options.again and all(graded.up_to_date(student) for student in chosen):
        print(f"{len(chosen)} hand-ins, none changed since they were graded.")
        return 0
    from autograder.artifacts.course import findings_of_class
    from autograder.artifacts.show import in_a_line
    from autograder.grade import pool
    from autograder.grade.lock import Busy
    from autograder.grade.run import ClassRun

    where = pool.cluster(options.cluster) if options.cluster else pool.local(max(1, options.jobs))
    try:
        summary = ClassRun(chosen, where, options.again).run()
    except Busy as busy:
        print(busy, file=sys.stderr)
        return 2
    print(f"{len(summary.graded)} graded, {len(summary.unchanged)} unchanged, {len(summary.failed)} failed.")
    for student, why in summary.failed.items():
        print(f"  {student}: {why} (all of it: autograder/graded/{student}.error.txt)", file=sys.stderr)
    if summary.graded:
        print(in_a_line(dict(findings_of_class(summary.graded))))
    if summary.stopped:
        left = len(chosen) - len(summary.graded) - len(summary.unchanged) - len(summary.failed)
        print(f"Stopped with {left} hand-ins to go: {summary.stopped}", file=sys.stderr)
        print("Nothing is lost: the same command goes on from here.", file=sys.stderr)
    return 1 if summary.failed or summary.stopped else 0


def _chosen(options: argparse.Namespace, known: list[str]) -> list[str]:
    """The students named, or all; none, and a word on it, if there is nothing to do."""
    unknown = sorted(set(options.students or []) - set(known))
    if unknown:
        print(f"No hand-in of {', '.join(unknown)} in autograder/submitted/.", file=sys.stderr)
        return []
    if not known:
        print(f"There is no hand-in: put them into autograder/submitted/NAME/{ASSIGNMENT}/.", file=sys.stderr)
    return options.students or known


def _say_overlooked(names: list[str]) -> None:
    """On stderr: whoever stands here has no grade and no row."""
    if names:
        print(
            f"Not graded, since no hand-in lies at autograder/submitted/NAME/{ASSIGNMENT}/: {', '.join(names)}. "
            "Move the files there and grade again.",
            file=sys.stderr,
        )


def _table(options: argparse.Namespace) -> int:
    from autograder.classroom.build import released
    from autograder.grade.state import overlooked, students
    from autograder.paths import COURSE
    from autograder.reports.class_report import write_class_report
    from autograder.reports.scores import read_scores, with_ungraded
    from autograder.reports.table import as_text, write_csv

    rows = with_ungraded(read_scores(), students())
    write_csv(rows, COURSE / "grades.csv")
    write_class_report(rows, COURSE / "class_report.html", released=released())
    print(as_text(rows))
    _say_overlooked(overlooked())
    return 0


def _artifacts(options: argparse.Namespace) -> int:
    from autograder.artifacts.course import findings_of_class
    from autograder.artifacts.show import as_text
    from autograder.grade.state import students

    chosen = _chosen(options, students())
    for student, findings in findings_of_class(chosen):
        print(as_text(student, findings), flush=True)
    return 0 if chosen else 2


def _formgrader(options: argparse.Namespace) -> int:
    """The formgrader is a part of Jupyter's server; nbgrader has no command for it. Gives this process to the server."""
    from autograder.paths import COURSE

    os.chdir(COURSE)  # where nbgrader's configuration is
    start = ["--ServerApp.default_url=/formgrader", "--ServerApp.open_browser=True", *options.more]
    os.execv(sys.executable, [sys.executable, "-m", "jupyter_server", *start])


def _doctor(options: argparse.Namespace) -> int:
    from autograder.doctor import main as doctor

    return doctor()


if __name__ == "__main__":
    sys.exit(main())
