"""2.2: scores against the memory banks, and the banks' update."""

from __future__ import annotations

from ps8.questions.cmc_score.check import check_cmc_score
from ps8.questions.cmc_score.counted import STATEMENTS
from ps8.questions.cmc_score.practice import ITEMS
from ps8.questions.cmc_score.probe import probe_cmc_score
from ps8.questions.shared.room import Room

ROOM = Room(("CMCScore",), check_cmc_score, probe_cmc_score, ITEMS, STATEMENTS)
