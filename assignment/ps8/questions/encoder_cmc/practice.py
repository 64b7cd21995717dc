"""Changes to 2.1: channels that are emptied or exchanged, and where a gradient goes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ps8.explain.item import PracticeItem, Ran, Statement
from ps8.probes import Namespace
from ps8.probes.tools import Numbers, stand_in
from ps8.questions.shared.caught import OF_PAIR, PASSES, checked

from .check import check_encoder_cmc

CHANNELS = {"L": [0], "a": [1], "a and b": [1, 2], "all three": [0, 1, 2]}
_EACH = {"l": "feat_l alone", "ab": "feat_ab alone", "both": "both", "neither": "neither"}


def emptied(namespace: Namespace, numbers: Numbers, channel: str) -> Ran:
    x = numbers.normal("lab", 3, 3, 64, 64)
    x[:, CHANNELS[channel]] = 0
    _, feats = features(namespace, x)
    alike = {view: torch.allclose(feat[1:], feat[:1].expand_as(feat[1:]), atol=1e-6) for view, feat in feats.items()}
    return Ran(one_of(alike), "; ".join(f"feat_{v} was {'' if same else 'not '}the same for all" for v, same in alike.items()))


def exchanged(namespace: Namespace, numbers: Numbers) -> Ran:
    x = numbers.normal("lab", 3, 3, 64, 64)
    model, before = features(namespace, x)
    after = both(model, x[:, [0, 2, 1]])
    changed = {view: not torch.allclose(after[view], before[view], atol=1e-6) for view in before}
    return Ran(one_of(changed), "; ".join(f"feat_{v} {'changed' if c else 'stayed'}" for v, c in changed.items()))


def one_sided(namespace: Namespace, numbers: Numbers) -> Ran:
    model, feats = features(namespace, numbers.normal("lab", 3, 3, 64, 64))
    feats["l"].sum().backward()
    reached = {view: _has_gradient(model, channels) for view, channels in (("l", 1), ("ab", 2))}
    names = {"l": "the encoder of L", "ab": "the encoder of ab"}
    return Ran(one_of(reached), "; ".join(f"{names[v]} {'got one' if r else 'got none'}" for v, r in reached.items()))


def squares(namespace: Namespace, numbers: Numbers, k: int, channel: str) -> Ran:
    x = numbers.normal("lab", 1, 3, 64, 64)
    model, before = features(namespace, x)
    y = x.clone()
    for place in range(k):
        for c in CHANNELS[channel]:
            y[0, c, 16 * (place // 4) + 7, 16 * (place % 4) + 3] += 3.0
    after = both(model, y)
    changed = {view: int((after[view] - before[view]).abs().gt(1e-7).sum()) for view in before}
    return Ran(float(sum(changed.values())), f"{changed['l']} numbers of feat_l and {changed['ab']} of feat_ab changed")


def features(namespace: Namespace, x: Tensor) -> tuple[nn.Module, dict[str, Tensor]]:
    """The student's `EncoderCMC` over stand-in encoders, and what it makes of images."""
    with stand_in(namespace, Encoder=Squares):
        model = namespace["EncoderCMC"]().cpu()
        return model, both(model, x)


def both(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """The two features of a batch."""
    feat_l, feat_ab = model(x)
    return {"l": feat_l, "ab": feat_ab}


def one_of(which: dict[str, bool]) -> str:
    """The view that is meant: `l`, `ab`, `both` or `neither`."""
    names = [view for view, holds in which.items() if holds]
    return "both" if len(names) == 2 else names[0] if names else "neither"


def _has_gradient(model: nn.Module, channels: int) -> bool:
    parameters = [p for m in model.modules() if isinstance(m, Squares) and m.in_channels == channels for p in m.parameters()]
    return any(p.grad is not None and bool(p.grad.any()) for p in parameters)


class Squares(nn.Module):
    """Stands in for an `Encoder`: 24 numbers for each of the image's 4x4 squares of 16x16 pixels."""

    def __init__(self, in_channels: int = 3) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.layer = nn.Conv2d(in_channels, 24, kernel_size=16, stride=16)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.layer(x))


ITEMS = (
    PracticeItem(
        Statement(
            "encoder_cmc",
            "emptied",
            "before your model sees a batch, {channel} of every image is set to 0.",
            "Which feature is then the same for all images?",
            _EACH,
            {"channel": ("L", "a and b", "a")},
        ),
        emptied,
        "Each feature sees its own channels only. An encoder that sees the same gives the same; a view of two channels "
        "still has one if the other is gone.",
    ),
    PracticeItem(
        Statement(
            "encoder_cmc",
            "exchanged",
            "before your model sees a batch, the channels a and b of every image change places.",
            "Which feature changes?",
            _EACH,
        ),
        exchanged,
        "A convolution has other weights for each of its input channels, so their order matters; L is not touched.",
    ),
    PracticeItem(
        Statement(
            "encoder_cmc",
            "one_sided",
            "the loss is made of feat_l alone, and feat_ab is thrown away.",
            "Which of the two encoders gets a gradient?",
            {"l": "the encoder of L alone", "ab": "the encoder of ab alone", "both": "both", "neither": "neither"},
        ),
        one_sided,
        "The two encoders share no weights, and a gradient goes only where the loss came from. Without a second loss, the "
        "second encoder would never learn.",
    ),
    PracticeItem(
        Statement(
            "encoder_cmc",
            "squares",
            "in place of your Encoder stands one that cuts the image into 4x4 squares of 16x16 pixels and gives 24 numbers "
            "for each. In {k} of the squares one pixel changes, in {channel}.",
            "How many of the 2*384 numbers that your EncoderCMC gives can change?",
            draws={"k": (1, 2, 5), "channel": ("L", "a", "a and b", "all three")},
        ),
        squares,
        "24 numbers for each square that is touched, once for each view that has such a channel: flattening moves numbers, "
        "it mixes none.",
    ),
    PracticeItem(
        Statement(
            "encoder_cmc",
            "caught",
            "your EncoderCMC computes as before, but at the end {change}.",
            "Which of its promises does the check find broken first?",
            {
                "views_swapped": "which feature depends on which channels",
                "features_changed": "what the features are: what the encoders gave, flattened",
                "features_detached": "that a gradient gets from the features to the encoders",
                "passes": PASSES,
            },
            {"change": tuple(OF_PAIR)},
        ),
        checked(check_encoder_cmc, "EncoderCMC", OF_PAIR),
        "Dependence, value and gradient are three different things. A wrong order or a cut graph leaves all numbers as they "
        "were, and a training would run without a word.",
    ),
)
