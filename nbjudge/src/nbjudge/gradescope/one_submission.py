"""Grades the one submission in a tree as Gradescope has it, in a course directory of its own, and writes its results."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from nbjudge.course import workspace
from nbjudge.export.grades import grades_of
from nbjudge.export.gradescope_results import results
from nbjudge.grade import class_run
from nbjudge.grade.failures import Failures
from nbjudge.gradescope.run_autograder import FAULT, SETTINGS, failed
from nbjudge.gradescope.submission_metadata import SubmissionMetadata
from nbjudge.ground import notebooks
from nbjudge.ground.characters import one_line, visible
from nbjudge.jail import reasons_unavailable
from nbjudge.jail.unjailed import explain
from nbjudge.judge.rounds import FOLDER, Rounds
from nbjudge.nbgrader_ext.timestamps import NAME as TIMESTAMP
from nbjudge.pages.levels import Level, level, redacted
from nbjudge.record import Record
from nbjudge.reports.scores import Sheet, read_scores
from nbjudge.roster.roster_entry import Roster
from nbjudge.workspace import GRADED, Workspace

HERE = (
    "Gradescope starts this container: how it is started cannot be changed there. Grade on a machine with a jail instead: "
    "`nbjudge collect` takes Gradescope's export of submissions. If you accept what is said above, opt in: `unjailed` in the "
    "course's own settings and a new zip, or the line about NBJUDGE_UNJAILED in run_autograder."
)
LATE = "This came after it was due: what that costs is for Gradescope to take off, and is not in these points."


class NotGraded(Exception):
    """There is no grade. The text is for the student; what there is more to know has been printed, for instructors."""


def grade_one(tree: Path, course: Path) -> dict[str, Any]:
    """The results of the submission in a tree.

    Args:
        tree: as Gradescope's /autograder.
        course: a course directory as it was packed, in which this may write.

    Raises:
        NotGraded: if there are none.
    """
    here = _workspace(tree, course)
    metadata = SubmissionMetadata.read(tree / "submission_metadata.json")
    if metadata.doubt:
        print(f"{metadata.doubt}: it is not known whose this is, or until when one may submit.", flush=True)
    _demand_jail(here)
    student = metadata.student
    place(tree / "submission", here.submitted(student))
    # Each submission of a student meets inputs of its own, and the same ones when it is graded again.
    Rounds(here.root / GRADED / FOLDER).used_up(metadata.before)
    summary = class_run.grade(here, [student], jobs=1)
    if student not in summary.graded:
        _say(summary.stopped, *summary.failed.values(), _noted(here, student))
        raise NotGraded(FAULT.format(what="the grader could not finish it."))
    sheet = Sheet.of(here)
    grade = next(grade for grade in grades_of(read_scores(here, sheet), Roster()) if grade.student.id == student)
    if grade.row is None or grade.row.problem:
        _say(grade.row.problem if grade.row else "the gradebook does not have the student")
        raise NotGraded(FAULT.format(what="its points could not be read."))
    said = feedback_level(here, metadata)
    told = results(grade, grade.row, sheet, here, said)
    more = [*remarks(here, student, said), *([LATE] if metadata.late else [])]
    told["output"] = "\n".join([told["output"], *more])
    told["extra_data"]["jailed"] = not reasons_unavailable()
    return {**told, "stdout_visibility": "hidden"}


def feedback_level(here: Workspace, metadata: SubmissionMetadata, now: datetime | None = None) -> Level:
    """How much is said: as the course wants it, but all of it only once nobody may submit any more, here or by the course.

    Args:
        here: the assignment.
        metadata: of the submission.
        now: the time, by default that of the clock.
    """
    now, facts = now or datetime.now(timezone.utc), here.assignment.facts()
    over = not metadata.doubt and (metadata.until is None or now > metadata.until)
    return "reason" if facts.feedback_level == "auto" and not over else level(facts, now)


def remarks(here: Workspace, student: str, said: Level) -> Iterator[str]:
    """What was put right, and what else the student's page says above the notebook, a line each."""
    for path in sorted(here.autograded(student).glob("*.ipynb")):
        for remark in Record.of(notebooks.read(path)).remarks:
            yield one_line(remark if said == "full" else redacted(remark))


def json_ready(told: Any) -> Any:
    """The same with texts that any program can read: a student's exceptions have a say in them."""
    if isinstance(told, dict):
        return {name: json_ready(value) for name, value in told.items()}
    if isinstance(told, list):
        return [json_ready(value) for value in told]
    return visible(told) if isinstance(told, str) else told


def _workspace(tree: Path, course: Path) -> Workspace:
    settings = json.loads((tree / "source" / SETTINGS).read_text("utf-8"))
    shutil.copytree(tree / "source" / "course", course)
    return workspace(course, settings["assignment"])


def _demand_jail(here: Workspace) -> None:
    """Says it to the instructor where student code cannot be jailed; without an opt-in, nothing is run there."""
    if not (reasons := reasons_unavailable()):
        return
    if not here.assignment.jail().unjailed:
        _say(explain(reasons), HERE)
        raise NotGraded(FAULT.format(what="its code cannot be jailed on this machine, so none of it was run."))
    _say("Student code runs WITHOUT a jail here, with the grader's rights, since that was opted in to:", *reasons)


def place(submission: Path, folder: Path) -> None:
    """Copies the submission to where nbgrader looks for it. Links stay links, and no time in it is believed."""
    folder.parent.mkdir(parents=True)
    folder.mkdir()
    if not submission.is_dir():
        _say("There is no folder `submission`.")
        return
    ignored = shutil.ignore_patterns(TIMESTAMP)
    try:
        shutil.copytree(submission, folder, symlinks=True, ignore=ignored, dirs_exist_ok=True)
    except shutil.Error as error:  # at the end: pipes, sockets and what cannot be read; the rest is copied
        _say(*(f"not copied: {place}: {why}" for place, _, why in error.args[0]))


def _noted(here: Workspace, student: str) -> str:
    path = Failures(here.graded).path(student)
    return path.read_text("utf-8", "replace") if path.is_file() else ""


def _say(*lines: str) -> None:
    """On stdout, which Gradescope shows to instructors."""
    for said in filter(None, lines):
        print(said, flush=True)


def _prepare(tree: Path, course: Path) -> int:
    """When the image is built: does what is done once, and says what is missing. The machine that grades may be another."""
    here = _workspace(tree, course)
    here.assignment.make_ready()
    for reason in reasons_unavailable():
        _say(f"No jail while the image is built (it is looked for again at each submission): {reason}")
    _say(f"Ready to grade {here.id}.")
    return 0


def main(arguments: list[str]) -> int:
    """Takes the tree, and the file for the results or `--prepare`; returns the exit status."""
    tree, out = Path(arguments[0]), arguments[1]
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as folder:
        if out == "--prepare":
            return _prepare(tree, Path(folder) / "course")
        try:
            told = grade_one(tree, Path(folder) / "course")
        except NotGraded as why:
            told = failed(str(why))
        except Exception:  # a fault of ours or of the course's
            _say(traceback.format_exc())
            told = failed(FAULT.format(what="the grader met a fault of its own."))
        Path(out).write_text(json.dumps(json_ready(told), allow_nan=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
