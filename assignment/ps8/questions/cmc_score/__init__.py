"""2.2: scores against the memory banks, and the banks' update."""

from __future__ import annotations

from ps8.questions.shared.room import Room

from .check import check_cmc_score
from .counted import STATEMENTS
from .practice import ITEMS
from .probe import probe_cmc_score

ROOM = Room(("CMCScore",), check_cmc_score, probe_cmc_score, ITEMS, STATEMENTS)
