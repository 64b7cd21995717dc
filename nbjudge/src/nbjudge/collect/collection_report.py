"""What a collection found, in words, for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from nbjudge.collect.collected_files import Writer
from nbjudge.collect.collection_plan import NEW, REPLACES, SAME, CollectionPlan
from nbjudge.collect.sheets import Worksheet
from nbjudge.ground.foreign_names import shown
from nbjudge.roster.roster_entry import Roster


def report_lines(plan: CollectionPlan, roster: Roster, worksheet: Worksheet) -> Iterator[str]:
    """The report."""
    states = Counter(taken.state for taken in plan.taken.values())
    yield f"{len(roster.students)} students on the roster; {', '.join(plan.downloads)}."
    counts = f"{states[NEW]} new, {states[REPLACES]} replace what is there, {states[SAME]} are there already"
    yield f"{len(plan.taken)} submissions: {counts}."
    late = [id for id, taken in plan.taken.items() if taken.candidate.entry.late]
    timed = sum(taken.candidate.when is not None for taken in plan.taken.values())
    untimed = [id for id in late if plan.taken[id].candidate.when is None]
    yield f"  When they were submitted is known of {timed}; {len(late)} are marked late."
    yield from _part("Late, and it is not known by how much: give --worksheet FILE, or late penalties leave them out", untimed)
    yield from _part("Times of the worksheet that are not understood", list(map(shown, worksheet.unread)))
    yield from _part("There more than once", [f"{shown(id)}: {what}" for id, what in plan.twice.items()])
    doubts = [f"{shown(id)}: {doubt}" for id, taken in plan.taken.items() for doubt in taken.doubts]
    yield from _part("Taken, but look at them", doubts)
    unreadable = [f"{shown(id)}: {why}" for id, why in sorted(plan.unreadable.items())]
    yield from _part("Unreadable: nothing of theirs can be taken", unreadable)
    yield from _part("Unknown: left in the download", plan.matched.unknown)
    yield from _part("Files that belong to no submission: left in the download", plan.matched.others)
    yield from _part("Notes", plan.matched.notes)
    missing = [f"{shown(id)}  {shown(roster.students[id].name)}".rstrip() for id in plan.missing]
    yield from _part("Missing: on the roster, and nothing submitted", missing)


def _part(title: str, entries: Sequence[str]) -> Iterator[str]:
    if entries:
        yield f"{title} ({len(entries)}):"
        yield from (f"  {entry}" for entry in entries)


def done(writer: Writer, plan: CollectionPlan, submitted: Path) -> Iterator[str]:
    """What was written."""
    written = sum(taken.state != SAME for taken in plan.taken.values()) - len(writer.failed)
    yield f"{written} written into {submitted.name}/."
    if writer.replaced:
        folders = sorted({path.rsplit("/", 1)[0] for path in writer.replaced.values()})
        yield f"What they replace is kept in {', '.join(folders)}/."
    yield from _part("Could not be written", [f"{shown(id)}: {why}" for id, why in writer.failed.items()])
