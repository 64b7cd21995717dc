"""2.2: the softmax loss."""

from __future__ import annotations

from ps8.questions.shared.room import Room

from .check import check_softmax_loss
from .counted import STATEMENTS
from .practice import ITEMS
from .probe import probe_softmax_loss

ROOM = Room(("SoftmaxLoss",), check_softmax_loss, probe_softmax_loss, ITEMS, STATEMENTS)
