"""2.3: the training loop of CMC."""

from __future__ import annotations

from ps8.questions.shared.room import Room

from .check import check_train_cmc
from .counted import STATEMENTS
from .practice import ITEMS
from .probe import probe_train_cmc

ROOM = Room(("train_cmc",), check_train_cmc, probe_train_cmc, ITEMS, STATEMENTS, trains=True)
