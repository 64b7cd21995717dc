"""1.4: the training loop of the autoencoder."""

from __future__ import annotations

from ps8.questions.shared.room import Room

from .check import check_train_ae
from .counted import STATEMENTS
from .practice import ITEMS
from .probe import probe_train_ae

ROOM = Room(("train_ae",), check_train_ae, probe_train_ae, ITEMS, STATEMENTS, trains=True)
