"""1.5: the training of a linear classifier, frozen and supervised."""

from __future__ import annotations

from ps8.questions.shared.room import Room
from ps8.questions.train_classifier.check import check_train_classifier
from ps8.questions.train_classifier.counted import STATEMENTS
from ps8.questions.train_classifier.practice import ITEMS
from ps8.questions.train_classifier.probe import probe_train_classifier

ROOM = Room(("train_classifier", "supervised"), check_train_classifier, probe_train_classifier, ITEMS, STATEMENTS, trains=True)
