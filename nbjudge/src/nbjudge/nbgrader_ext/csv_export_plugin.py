"""`nbgrader export --exporter nbjudge.nbgrader_ext.csv_export_plugin.Csv`, in place of nbgrader's own exporter.

That one quotes nothing, gives 0 to whose report waits, and counts a bonus among the most that can be earned.
"""

from __future__ import annotations

from pathlib import Path

from nbjudge.export.grades import grades_of
from nbjudge.export.plain_grades import csv_of
from nbjudge.ground.atomic_files import write_whole
from nbjudge.nbgrader_ext.course_directory import course_of
from nbjudge.nbgrader_ext.doors import ExportPlugin, Gradebook
from nbjudge.reports.score_files import rows_of
from nbjudge.reports.scores import Sheet
from nbjudge.roster.roster_file import load_or_none
from nbjudge.workspace import Workspace, assignments_of


class Csv(ExportPlugin):
    """One table for each assignment: `grades-ps1.csv`, or with one assignment the file that `--to` names."""

    def export(self, gradebook: Gradebook) -> None:
        """As nbgrader's exporters."""
        root = Path(course_of(self).root)
        wanted = list(map(str, self.assignment)) or assignments_of(root)
        for name in wanted:
            here = Workspace.of(root, name)
            sheet = Sheet.of(here)
            rows = [row for row in rows_of(here, sheet) if not self.student or row.student in map(str, self.student)]
            target = Path(self.to) if self.to and len(wanted) == 1 else root / f"grades-{name}.csv"
            write_whole(target, csv_of(grades_of(rows, load_or_none(root)), sheet))
            self.log.info("wrote %s", target)
