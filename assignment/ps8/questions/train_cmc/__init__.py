"""2.3: the training loop of CMC."""

from __future__ import annotations

from ps8.questions.shared.room import Room
from ps8.questions.train_cmc.check import check_train_cmc
from ps8.questions.train_cmc.counted import STATEMENTS
from ps8.questions.train_cmc.practice import ITEMS
from ps8.questions.train_cmc.probe import probe_train_cmc

ROOM = Room(("train_cmc",), check_train_cmc, probe_train_cmc, ITEMS, STATEMENTS, trains=True)
