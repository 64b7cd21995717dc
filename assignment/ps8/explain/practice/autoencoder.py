"""Changes to 1.1, 1.2 and 1.4: biases, single pixels, the learning rate, gradients on their way."""

from __future__ import annotations

import torch

from ps8.explain.item import Item, Ran, Statement
from ps8.explain.levers import (
    Grey,
    at_each_step,
    cut_behind,
    effect_of_factor,
    made,
    scaled_gradient,
    set_biases,
    set_weights,
    span,
    which_moved,
)
from ps8.probes import Namespace
from ps8.probes.autoencoder import TinyAutoencoder, few_pixels
from ps8.probes.tools import Batches, Numbers, stand_in, state


def dead_units(namespace: Namespace, numbers: Numbers) -> Ran:
    x = numbers.uniform("images", 2, 3, 64, 64)
    encoder = made(namespace["Encoder"](3), x, numbers)
    before = encoder(x).detach().clone()
    set_biases(encoder, -1000.0)
    after = encoder(x).detach()
    key = "other"
    if torch.equal(after, torch.zeros_like(after)):
        key = "zero"
    elif torch.allclose(after, before, rtol=1e-3):
        key = "same"
    elif (after < -900).all():
        key = "low"
    return Ran(key, f"before, the code's numbers went from {span(before)}; after, from {span(after)}")


def brighter(namespace: Namespace, numbers: Numbers, f: int) -> Ran:
    x = numbers.uniform("images", 2, 3, 64, 64)
    encoder = made(namespace["Encoder"](3), x, numbers)
    set_biases(encoder, 0.0)
    before, after = encoder(x), encoder(f * x)
    key = effect_of_factor(after, before, {"once": f, "each_layer": f**4, "same": 1}, "no_factor")
    return Ran(key, f"before, the code's numbers went from {span(before)}; after, from {span(after)}")


def one_pixel(namespace: Namespace, numbers: Numbers, row: int, column: int) -> Ran:
    x = torch.zeros(1, 3, 64, 64)
    encoder = made(namespace["Encoder"](3), x, numbers)
    set_weights(encoder, 1.0)
    set_biases(encoder, 0.0)
    x[:, :, row, column] = 1.0
    places = (encoder(x)[0] != 0).any(dim=0)
    return Ran(float(places.sum()), f"{int(places.sum())} of 16 places were not 0")


def nothing_left(namespace: Namespace, numbers: Numbers) -> Ran:
    codes = numbers.normal("codes", 2, 24, 4, 4)
    decoder = made(namespace["Decoder"](), codes, numbers)
    set_weights(decoder, 0.0)
    set_biases(decoder, 0.0)
    image = decoder(codes)
    return Ran(float(image.mean()), f"the pixels went from {span(image)}")


def last_bias(namespace: Namespace, numbers: Numbers, b: float) -> Ran:
    codes = numbers.normal("codes", 2, 24, 4, 4)
    decoder = made(namespace["Decoder"](), codes, numbers)
    set_weights(decoder, 0.0)
    set_biases(decoder, b, length=3)
    image = decoder(codes)
    return Ran(float(image.mean()), f"the pixels went from {span(image)}")


def loud(namespace: Namespace, numbers: Numbers, f: int) -> Ran:
    lengths = []
    for by in (1.0, float(f)):
        model = TinyAutoencoder(numbers)
        for parameter in model.parameters():
            scaled_gradient(parameter, by)
        before = state(model)
        _train(namespace, model, few_pixels(numbers, "images", 4), [4], 1)
        lengths.append((state(model) - before).norm())
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
    before = {name: state(part) for name, part in parts.items()}
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


ITEMS = (
    Item(
        Statement(
            "encoder",
            "dead_units",
            "every bias of your encoder is set to -1000. The images stay as they are.",
            "What do the numbers of the code look like then?",
            {
                "zero": "all of them are 0",
                "low": "all of them are near -1000",
                "same": "they are as before: biases are learned away",
            },
        ),
        dead_units,
        "A ReLU makes every negative number 0, and behind it the next layer sees nothing but its own bias. No gradient comes "
        "back through it either: such units are dead, and stay so.",
    ),
    Item(
        Statement(
            "encoder",
            "brighter",
            "every bias of your encoder is 0, and each pixel is multiplied by {f}.",
            "What becomes of the code's numbers?",
            {
                "once": "each becomes {f} times as large",
                "each_layer": "each becomes {f} to the fourth times as large: the layers are four",
                "same": "they stay as they are",
                "no_factor": "they change, with no one factor for all",
            },
            {"f": (2, 3, 5)},
        ),
        brighter,
        "Without biases a convolution and a ReLU pass a factor above 0 on as it is: twice the input, twice the output, "
        "however many there are. The code says how bright a picture is before it says anything else.",
    ),
    Item(
        Statement(
            "encoder",
            "one_pixel",
            "every weight of your encoder is 1 and every bias 0. The image is black but for the pixel in row {row}, "
            "column {column} (counted from 0).",
            "How many of the code's 4x4 places are not 0?",
            draws={"row": (0, 8, 20, 31, 63), "column": (0, 24, 40)},
        ),
        one_pixel,
        "A number of the code sees 4, then 4 + 3*2, then 10 + 3*4, then 22 + 3*8 = 46 pixels in a row, and the next one starts "
        "16 pixels further. So a pixel near the edge is seen by one place in its row, others by two or three.",
    ),
    Item(
        Statement(
            "decoder",
            "nothing_left",
            "every weight and every bias of your decoder is set to 0.",
            "Which value does it give every pixel?",
        ),
        nothing_left,
        "The last layer then gives 0, and the Sigmoid of 0 is 0.5. Small random weights are close to that: this is where the "
        "loss of an untrained autoencoder starts.",
    ),
    Item(
        Statement(
            "decoder",
            "last_bias",
            "every weight of your decoder is set to 0, and the biases of its last layer to {b}.",
            "Which value does it give every pixel?",
            draws={"b": (1.0, -1.0, 2.0, -2.0)},
        ),
        last_bias,
        "With weights of 0 the last layer gives its bias, whatever the code is, and the Sigmoid 1 / (1 + exp(-b)) of it.",
    ),
    Item(
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
    Item(
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
    Item(
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
    Item(
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
