"""`timestamp.txt`: when a submission was handed in. Whoever wrote it, it must not stop the grading, nor say what cannot be.

nbgrader opens the file whatever it is, and gives up on a student whose file holds no time. `tolerate` mends that for nbgrader's
own commands; `nbjudge grade` reads the file here before nbgrader sees it.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import dateutil.parser
import dateutil.tz
from nbgrader.coursedir import CourseDirectory

from nbjudge.assignment import named
from nbjudge.repair.file_reader import FileRefused, read_file

NAME = "timestamp.txt"
EARLIEST = timedelta(days=365)  # before the deadline
_LONGEST = 200  # bytes


def read_timestamp(folder: Path) -> tuple[datetime | None, str]:
    """The time that the file in a submission's folder gives, in UTC without a zone, as nbgrader keeps it.

    Returns:
        The time, and nothing; or None and why the file was not believed; or None and nothing, if there is no file.
    """
    if not (folder / NAME).is_symlink() and not (folder / NAME).exists():
        return None, ""
    try:
        data, _ = read_file(folder / NAME, _LONGEST + 1)
    except FileRefused as refused:
        return None, _said(str(refused))
    try:
        when = _parsed(data.decode("utf-8").strip()) if len(data) <= _LONGEST else None
    except Exception:  # dateutil has several for what is no time
        when = None
    if when is None:
        return None, _said("holds no time")
    latest = datetime.now(timezone.utc).replace(tzinfo=None) + timedelta(days=1)
    deadline = named(folder.name).facts().deadline  # a submission's folder has its assignment's name
    earliest = deadline.astimezone(timezone.utc).replace(tzinfo=None) - EARLIEST if deadline else datetime.min
    if not earliest <= when <= latest:
        return None, _said(f"says {when:%Y-%m-%d %H:%M}, which cannot be")
    return when, ""


def _parsed(text: str) -> datetime:
    """As nbgrader reads it, but for offsets such as +0200, which nbgrader takes for seconds."""
    when: datetime = dateutil.parser.parse(
        text, tzinfos=lambda name, offset: dateutil.tz.gettz(name) if offset is None else offset
    )
    return when.astimezone(timezone.utc).replace(tzinfo=None) if when.tzinfo else when


def _said(what: str) -> str:
    return f"{NAME} {what}: it is not known when this was handed in."


def write_timestamp(folder: Path, when: datetime) -> None:
    """Writes a time as nbgrader reads it."""
    (folder / NAME).write_text(f"{when:%Y-%m-%d %H:%M:%S.%f} UTC\n")


def tolerate() -> None:
    """From now on nbgrader's commands in this process take a file that gives no time for none, with a warning.

    There is no setting for this: nbgrader makes the object that reads the file by itself.
    """

    def get_existing_timestamp(self: CourseDirectory, dest_path: str) -> datetime | None:
        when, problem = read_timestamp(Path(dest_path))
        if problem:
            self.log.warning("%s: %s", dest_path, problem)
        return when

    CourseDirectory.get_existing_timestamp = get_existing_timestamp
