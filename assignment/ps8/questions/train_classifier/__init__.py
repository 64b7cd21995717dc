"""1.5: the training of a linear classifier, frozen and supervised."""

from __future__ import annotations

from ps8.questions.shared.room import Room

from .check import check_train_classifier
from .counted import STATEMENTS
from .practice import ITEMS
from .probe import probe_train_classifier

ROOM = Room(("train_classifier", "supervised"), check_train_classifier, probe_train_classifier, ITEMS, STATEMENTS, trains=True)
