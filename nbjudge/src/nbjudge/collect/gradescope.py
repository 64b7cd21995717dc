"""An export of Gradescope's: Review Grades, Export Submissions. A folder `submission_123` each, and `submission_metadata.yml`.

The metadata have, by the folder's name, `:submitters:` (`:name:`, `:sid:`, `:email:` of each in the group), `:created_at:` and
`:history:` of earlier submissions, whose files are not in the export. Gradescope describes the file nowhere; this follows
exports of 2023 to 2026.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import dateutil.parser
import yaml

from nbjudge.collect.entries import DownloadEntry, Layout, Owner
from nbjudge.repair.members import Member

PLATFORM = "Gradescope"
METADATA = "submission_metadata.yml"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # tens of times as fast, where PyYAML was built with it


def metadata_of(members: Sequence[Member]) -> Member | None:
    """The file that makes a download one of Gradescope's."""
    found = [member for member in members if member.name == METADATA]
    return min(found, key=lambda member: member.path.count("/"), default=None)


def layout(members: Sequence[Member], metadata: Member, text: bytes) -> Layout:
    """The submissions of an export, by their folders.

    Args:
        members: all of the download.
        metadata: the file of which `text` is.
        text: its bytes.

    Raises:
        ValueError: if they are not what Gradescope writes.
    """
    try:
        told = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise ValueError(f"{METADATA} cannot be read ({type(error).__name__})") from None
    if not isinstance(told, Mapping):
        raise ValueError(f"{METADATA} holds no submissions")
    root = metadata.path[: -len(METADATA)]
    found = Layout(PLATFORM)
    files: dict[str, list[tuple[Member, str]]] = {}
    for member in members:
        folder, _, rest = member.path.removeprefix(root).partition("/")
        if member is metadata:
            continue
        if folder in told and rest and member.path.startswith(root):
            files.setdefault(folder, []).append((member, rest))
        else:
            found.others.append(member.path)
    for folder, facts in told.items():
        found.entries.append(_entry(str(folder), facts if isinstance(facts, Mapping) else {}, files.get(folder, [])))
    return found


def _entry(folder: str, facts: Mapping[str, Any], files: Sequence[tuple[Member, str]]) -> DownloadEntry:
    submitters = facts.get(":submitters")
    people = [one for one in submitters if isinstance(one, Mapping)] if isinstance(submitters, list) else []
    owners = tuple(
        Owner(
            tuple((key, str(one[name])) for key, name in (("number", ":sid"), ("email", ":email")) if one.get(name)),
            str(one.get(":name") or ""),
        )
        for one in people
    )
    problem = "" if files else "has no files in the export"
    return DownloadEntry(folder, owners or (Owner(),), tuple(files), when=_when(facts.get(":created_at")), problem=problem)


def _when(value: object) -> datetime | None:
    """A time as YAML gives it: read already, or as a text; without a zone it is UTC, as YAML has it."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date) or not isinstance(value, str):
        return None
    try:
        when: datetime = dateutil.parser.parse(value)
    except (ValueError, OverflowError):
        return None
    return when
