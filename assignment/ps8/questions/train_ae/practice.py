"""Changes to 1.4: the learning rate, gradients on their way, a model that paints grey."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ps8.explain.item import PracticeItem, Ran, Statement
from ps8.explain.levers import (
    at_each_step,
    cut_behind,
    effect_of_factor,
    scaled_gradient,
    which_moved,
)
from ps8.probes import Namespace
from ps8.probes.tools import Batches, Numbers, parameter_vector, stand_in

from .probe import TinyAutoencoder, few_pixels


def loud(namespace: Namespace, numbers: Numbers, f: int) -> Ran:
    lengths = []
    for by in (1.0, float(f)):
        model = TinyAutoencoder(numbers)
        for parameter in model.parameters():
            scaled_gradient(parameter, by)
        before = parameter_vector(model)
        _train(namespace, model, few_pixels(numbers, "images", 4), [4], 1)
        lengths.append((parameter_vector(model) - before).norm())
    factors = {"same": 1, "times": f, "root": f**0.5}
    key = effect_of_factor(lengths[1][None], lengths[0][None], factors, "other")
    return Ran(key, f"all weights together moved by {float(lengths[0]):.4g} before, and by {float(lengths[1]):.4g} after")


def standstill(namespace: Namespace, numbers: Numbers) -> Ran:
    model = TinyAutoencoder(numbers)
    with at_each_step(lr=0.0):
        first, second = _train(namespace, model, few_pixels(numbers, "images", 8), [4, 4], 2)
    key = "same" if abs(first - second) <= 1e-4 * first else "falls" if second < first else "rises"
    return Ran(key, f"the two epochs' losses were {first:.4f} and {second:.4f}")


def half_way(namespace: Namespace, numbers: Numbers) -> Ran:
    model = TinyAutoencoder(numbers)
    parts = {"encoder": model.encoder, "decoder": model.decoder}
    cut_behind(model.encoder)
    before = {name: parameter_vector(part) for name, part in parts.items()}
    _train(namespace, model, few_pixels(numbers, "images", 4), [4], 1)
    return which_moved(parts, before)


def grey_epoch(namespace: Namespace, numbers: Numbers, v: float, n: int) -> Ran:
    loss = _train(namespace, Grey(0.5), torch.full((4 * n, 3, 64, 64), v), [4] * n, 1)[0]
    return Ran(loss, f"the loss reported for the epoch was {loss:.4f}")


def _train(namespace: Namespace, model: torch.nn.Module, images: torch.Tensor, sizes: list[int], epochs: int) -> list[float]:
    """The losses that the student's `train_ae` reports."""
    labels = torch.zeros(len(images), dtype=torch.long)
    with stand_in(namespace, visualize_recon=lambda *a, **k: None):
        _, losses = namespace["train_ae"](model, Batches(images, labels, sizes=sizes), epochs=epochs)
    return [float(loss) for loss in losses]


class Grey(nn.Module):
    """A model of two parts, `encoder` and `decoder`, that paints every pixel in one grey, whatever it sees and learns."""

    def __init__(self, grey: float) -> None:
        super().__init__()
        self.encoder = nn.Conv2d(3, 2, kernel_size=1)
        self.decoder = _Paint(grey)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.decoder(self.encoder(x))
        return out


class _Paint(nn.Module):
    def __init__(self, grey: float) -> None:
        super().__init__()
        self.grey, self.layer = grey, nn.Conv2d(2, 3, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.grey + 0 * self.layer(x)
        return out


ITEMS = (
    PracticeItem(
        Statement(
            "train_ae",
            "standstill",
            "your loop trains for two epochs on the same batches, with a learning rate of 0.",
            "What does it report as the losses of the two epochs?",
            {"same": "the same number twice", "falls": "the second is smaller", "rises": "the second is larger"},
        ),
        standstill,
        "A step is the rate times a direction. With a rate of 0 no weight moves, so the same images give the same loss.",
    ),
    PracticeItem(
        Statement(
            "train_ae",
            "half_way",
            "the gradient that comes back from the decoder is set to 0 at the code, before it reaches the encoder.",
            "Which part is changed by a step?",
            {
                "both": "both",
                "encoder": "the encoder alone",
                "decoder": "the decoder alone",
                "neither": "neither",
            },
        ),
        half_way,
        "Gradients come from the loss backwards: the decoder has had its own before the cut. Adam does not move a weight whose "
        "gradients have all been 0.",
    ),
    PracticeItem(
        Statement(
            "train_ae",
            "loud",
            "every gradient is multiplied by {f} before Adam sees it.",
            "How far do the weights move in the first step?",
            {
                "same": "as far as before",
                "times": "{f} times as far",
                "root": "the square root of {f} times as far",
                "other": "so far that the loss is not finite any more",
            },
            {"f": (100, 1000)},
        ),
        loud,
        "Adam divides each gradient by the root of its mean square, so its size cancels: what counts is the sign. This is why "
        "a sum in place of a mean changes so little here, and why a factor on the loss is no learning rate.",
    ),
    PracticeItem(
        Statement(
            "train_ae",
            "grey_epoch",
            "the model paints 0.5 into every pixel, whatever its weights are; every pixel of every image is {v}. "
            "An epoch has {n} batches of four images.",
            "Which loss does your loop report for the epoch?",
            draws={"v": (0.0, 0.1, 0.8, 1.0), "n": (2, 3, 5)},
        ),
        grey_epoch,
        "The error of a pixel is squared, its mean over the batch is the same number again, and an epoch adds up its batches.",
    ),
)
