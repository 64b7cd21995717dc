"""Changes to 1.5: dead features, weight decay, labels that are all alike."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ps8.explain.item import PracticeItem, Ran, Statement
from ps8.explain.levers import at_each_step, cut_behind, which_moved
from ps8.probes import Namespace
from ps8.probes.tools import Batches, Numbers, parameter_vector

from .probe import TinyClassifier, TinyEncoder

CLASSES = 10


def no_features(namespace: Namespace, numbers: Numbers, n: int) -> Ran:
    cls = blank_classifier()
    with at_each_step(lr=0.0):
        loss = train(namespace, NoFeatures(), cls, numbers.integers("labels", CLASSES, 4 * n), False)[0]
    return Ran(loss, f"the loss reported for the epoch was {loss:.4f}")


def decay_alone(namespace: Namespace, numbers: Numbers) -> Ran:
    encoder = TinyEncoder(numbers)
    cut_behind(encoder)
    before = parameter_vector(encoder)
    train(namespace, encoder, TinyClassifier(numbers), numbers.integers("labels", CLASSES, 4), True)
    after = parameter_vector(encoder)
    key = "same" if torch.equal(before, after) else "smaller" if after.norm() < before.norm() else "larger"
    text = f"the length of all its weights together was {float(before.norm()):.5f} before, and {float(after.norm()):.5f} after"
    return Ran(key, text)


def frozen_decay(namespace: Namespace, numbers: Numbers) -> Ran:
    encoder, cls = TinyEncoder(numbers), TinyClassifier(numbers)
    parts: dict[str, nn.Module] = {"encoder": encoder, "classifier": cls}
    before = {name: parameter_vector(part) for name, part in parts.items()}
    train(namespace, encoder, cls, numbers.integers("labels", CLASSES, 4), False)
    return which_moved(parts, before)


def few_labels(namespace: Namespace, numbers: Numbers, m: int) -> Ran:
    cls = blank_classifier()
    train(namespace, NoFeatures(), cls, torch.arange(4) % m, False)
    up = int((cls.bias.detach() > 0).sum())
    return Ran(float(up), f"{up} of the {CLASSES} biases rose, {int((cls.bias.detach() < 0).sum())} fell")


def blank_classifier() -> nn.Linear:
    """A classifier of twelve features that knows nothing: its weights and biases are 0."""
    cls = nn.Linear(12, CLASSES)
    with torch.no_grad():
        for parameter in cls.parameters():
            parameter.zero_()
    return cls


def train(namespace: Namespace, encoder: nn.Module, cls: nn.Module, labels: Tensor, supervised: bool) -> list[float]:
    """The loss that the student's `train_classifier` reports of an epoch of batches of four images with these labels."""
    images = torch.full((len(labels), 3, 64, 64), 0.5) + 0.05 * torch.arange(len(labels))[:, None, None, None]
    loader = Batches(images, labels, sizes=[4] * (len(labels) // 4))
    *_, losses = namespace["train_classifier"](encoder, cls, loader, 1, supervised=supervised)
    return [float(loss) for loss in losses]


class NoFeatures(nn.Module):
    """An encoder whose units are all dead: zeros, (3, 64, 64) -> (3, 2, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 3, kernel_size=32, stride=32)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = 0 * self.layer(x)
        return out


ITEMS = (
    PracticeItem(
        Statement(
            "train_classifier",
            "no_features",
            "every feature is 0, and so are all weights and biases of the classifier; the learning rate is 0. "
            "There are ten classes, and an epoch has {n} batches.",
            "Which loss does your loop report for the epoch?",
            draws={"n": (1, 2, 4)},
        ),
        no_features,
        "All ten logits are 0, so each class gets the probability 1/10, and each batch costs ln 10; an epoch adds up its "
        "batches. A training that starts far from ln 10 a batch has something to explain.",
    ),
    PracticeItem(
        Statement(
            "train_classifier",
            "decay_alone",
            "with supervised=True, no gradient of the loss reaches the encoder: it is 0 for all its weights.",
            "What does a step do to the encoder's weights?",
            {
                "same": "nothing: the gradient is 0",
                "smaller": "it makes them smaller",
                "larger": "it makes them larger",
            },
        ),
        decay_alone,
        "The optimizer holds the encoder's parameters, and weight decay pulls at every parameter that it holds. Adam makes "
        "full steps of it where there is nothing else. So a frozen encoder must not be in the optimizer.",
    ),
    PracticeItem(
        Statement(
            "train_classifier",
            "frozen_decay",
            "nothing is changed, and supervised=False.",
            "Which part is changed by a step, weight decay included?",
            {
                "both": "both",
                "encoder": "the encoder alone",
                "classifier": "the classifier alone",
                "neither": "neither",
            },
        ),
        frozen_decay,
        "What the optimizer does not hold, it neither steps nor decays.",
    ),
    PracticeItem(
        Statement(
            "train_classifier",
            "few_labels",
            "every feature is 0, all weights and biases of the classifier are 0, and of the ten labels only {m} occur "
            "in the batch, equally often.",
            "How many of the classifier's ten biases rise in the first step?",
            draws={"m": (1, 2, 4)},
        ),
        few_labels,
        "The gradient of a bias is the probability of its class, here 1/10, less the share of images that have its label. "
        "It is negative, so that the bias rises, for the labels that occur, and positive for all others.",
    ),
)
