"""1.4: the training loop of the autoencoder."""

from __future__ import annotations

from ps8.questions.shared.room import Room
from ps8.questions.train_ae.check import check_train_ae
from ps8.questions.train_ae.counted import STATEMENTS
from ps8.questions.train_ae.practice import ITEMS
from ps8.questions.train_ae.probe import probe_train_ae

ROOM = Room(("train_ae",), check_train_ae, probe_train_ae, ITEMS, STATEMENTS, trains=True)
