"""2.1: an encoder for each view."""

from __future__ import annotations

from ps8.questions.encoder_cmc.check import check_encoder_cmc
from ps8.questions.encoder_cmc.counted import STATEMENTS
from ps8.questions.encoder_cmc.practice import ITEMS
from ps8.questions.encoder_cmc.probe import probe_encoder_cmc
from ps8.questions.shared.room import Room

ROOM = Room(("EncoderCMC",), check_encoder_cmc, probe_encoder_cmc, ITEMS, STATEMENTS)
