"""1.2: four transposed convolutions that turn a code back into an image."""

from __future__ import annotations

from ps8.questions.decoder.check import check_decoder
from ps8.questions.decoder.counted import STATEMENTS
from ps8.questions.decoder.practice import ITEMS
from ps8.questions.decoder.probe import probe_decoder
from ps8.questions.shared.room import Room

ROOM = Room(("Decoder",), check_decoder, probe_decoder, ITEMS, STATEMENTS)
