"""2.1: an encoder for each view."""

from __future__ import annotations

from ps8.questions.shared.room import Room

from .check import check_encoder_cmc
from .counted import STATEMENTS
from .practice import ITEMS
from .probe import probe_encoder_cmc

ROOM = Room(("EncoderCMC",), check_encoder_cmc, probe_encoder_cmc, ITEMS, STATEMENTS)
