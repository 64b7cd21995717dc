"""The questions, each a folder: what it is called, how its answer is tried, and what a student is told of it. No answers.

    question.toml   its title, the first hint, the likely causes with their hints
    probe.py        calls an answer on inputs drawn from a seed and records what came; the grader uses the same
    check.py        the student's check, of what the lesson's text says
    practice.py     changes to one's own code that `ps8.explain` asks about; counted.py: those that may be counted

Every folder with a `question.toml` is one; nothing else lists them. What several share is in `shared`. The hidden half, what
an answer is judged by, is the grader's.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ps8.checks.hints import TEXTS
from ps8.explain.item import PracticeItem
from ps8.probes.evidence import Evidence
from ps8.probes.tools import Namespace, Numbers
from ps8.questions.shared.room import Room

ROOMS: dict[str, Room] = {name: import_module(f"{__name__}.{name}").ROOM for name in TEXTS}

PROBES: dict[str, Callable[[Namespace, Numbers], Evidence]] = {
    name: room.probe for name, room in ROOMS.items() if room.probe is not None
}
CHECKS: dict[str, Callable[[Namespace], str]] = {name: ROOMS[name].check for name in PROBES}
PRACTICE: dict[str, tuple[PracticeItem, ...]] = {name: ROOMS[name].practice for name in PROBES}
READ = tuple(name for name in ROOMS if name not in PROBES)  # answers that are data: the grader reads them from the cell's text

__all__ = ["CHECKS", "PRACTICE", "PROBES", "READ", "ROOMS", "Room"]
