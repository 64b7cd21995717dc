"""The optional part: the NCE loss and its normaliser."""

from __future__ import annotations

from ps8.questions.shared.room import Room

from .check import check_nce
from .practice import ITEMS
from .probe import probe_nce

ROOM = Room(("NCELoss",), check_nce, probe_nce, ITEMS)
