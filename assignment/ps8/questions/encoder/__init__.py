"""1.1: four convolutions that turn an image into a code."""

from __future__ import annotations

from ps8.questions.encoder.check import check_encoder
from ps8.questions.encoder.counted import STATEMENTS
from ps8.questions.encoder.practice import ITEMS
from ps8.questions.encoder.probe import probe_encoder
from ps8.questions.shared.room import Room

ROOM = Room(("Encoder",), check_encoder, probe_encoder, ITEMS, STATEMENTS)
