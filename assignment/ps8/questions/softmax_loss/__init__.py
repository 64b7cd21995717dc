"""2.2: the softmax loss."""

from __future__ import annotations

from ps8.questions.shared.room import Room
from ps8.questions.softmax_loss.check import check_softmax_loss
from ps8.questions.softmax_loss.counted import STATEMENTS
from ps8.questions.softmax_loss.practice import ITEMS
from ps8.questions.softmax_loss.probe import probe_softmax_loss

ROOM = Room(("SoftmaxLoss",), check_softmax_loss, probe_softmax_loss, ITEMS, STATEMENTS)
