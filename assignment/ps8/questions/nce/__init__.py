"""The optional part: the NCE loss and its normaliser."""

from __future__ import annotations

from ps8.questions.nce.check import check_nce
from ps8.questions.nce.practice import ITEMS
from ps8.questions.nce.probe import probe_nce
from ps8.questions.shared.room import Room

ROOM = Room(("NCELoss",), check_nce, probe_nce, ITEMS)
