"""The command `nbjudge`: what it takes, and what it says. The work is done in `grade` and `reports`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nbjudge.assignment import Assignment, Refusal
from nbjudge.course import NoCourse, course_directory, workspace
from nbjudge.gradescope import gradescope_command as gradescope
from nbjudge.lms import lms_command as lms
from nbjudge.workspace import Workspace

if TYPE_CHECKING:
    from nbjudge.grade.class_run import RunSummary
    from nbjudge.grade.state import Graded

STOPPED = 130  # the exit status after Ctrl-C, as shells have it


def _parser() -> argparse.ArgumentParser:
    what = "Grades nbgrader's courses: student code in a jail, verdicts outside it."
    parser = argparse.ArgumentParser(prog="nbjudge", description=what)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, run: Callable[[argparse.Namespace], int], says: str, one: bool = True) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=says)
        added.add_argument("--course", type=Path, metavar="DIR", help="nbgrader's course directory (default: the one here)")
        if one:
            added.add_argument("assignment", nargs="?", default="", help="its name (default: the course's only one)")
        added.set_defaults(run=run, one=one)
        return added

    grade = command("grade", _grade, "grade a class: jailed, in parallel, never the same submission twice")
    grade.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="kernels at once (default: one a core)")
    grade.add_argument("--cluster", metavar="ADDRESS", help="gather on a Dask cluster, such as tcp://host:8786")
    grade.add_argument("--again", action="store_true", help="unchanged submissions, too; runs anew what was too slow")
    tables = "grades.csv and class_report.html; grades-NAME.csv and so on where the course has several assignments"
    command("table", _table, f"print the scores; write {tables}")
    artifacts = command("artifacts", _artifacts, "say what was found in files beside the notebooks, where the assignment looks")
    for added in (grade, artifacts):
        says = "only these, separated by commas; may be given again"
        added.add_argument("--students", action="append", metavar="NAMES", help=says)
    reports = "grade the written reports, in a browser; takes Jupyter's options, such as --ServerApp.port=8890"
    command("formgrader", _formgrader, f"nbgrader's formgrader: {reports}", one=False)
    new = command("new", _new, "write a new assignment with two submissions, which can be graded as it stands", one=False)
    new.add_argument("name", help="of the assignment, such as ps9")
    lms.add(command)
    gradescope.add(command)
    command("doctor", _doctor, "say whether this machine can grade, and how to mend what is missing")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a subcommand; returns the exit status."""
    parser = _parser()
    options, more = parser.parse_known_args(arguments)
    options.more = more
    if more and options.run is not _formgrader:
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    for stream in (sys.stdout, sys.stderr):  # a terminal that has not all characters is no reason to stop
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        options.root = course_directory(options.course or Path.cwd())
        if options.one:
            options.workspace = workspace(options.root, options.assignment)
        return int(options.run(options))
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return STOPPED
    except NoCourse as error:
        print(error, file=sys.stderr)
        return 2
    except Refusal as error:  # of the course's own facts
        print(error, file=sys.stderr)
        return 2


def _grade(options: argparse.Namespace) -> int:
    from nbjudge.grade.preconditions import NotBuilt, check_built
    from nbjudge.grade.state import Graded, overlooked, students

    here: Workspace = options.workspace
    chosen = _chosen(options, students(here))
    _say_overlooked(overlooked(here), here)
    if not chosen:
        return 2
    try:
        check_built(here)
    except NotBuilt as other:
        print(other, file=sys.stderr)
        return 2
    graded = Graded(here)
    if not options.again and _all_up_to_date(graded, chosen):
        print(f"{len(chosen)} submissions, none changed since they were graded.")
        return 0
    from nbjudge.grade import warming

    warming.without_address_grammar()
    if not options.cluster:
        warming.begin(here.assignment)
    from nbjudge.grade.class_run import grade
    from nbjudge.grade.lock import Busy
    from nbjudge.grade.register import NotRegistered

    try:
        summary = grade(here, chosen, max(1, options.jobs), options.cluster or "", options.again)
    except (Busy, NotBuilt, NotRegistered) as why:
        print(why, file=sys.stderr)
        return 2
    return _said(here, len(chosen), summary)


def _all_up_to_date(graded: Graded, chosen: list[str]) -> bool:
    """Whether there is nothing to do; where that cannot be told for one, there is."""
    try:
        return all(graded.up_to_date(student) for student in chosen)
    except Exception:
        return False


def _said(here: Workspace, chosen: int, summary: RunSummary) -> int:
    """Says what a grading did; returns the exit status."""
    from nbjudge.grade.failures import Failures
    from nbjudge.grade.student_names import shown_student

    noted = Failures(here.graded)
    print(f"{len(summary.graded)} graded, {len(summary.unchanged)} unchanged, {len(summary.failed)} failed.")
    for student, why in summary.failed.items():
        print(
            f"  {shown_student(student)}: {why} (all of it: {noted.path(student).relative_to(here.root)})",
            file=sys.stderr,
        )
    if summary.stopped:
        left = chosen - len(summary.graded) - len(summary.unchanged) - len(summary.failed)
        print(f"Stopped with {left} submissions to go: {summary.stopped.rstrip('.')}.", file=sys.stderr)
        print("Nothing is lost: the same command goes on from here.", file=sys.stderr)
    elif summary.graded:
        _say_findings(here, summary.graded)
    return STOPPED if summary.interrupted else 1 if summary.failed or summary.stopped else 0


def _say_findings(here: Workspace, students: list[str]) -> None:
    from nbjudge.grade.failures import reason

    try:
        if said := here.assignment.summary(here, students):
            print(said)
    except Exception as error:  # the class is graded; this is a line more
        print(f"What the artifacts give cannot be summed up: {reason(error)}", file=sys.stderr)


def _chosen(options: argparse.Namespace, known: list[str]) -> list[str]:
    """The students named, or all; none, and a word on it, if there is nothing to do."""
    from nbjudge.grade.student_names import find_students, shown_student

    found, unknown = find_students(options.students or [], known)
    if unknown:
        print(f"No submission of {', '.join(map(shown_student, unknown))} in submitted/.", file=sys.stderr)
        return []
    if not known:
        print(f"There is no submission: put them into submitted/NAME/{options.workspace.id}/.", file=sys.stderr)
    return found or known


def _say_overlooked(names: list[str], here: Workspace) -> None:
    """On stderr: whoever stands here has no grade and no row."""
    from nbjudge.grade.student_names import shown_student

    if names:
        print(
            f"Not graded, since no submission lies at submitted/NAME/{here.id}/: {', '.join(map(shown_student, names))}. "
            "Move the files there and grade again.",
            file=sys.stderr,
        )


def _table(options: argparse.Namespace) -> int:
    from nbjudge.grade.failures import Failures, reason
    from nbjudge.grade.preconditions import NotBuilt, disagreement, points_of_gradebook
    from nbjudge.grade.state import overlooked
    from nbjudge.grade.student_names import shown_student
    from nbjudge.reports.score_files import PAGE, rows_of, write_tables
    from nbjudge.reports.score_table import table_text
    from nbjudge.reports.scores import Sheet

    here: Workspace = options.workspace
    if other := disagreement(points_of_gradebook(here), here.assignment.facts()):
        print(f"The gradebook's points are not the course's: {other}.", file=sys.stderr)
        print(f"Build the notebooks anew, then `nbjudge grade {here.id}`: no table is made of both.", file=sys.stderr)
        return 2
    try:
        sheet = Sheet.of(here)
    except NotBuilt as unreadable:
        print(unreadable, file=sys.stderr)
        return 2
    rows = rows_of(here, sheet)
    print(table_text(rows, sheet))
    failures = Failures(here.graded)
    for row in rows:
        if why := row.problem or failures.of(row.student):
            print(f"{shown_student(row.student)}: {why}", file=sys.stderr)
    _say_overlooked(overlooked(here), here)
    try:
        write_tables(rows, here, sheet)
    except Exception as error:  # the table is made all the same
        print(f"{PAGE} could not be written: {reason(error)}", file=sys.stderr)
        return 1
    return 0


def _artifacts(options: argparse.Namespace) -> int:
    from nbjudge.grade.failures import reason
    from nbjudge.grade.state import students
    from nbjudge.grade.student_names import shown_student

    failed, here = False, options.workspace
    if type(here.assignment).findings is Assignment.findings:
        print(f"There is nothing to show: of the submissions of {here.id} only the notebooks are judged. An assignment looks")
        print("into other files, such as weights, where its class says what is to be found there (`tasks` and `findings`).")
        return 0
    chosen = _chosen(options, students(here))
    for student in chosen:
        try:
            if said := here.assignment.findings(here, student):
                print(said, flush=True)
        except Exception as error:
            failed = True
            print(f"{shown_student(student)}: {reason(error)}", file=sys.stderr)
    return 2 if not chosen else int(failed)


def _formgrader(options: argparse.Namespace) -> int:
    """The formgrader is a part of Jupyter's server; nbgrader has no command for it. Gives this process to the server."""
    os.chdir(options.root)  # where nbgrader's configuration is
    os.execv(sys.executable, [sys.executable, "-m", "jupyter_server", *_server_options(options.more)])


def _server_options(given: Sequence[str]) -> list[str]:
    """What the server is started with: ours, but where Jupyter's options on the command line say otherwise."""
    said = {option.partition("=")[0] for option in given}
    ours = {"--ServerApp.default_url": "/formgrader", "--ServerApp.open_browser": "True"}
    also = {"--ServerApp.open_browser": {"--no-browser"}}  # a short form
    return [*(f"{name}={value}" for name, value in ours.items() if not said & {name, *also.get(name, ())}), *given]


def _new(options: argparse.Namespace) -> int:
    from nbjudge.skeleton import NotNew, write_assignment

    try:
        written = write_assignment(options.root, options.name)
    except NotNew as why:
        print(why, file=sys.stderr)
        return 2
    for path in written:
        print(f"wrote {path.relative_to(options.root)}")
    print(f"`nbjudge grade {options.name}` grades the two submissions; then make the notebook in source/ your own.")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from nbjudge.doctor import main as doctor

    return doctor(options.workspace)


if __name__ == "__main__":
    sys.exit(main())
