"""What `ps8.explain` asks for practice: a few changes to each answer, with the reason for what they do."""

from __future__ import annotations

from ps8.explain.item import Item
from ps8.explain.practice import autoencoder, caught, classifier, losses, scores, views

ITEMS: dict[str, tuple[Item, ...]] = {}
for _item in (*autoencoder.ITEMS, *classifier.ITEMS, *views.ITEMS, *scores.ITEMS, *losses.ITEMS, *caught.ITEMS):
    _question = _item.statement.question
    ITEMS[_question] = (*ITEMS.get(_question, ()), _item)

__all__ = ["ITEMS"]
