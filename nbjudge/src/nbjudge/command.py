"""The command `autograder`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from assignment.builder.problem import BuildError
from autograder import paths
from autograder.paths import ASSIGNMENT

STOPPED = 130  # the exit status after Ctrl-C, as shells have it


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a subcommand; returns the exit status."""
    parser = argparse.ArgumentParser(prog="autograder", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    only = {"action": "append", "metavar": "NAMES", "help": "only these, separated by commas; may be given again"}

    grade = commands.add_parser("grade", help="grade a class: jailed, in parallel, never the same hand-in twice")
    grade.add_argument("assignment", nargs="?", default=ASSIGNMENT, choices=[ASSIGNMENT])
    grade.add_argument("--students", **only)  # type: ignore[arg-type]
    grade.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="kernels at once (default: one a core)")
    grade.add_argument("--cluster", metavar="ADDRESS", help="gather on a Dask cluster, such as tcp://host:8786")
    grade.add_argument("--again", action="store_true", help="unchanged hand-ins, too; runs anew what was too slow")
    grade.set_defaults(run=_grade)

    table = commands.add_parser("table", help="print the scores; write grades.csv and class_report.html")
    table.set_defaults(run=_table)

    artifacts = commands.add_parser("artifacts", help="measure the handed-in weights again; compare with results.json")
    artifacts.add_argument("--students", **only)  # type: ignore[arg-type]
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
    for stream in (sys.stdout, sys.stderr):  # a terminal that has not all characters is no reason to stop
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return STOPPED
    except BuildError as error:  # of course.toml
        print(error, file=sys.stderr)
        return 2


def _grade(options: argparse.Namespace) -> int:
    from nbjudge.grade.built import NotBuilt, check_built
    from nbjudge.grade.state import Graded, overlooked, students

    chosen = _chosen(options, students(paths.COURSE))
    _say_overlooked(overlooked(paths.COURSE))
    if not chosen:
        return 2
    try:
        check_built(paths.COURSE)
    except NotBuilt as other:
        print(other, file=sys.stderr)
        return 2
    graded = Graded(paths.COURSE / "graded", paths.COURSE)
    if not options.again and _all_up_to_date(graded, chosen):
        print(f"{len(chosen)} hand-ins, none changed since they were graded.")
        return 0
    from nbjudge.grade import pool
    from nbjudge.grade.lock import Busy
    from nbjudge.grade.register import NotRegistered
    from nbjudge.grade.run import ClassRun

    where = pool.cluster(options.cluster) if options.cluster else pool.local(max(1, options.jobs))
    try:
        run = ClassRun(chosen, where, options.again, paths.COURSE)
        summary = run.run()
    except (Busy, NotBuilt, NotRegistered) as why:
        print(why, file=sys.stderr)
        return 2
    return _said(run, summary)


def _all_up_to_date(graded, chosen: list[str]) -> bool:  # type: ignore[no-untyped-def]
    """Whether there is nothing to do; where that cannot be told for one, there is."""
    try:
        return all(graded.up_to_date(student) for student in chosen)
    except Exception:
        return False


def _said(run, summary) -> int:  # type: ignore[no-untyped-def]
    """Says what a grading did; returns the exit status."""
    from nbjudge.grade.names import shown

    print(f"{len(summary.graded)} graded, {len(summary.unchanged)} unchanged, {len(summary.failed)} failed.")
    for student, why in summary.failed.items():
        print(f"  {shown(student)}: {why} (all of it: autograder/graded/{run.failures.path(student).name})", file=sys.stderr)
    if summary.stopped:
        left = len(run.students) - len(summary.graded) - len(summary.unchanged) - len(summary.failed)
        print(f"Stopped with {left} hand-ins to go: {summary.stopped.rstrip('.')}.", file=sys.stderr)
        print("Nothing is lost: the same command goes on from here.", file=sys.stderr)
    elif summary.graded:
        _say_findings(summary.graded)
    return STOPPED if summary.interrupted else 1 if summary.failed or summary.stopped else 0


def _say_findings(students: list[str]) -> None:
    from autograder.artifacts.course import findings_of_class
    from autograder.artifacts.show import in_a_line
    from nbjudge.grade.failures import reason

    try:
        print(in_a_line(dict(findings_of_class(students, paths.COURSE))))
    except Exception as error:  # the class is graded; this is a line more
        print(f"What the artifacts give cannot be summed up: {reason(error)}", file=sys.stderr)


def _chosen(options: argparse.Namespace, known: list[str]) -> list[str]:
    """The students named, or all; none, and a word on it, if there is nothing to do."""
    from nbjudge.grade.names import find, shown

    found, unknown = find(options.students or [], known)
    if unknown:
        print(f"No hand-in of {', '.join(map(shown, unknown))} in autograder/submitted/.", file=sys.stderr)
        return []
    if not known:
        print(f"There is no hand-in: put them into autograder/submitted/NAME/{ASSIGNMENT}/.", file=sys.stderr)
    return found or known


def _say_overlooked(names: list[str]) -> None:
    """On stderr: whoever stands here has no grade and no row."""
    from nbjudge.grade.names import shown

    if names:
        print(
            f"Not graded, since no hand-in lies at autograder/submitted/NAME/{ASSIGNMENT}/: {', '.join(map(shown, names))}. "
            "Move the files there and grade again.",
            file=sys.stderr,
        )


def _table(options: argparse.Namespace) -> int:
    from autograder.notebooks import released
    from nbjudge.grade.built import disagreement, points_of_gradebook
    from nbjudge.grade.failures import Failures, reason
    from nbjudge.grade.names import shown
    from nbjudge.grade.state import overlooked, students
    from nbjudge.reports.class_report import write_class_report
    from nbjudge.reports.scores import db_url, read_scores, with_ungraded
    from nbjudge.reports.table import as_text, write_csv

    if other := disagreement(points_of_gradebook(paths.COURSE)):
        print(f"The gradebook's points are not course.toml's: {other}.", file=sys.stderr)
        print("Run `make notebooks`, then `autograder grade ps8`: no table is made of both.", file=sys.stderr)
        return 2
    rows = with_ungraded(read_scores(db_url(paths.COURSE)), students(paths.COURSE))
    write_csv(rows, paths.COURSE / "grades.csv")
    print(as_text(rows))
    failures = Failures(paths.COURSE / "graded")
    for row in rows:
        if why := row.problem or failures.of(row.student):
            print(f"{shown(row.student)}: {why}", file=sys.stderr)
    _say_overlooked(overlooked(paths.COURSE))
    try:
        write_class_report(rows, paths.COURSE / "class_report.html", paths.COURSE, released())
    except Exception as error:  # the table is made all the same
        print(f"class_report.html could not be written: {reason(error)}", file=sys.stderr)
        return 1
    return 0


def _artifacts(options: argparse.Namespace) -> int:
    from autograder.artifacts.course import findings_of_class
    from autograder.artifacts.show import as_text
    from nbjudge.grade.failures import reason
    from nbjudge.grade.names import shown
    from nbjudge.grade.state import students

    failed = False
    chosen = _chosen(options, students(paths.COURSE))
    for student in chosen:
        try:
            for _, findings in findings_of_class([student], paths.COURSE):
                print(as_text(shown(student), findings), flush=True)
        except Exception as error:
            failed = True
            print(f"{shown(student)}: {reason(error)}", file=sys.stderr)
    return 2 if not chosen else int(failed)


def _formgrader(options: argparse.Namespace) -> int:
    """The formgrader is a part of Jupyter's server; nbgrader has no command for it. Gives this process to the server."""
    os.chdir(paths.COURSE)  # where nbgrader's configuration is
    os.execv(sys.executable, [sys.executable, "-m", "jupyter_server", *_server_options(options.more)])


def _server_options(given: Sequence[str]) -> list[str]:
    """What the server is started with: ours, but where Jupyter's options on the command line say otherwise."""
    said = {option.partition("=")[0] for option in given}
    ours = {"--ServerApp.default_url": "/formgrader", "--ServerApp.open_browser": "True"}
    also = {"--ServerApp.open_browser": {"--no-browser"}}  # a short form
    return [*(f"{name}={value}" for name, value in ours.items() if not said & {name, *also.get(name, ())}), *given]


def _doctor(options: argparse.Namespace) -> int:
    from nbjudge.doctor import main as doctor

    return doctor()


if __name__ == "__main__":
    sys.exit(main())
