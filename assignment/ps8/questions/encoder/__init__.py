"""1.1: four convolutions that turn an image into a code."""

from __future__ import annotations

from ps8.questions.shared.room import Room

from .check import check_encoder
from .counted import STATEMENTS
from .practice import ITEMS
from .probe import probe_encoder

ROOM = Room(("Encoder",), check_encoder, probe_encoder, ITEMS, STATEMENTS)
