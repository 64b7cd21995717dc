"""`make demo`: the main job from end to end, offline, on the bundled class and the photo sample."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import ps8
from nbjudge.jail import reasons_unavailable
from ps8.data import DataError

from autograder.course_notebooks import by_hand
from autograder.paths import ASSIGNMENT, COURSE, DATA, ROOT
from trials.classroom.submissions import students, write_class

if TYPE_CHECKING:
    from nbjudge.reports.scores import Sheet, StudentScores


def main(arguments: list[str] | None = None) -> int:
    """Builds the release, grades the bundled class, writes feedback and the class report. Returns the exit status."""
    argparse.ArgumentParser(prog="make demo", description=__doc__).parse_args(arguments)
    start = time.monotonic()
    say("1/5  The release, from the lesson and the reference")
    build = subprocess.run([sys.executable, "-m", "assignment.builder", "all"], cwd=ROOT, check=False)
    if build.returncode:
        return build.returncode

    say("2/5  The photo sample")
    try:
        print(f"{ps8.load_data(DATA)} in {DATA.relative_to(ROOT)}/")
    except (DataError, OSError) as error:
        print(error, file=sys.stderr)
        return 2

    members = write_class(COURSE / "submitted")
    say(f"3/5  Grading {len(members)} submissions of invented students, each in a jail of its own")
    if missing := reasons_unavailable():
        print("This machine cannot jail student code: " + "; ".join(map(str, missing)))
        print("The bundled class is ours, so the demo goes on without a jail. Do not grade real submissions so.")
        os.environ["NBJUDGE_UNJAILED"] = "1"

    from nbjudge.course import workspace
    from nbjudge.grade.class_run import grade
    from nbjudge.grade.feedback import write_feedback
    from nbjudge.reports.score_files import rows_of, write_tables
    from nbjudge.reports.score_table import table_text
    from nbjudge.reports.scores import Sheet

    here, names = workspace(COURSE, ASSIGNMENT), [member.name for member in members]
    summary = grade(here, names, again=True)
    if summary.stopped:
        print(f"Stopped: {summary.stopped}", file=sys.stderr)
        return 130 if summary.interrupted else 1

    say("4/5  Feedback")
    failed = {**summary.failed, **write_feedback(names, here)}

    say("5/5  Scores")
    sheet = Sheet.of(here)
    rows = rows_of(here, sheet, names)
    write_tables(rows, here, sheet)
    print(table_text(rows, sheet))
    print("\nWhat each student did:")
    for member in students():
        print(f"  {member.name:10} {member.note}")
    right = check(rows, sheet)
    print(f"\n{len(summary.graded)} submissions graded in {time.monotonic() - start:.0f} s. `-` waits for a human. Look at:")
    print("  autograder/grades.csv                                  the table")
    print("  autograder/class_report.html                           the class: questions, mistakes, who needs a look")
    print(f"  autograder/feedback/student03/{ASSIGNMENT}/{ASSIGNMENT}.html            what a student gets back")
    print("  cd autograder && ../.venv/bin/nbjudge formgrader    grade the reports by hand, in a browser")
    for student, why in failed.items():
        print(f"{student}: {why}", file=sys.stderr)
    return 1 if failed or not right else 0


def check(rows: Sequence[StudentScores], sheet: Sheet) -> bool:
    """Whether every score is what it is known to be."""
    known, written = {student.name: student.scores for student in students()}, by_hand()
    wrong = [
        f"{row.student}, {question}: {row.scores[question]}, expected {expected:g}"
        for row in rows
        for question, points in sheet.points.items()
        if question not in written and row.scores[question] != (expected := known[row.student].get(question, points))
    ]
    for line in wrong:
        print(f"Not the known right score: {line}", file=sys.stderr)
    return not wrong


def say(what: str) -> None:
    print(f"\n== {what}", flush=True)
