"""1.2: four transposed convolutions that turn a code back into an image."""

from __future__ import annotations

from ps8.questions.shared.room import Room

from .check import check_decoder
from .counted import STATEMENTS
from .practice import ITEMS
from .probe import probe_decoder

ROOM = Room(("Decoder",), check_decoder, probe_decoder, ITEMS, STATEMENTS)
