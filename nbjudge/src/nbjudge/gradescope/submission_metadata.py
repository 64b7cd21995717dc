"""`submission_metadata.json`, in which Gradescope says whose a submission is, when it came, and until when one may submit.

After gradescope-autograders.readthedocs.io, Submission Metadata. What is missing there or of another form is not known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import dateutil.parser

UNKNOWN = "student"


@dataclass(frozen=True)
class SubmissionMetadata:
    """Of one submission.

    Attributes:
        student: what the submission's folder is called: an e-mail address, or Gradescope's number of the student.
        before: how many submissions of the same student came before it.
        created: when it was submitted; None if that is not known.
        due: when it was due.
        until: the last of the times until which one may submit; None if there is none.
        doubt: why something could not be read; empty if all could.
    """

    student: str = UNKNOWN
    before: int = 0
    created: datetime | None = None
    due: datetime | None = None
    until: datetime | None = None
    doubt: str = ""

    @property
    def late(self) -> bool:
        """Whether it came after it was due."""
        return self.created is not None and self.due is not None and self.created > self.due

    @classmethod
    def read(cls, path: Path) -> SubmissionMetadata:
        """That in a file; where there is none, or one of another form, its `doubt` says so."""
        try:
            told = json.loads(path.read_text("utf-8"))
            users, assignment = list(told["users"]), dict(told["assignment"])
            times = [_time(assignment.get(name)) for name in ("due_date", "late_due_date")]
            due = times[0]
            times += [time for user in users for time in _of_user(user)]
            return cls(
                student=_student(users),
                before=len(told.get("previous_submissions") or ()),
                created=_time(told.get("created_at")),
                due=due,
                until=max((time for time in times if time is not None), default=None),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            return cls(doubt=f"{path.name} is not as Gradescope writes it ({type(error).__name__}: {error})")


def _of_user(user: Mapping[str, Any]) -> Iterator[datetime | None]:
    """A student's own times, where one has longer."""
    own = user.get("assignment") or {}
    yield from (_time(own.get(name)) for name in ("due_date", "late_due_date"))


def _student(users: list[Mapping[str, Any]]) -> str:
    """The address of who submitted; of a group that of the first by Gradescope's numbers, whichever of them it was."""
    first = min(users, key=lambda user: int(user["id"]))
    address = str(first.get("email") or "").strip().lower()
    plain = address.isascii() and address.isprintable() and not set(address) & set(r"/\+ ,*?[]") and not address.startswith(".")
    return address if "@" in address and plain and len(address) < 200 else f"{UNKNOWN}-{int(first['id'])}"


def _time(text: Any) -> datetime | None:
    """A time with its offset; UTC where none is written."""
    if not text:
        return None
    time: datetime = dateutil.parser.isoparse(str(text))
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)
