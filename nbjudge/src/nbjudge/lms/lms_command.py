"""The subcommands `roster`, `collect`, `late` and `export`: what they take, and what they say."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime, timezone, tzinfo
from pathlib import Path
from typing import Protocol

from nbjudge.course import workspace
from nbjudge.workspace import Workspace, assignments_of


class Add(Protocol):
    """Adds a subcommand, which finds the course directory; with `one`, an assignment of it, too."""

    def __call__(
        self, name: str, run: Callable[[argparse.Namespace], int], says: str, /, *, one: bool = True
    ) -> argparse.ArgumentParser: ...


FORMATS = ("canvas", "moodle", "gradescope", "csv", "json", "canvas-feedback", "moodle-feedback")
TABLES = "canvas takes its gradebook's export as TABLE, and moodle the grading worksheet, and each is given back filled in"
DRY = "Nothing is written yet: the same command with --write does it."


def add(command: Add) -> None:
    """Adds the subcommands."""
    roster = command("roster", _roster, "take who is in the course from a platform's export, or show it", one=False)
    roster.add_argument("file", nargs="?", type=Path, help="Canvas's gradebook, Moodle's grades or participants, or any CSV")
    roster.add_argument("--id", default="", metavar="COLUMN", help="which column names the folders in submitted/")
    collect = command("collect", _collect, "take submissions from a platform's download; says first what it does", one=False)
    collect.add_argument("names", nargs="+", metavar="[assignment] DOWNLOAD", help="zips or folders, the newest last")
    collect.add_argument("--worksheet", type=Path, metavar="FILE", help="when each was submitted: Moodle's, or student,time")
    collect.add_argument("--groups", type=Path, metavar="FILE", help="who is in which group: Canvas's export of a group set")
    export = command("export", _export, "give the grades, or the feedback pages, to a platform", one=False)
    export.add_argument("names", nargs="+", metavar="[assignment] FORMAT [TABLE]", help=f"{', '.join(FORMATS)}; {TABLES}")
    export.add_argument("--to", type=Path, metavar="PATH", help="what is written (default: a name in the course directory)")
    export.add_argument(
        "--column", default="", metavar="TITLE", help="of Canvas's table (default: as the assignment is called)"
    )
    export.add_argument("--so-far", action="store_true", help="also of whose report waits for a person: what is graded so far")
    export.add_argument("--zeros", action="store_true", help="0 for everybody who has submitted nothing")
    policy = command("late", _late, "say who loses what by being late, and why; after grading by hand, enter it")
    for added in (roster, collect, policy):
        added.add_argument("--write", action="store_true", help="do it; without this, it is only said what would be done")


def _roster(options: argparse.Namespace) -> int:
    from nbjudge.roster.formats import NoRoster, read_roster
    from nbjudge.roster.roster_entry import Roster
    from nbjudge.roster.roster_file import FILE, compare, load, save

    root: Path = options.root
    try:
        if options.file is None:
            known = load(root)
            _say(f"{student.id}  {student.name}  {student.email}".rstrip() for student in known.students.values())
            return 0
        read = read_roster(options.file, options.id)
        old = load(root) if (root / FILE).is_file() else Roster()
    except NoRoster as why:
        print(why, file=sys.stderr)
        return 2
    change = compare(old, read.roster)
    print(f"{len(read.roster.students)} students, from {read.kind}; their folders are named by: {read.id_column}.")
    for title, ids in (("new", change.new), ("changed", change.changed), ("no longer there", change.gone)):
        if ids:
            print(f"  {title} ({len(ids)}): {_listed(ids)}")
    if read.left_out:
        print(f"  left out: {_listed(read.left_out)}")
    if not options.write:
        print(DRY)
        return 0
    save(root, read.roster)
    print(f"{FILE} is written, and nbgrader's gradebook knows them.")
    return 0


def _collect(options: argparse.Namespace) -> int:
    from nbjudge.collect.collected_files import Writer
    from nbjudge.collect.collection_plan import plan
    from nbjudge.collect.collection_report import done, report_lines
    from nbjudge.collect.downloads import Download, NoDownload
    from nbjudge.collect.sheets import NoSheet, Worksheet, read_groups, read_worksheet
    from nbjudge.grade.lock import Busy, only_grader
    from nbjudge.roster.formats import NoRoster
    from nbjudge.roster.roster_file import load

    here, names = _named(options)
    with ExitStack() as opened:
        try:
            roster = load(here.root)
            worksheet = read_worksheet(options.worksheet, roster, _zone(here)) if options.worksheet else Worksheet()
            groups: Mapping[str, list[str]] = read_groups(options.groups, roster) if options.groups else {}
            downloads = [opened.enter_context(Download(Path(name))) for name in names]
            writer = Writer(here, datetime.now(timezone.utc))
            if options.write:
                opened.enter_context(only_grader(here.graded.parent))
                found = plan(here, downloads, roster, worksheet, groups, writer)
            else:
                found = plan(here, downloads, roster, worksheet, groups)
        except (NoRoster, NoSheet, NoDownload, Busy) as why:
            print(why, file=sys.stderr)
            return 2
    _say(report_lines(found, roster, worksheet))
    _say(done(writer, found, here.root / "submitted") if options.write else [DRY])
    return 1 if writer.failed else 0


def _export(options: argparse.Namespace) -> int:
    from nbjudge.export.filled_tables import NoColumn
    from nbjudge.export.grades import grades_of, waiting
    from nbjudge.grade.preconditions import NotBuilt, disagreement, points_of_gradebook
    from nbjudge.ground.spreadsheets import NoTable
    from nbjudge.lms.export_files import export
    from nbjudge.reports.score_files import rows_of
    from nbjudge.reports.scores import Sheet
    from nbjudge.roster.formats import NoRoster
    from nbjudge.roster.roster_file import load_or_none

    here, names = _named(options)
    if names[0] not in FORMATS or len(names) > 1 + (names[0] in ("canvas", "moodle")):
        print(f"`nbjudge export` takes one of {', '.join(FORMATS)}; {TABLES}.", file=sys.stderr)
        return 2
    if other := disagreement(points_of_gradebook(here), here.assignment.facts()):
        print(f"The gradebook's points are not the course's: {other}. Grade again first.", file=sys.stderr)
        return 2
    try:
        sheet, roster = Sheet.of(here), load_or_none(here.root)
        grades = grades_of(rows_of(here, sheet), roster)
        notes = export(here, sheet, grades, names, options)
    except (NotBuilt, NoRoster, NoTable, NoColumn) as why:
        print(why, file=sys.stderr)
        return 2
    _say(notes)
    for note in waiting(grades):
        print(f"  {note}", file=sys.stderr)
    return 0


def _late(options: argparse.Namespace) -> int:
    from nbjudge.policies.recompute import charge_lines, charges

    found = charges(options.workspace, write=options.write)
    changed = [charge.student for charge in found if charge.changes]
    _say(charge_lines(found))
    print(f"{len(found)} submissions, {sum(charge.after > 0 for charge in found)} lose points.", end=" ")
    if options.write:
        print(f"{len(changed)} penalties and extensions are changed in the gradebook.")
    else:
        print(f"{len(changed)} are other than in the gradebook. {DRY}" if changed else "So it stands in the gradebook.")
    return 0


def _named(options: argparse.Namespace) -> tuple[Workspace, list[str]]:
    """The assignment, and what else is named: the first name is the assignment's, if there is one of that name."""
    names: list[str] = options.names
    if len(names) > 1 and names[0] in assignments_of(options.root):
        return workspace(options.root, names[0]), names[1:]
    return workspace(options.root), names


def _zone(here: Workspace) -> tzinfo:
    """That of the deadline, for times that a platform writes without one."""
    deadline = here.assignment.facts().deadline
    return (deadline.tzinfo if deadline else None) or timezone.utc


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _listed(names: list[str], most: int = 12) -> str:
    from nbjudge.grade.student_names import shown_student
    from nbjudge.ground.listing import listed

    return listed([shown_student(name, 60) for name in names], most)
