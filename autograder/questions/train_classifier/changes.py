"""The changes of its counted questions, made to an answer from outside. Hidden: a student foretells what they do."""

from __future__ import annotations

from collections.abc import Callable

import torch
from ps8.explain.item import Ran
from ps8.explain.levers import at_each_step, cut_behind, which_moved
from ps8.probes import Namespace
from ps8.probes.tools import Numbers, parameter_vector
from ps8.questions.train_classifier.practice import NoFeatures, blank_classifier, train
from ps8.questions.train_classifier.probe import TinyClassifier, TinyEncoder
from torch import nn


def ahead(namespace: Namespace, numbers: Numbers, c: int, d: float, n: int) -> Ran:
    cls = blank_classifier()
    with torch.no_grad():
        cls.bias[c] = d
    with at_each_step(lr=0.0):
        return Ran(train(namespace, NoFeatures(), cls, torch.full((4 * n,), c), False)[0])


def cut(namespace: Namespace, numbers: Numbers, decay: str, supervised: bool) -> Ran:
    encoder, cls = TinyEncoder(numbers), TinyClassifier(numbers)
    cut_behind(encoder)
    parts: dict[str, nn.Module] = {"encoder": encoder, "classifier": cls}
    before = {name: parameter_vector(part) for name, part in parts.items()}
    with at_each_step(**({"weight_decay": 0.0} if decay == "0" else {})):
        train(namespace, encoder, cls, numbers.integers("labels", 10, 4), supervised)
    return which_moved(parts, before)


CHANGES: dict[str, Callable[..., Ran]] = {
    "ahead": ahead,
    "cut": cut,
}
