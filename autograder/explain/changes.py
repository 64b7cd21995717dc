"""The changes of the counted questions, made to an answer from outside. Hidden: a student foretells what they do."""

from __future__ import annotations

from collections.abc import Callable

import torch
from ps8.explain.item import Ran
from ps8.explain.levers import at_each_step, cut_behind, factor, made, set_biases, set_weights, which_moved
from ps8.probes import Namespace
from ps8.probes.tools import Batches, Numbers, stand_in, state
from ps8.questions.cmc_score.practice import rows_for, scorer, unit
from ps8.questions.encoder_cmc.practice import both, features, one_of
from ps8.questions.train_ae.practice import Grey
from ps8.questions.train_classifier.practice import NoFeatures, blank_classifier, train
from ps8.questions.train_classifier.probe import TinyClassifier, TinyEncoder
from ps8.questions.train_cmc.practice import AtRest, Constant
from ps8.questions.train_cmc.probe import TinyContrast, TinyViews, WeightedLoss, coarse_images
from torch import Tensor, nn

CHANNELS = {"L": [0], "b": [2], "a and b": [1, 2], "L and a": [0, 1], "all three": [0, 1, 2]}
D = 16


def two_pixels(namespace: Namespace, numbers: Numbers, row: int, column: int, lower: int, right: int) -> Ran:
    x = torch.zeros(1, 3, 64, 64)
    encoder = made(namespace["Encoder"](3), x, numbers)
    set_weights(encoder, 1.0)
    set_biases(encoder, 0.0)
    x[:, :, row, column] = x[:, :, lower, right] = 1.0
    return Ran(float((encoder(x)[0] != 0).any(dim=0).sum()))


def two_layers(namespace: Namespace, numbers: Numbers, one: int, two: int, f: float, g: float) -> Ran:
    x = numbers.uniform("images", 2, 3, 64, 64)
    encoder = made(namespace["Encoder"](3), x, numbers)
    set_biases(encoder, 0.0)
    before = encoder(x).detach().clone()
    widths = {1: (12, 3), 2: (24, 12), 3: (48, 24), 4: (24, 48)}
    with torch.no_grad():
        for parameter in encoder.parameters():
            for layer, by in ((one, f), (two, g)):
                if tuple(parameter.shape[:2]) == widths[layer]:
                    parameter.mul_(by)
    found = factor(encoder(x), before)
    return Ran("none" if found is None else found)


def one_place(namespace: Namespace, numbers: Numbers, row: int, column: int) -> Ran:
    code = torch.zeros(1, 24, 4, 4)
    decoder = made(namespace["Decoder"](), code, numbers)
    set_weights(decoder, 1.0)
    set_biases(decoder, 0.0)
    code[:, 0, row, column] = 1.0
    return Ran(float((decoder(code)[0] != 0.5).any(dim=0).sum()))


def last_biases(namespace: Namespace, numbers: Numbers, b: float) -> Ran:
    codes = numbers.normal("codes", 2, 24, 4, 4)
    decoder = made(namespace["Decoder"](), codes, numbers)
    set_weights(decoder, 0.0)
    set_biases(decoder, 0.0)
    set_biases(decoder, b, length=3)
    image = decoder(codes).detach()
    return Ran(float(image.mean()) if float(image.max() - image.min()) < 1e-5 else "none")


def one_grey(namespace: Namespace, numbers: Numbers, g: float, v: float, n: int) -> Ran:
    return _painted(namespace, g, torch.full((4, 3, 64, 64), v), n)


def two_greys(namespace: Namespace, numbers: Numbers, v: float, w: float, n: int) -> Ran:
    images = torch.full((4, 3, 64, 64), v)
    images[::2] = w
    return _painted(namespace, 0.5, images, n)


def _painted(namespace: Namespace, grey: float, batch: Tensor, n: int) -> Ran:
    loader = Batches(batch.repeat(n, 1, 1, 1), torch.zeros(4 * n, dtype=torch.long), sizes=[4] * n)
    with stand_in(namespace, visualize_recon=lambda *a, **k: None):
        _, losses = namespace["train_ae"](Grey(grey), loader, epochs=1)
    return Ran(float(losses[0]))


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
    before = {name: state(part) for name, part in parts.items()}
    with at_each_step(**({"weight_decay": 0.0} if decay == "0" else {})):
        train(namespace, encoder, cls, numbers.integers("labels", 10, 4), supervised)
    return which_moved(parts, before)


def touched(namespace: Namespace, numbers: Numbers, k: int, channel: str) -> Ran:
    x = numbers.normal("lab", 1, 3, 64, 64)
    model, before = features(namespace, x)
    y = x.clone()
    for place in range(k):
        y[0, CHANNELS[channel], 16 * (place // 4) + 5, 16 * (place % 4) + 9] += 3.0
    after = both(model, y)
    return Ran(float(sum(int((after[view] - before[view]).abs().gt(1e-7).sum()) for view in before)))


def without_channels(namespace: Namespace, numbers: Numbers, channel: str) -> Ran:
    x = numbers.normal("lab", 3, 3, 64, 64)
    x[:, CHANNELS[channel]] = 0
    _, feats = features(namespace, x)
    return Ran(one_of({view: torch.allclose(f, f[:1].expand_as(f), atol=1e-6) for view, f in feats.items()}))


def right_angle(namespace: Namespace, numbers: Numbers, m: float, T: float) -> Ran:
    y, idx = rows_for(numbers, 20, 6)
    contrast = scorer(namespace, numbers, 20, 6, T=T, m=m)
    z = unit(numbers.normal("z", 4, D))
    with torch.no_grad():
        for name in ("memory_l", "memory_ab"):
            old = getattr(contrast, name).detach().cpu()[y]
            getattr(contrast, name)[y] = unit(old - (old * z).sum(1, keepdim=True) * z)
    return _second_call(contrast, z, z.clone(), y, idx)


def angle(namespace: Namespace, numbers: Numbers, c: float, T: float) -> Ran:
    y, idx = rows_for(numbers, 20, 6)
    contrast = scorer(namespace, numbers, 20, 6, T=T, m=0.0)
    l, other = unit(numbers.normal("l", 4, D)), numbers.normal("other", 4, D)
    across = unit(other - (other * l).sum(1, keepdim=True) * l)
    return _second_call(contrast, 2 * l, 3 * (c * l + (1 - c * c) ** 0.5 * across), y, idx)


def _second_call(contrast: nn.Module, l: Tensor, ab: Tensor, y: Tensor, idx: Tensor) -> Ran:
    contrast(l, ab, y, idx)
    positives = torch.cat([out[:, 0].detach().flatten() for out in contrast(l, ab, y, idx)])
    return Ran(float(positives.mean()) if float(positives.max() - positives.min()) < 1e-2 else "none")


def rows(namespace: Namespace, numbers: Numbers, N: int, B: int, K: int) -> Ran:
    y, idx = rows_for(numbers, N, K, batch=B)
    contrast = scorer(namespace, numbers, N, K)
    before = [contrast.memory_l.detach().clone(), contrast.memory_ab.detach().clone()]
    contrast(numbers.normal("l", B, D), numbers.normal("ab", B, D), y, idx)
    after = [contrast.memory_l.detach(), contrast.memory_ab.detach()]
    return Ran(float(sum(int((a - b).abs().amax(dim=1).gt(1e-5).sum()) for a, b in zip(after, before, strict=True))))


def lead(namespace: Namespace, numbers: Numbers, K: int, s: int, t: int) -> Ran:
    scores = torch.full((3, K + 1, 1), float(t))
    scores[:, 0] = float(s)
    return Ran(float(namespace["SoftmaxLoss"]()(scores)))


def slope(namespace: Namespace, numbers: Numbers, B: int, K: int, column: int) -> Ran:
    scores = torch.full((B, K + 1, 1), 0.6).requires_grad_()
    namespace["SoftmaxLoss"]()(scores).sum().backward()
    return Ran("none" if scores.grad is None else float(scores.grad[0, column, 0]))


def some_sure(namespace: Namespace, numbers: Numbers, B: int, sure: int, K: int) -> Ran:
    scores = torch.full((B, K + 1, 1), 0.4)
    scores[:sure, 0] += 100.0
    return Ran(float(namespace["SoftmaxLoss"]()(scores)))


class _FirstOnly(nn.Module):
    """A criterion that gives one number at its first call and 0 afterwards."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: Tensor) -> Tensor:
        value, self.value = self.value, 0.0
        return value + 0 * x.sum()


def first_batch(namespace: Namespace, numbers: Numbers, a: float, b: float, n: int) -> Ran:
    contrast = TinyContrast(numbers, N=10, K=3)
    return Ran(float(_trained(namespace, numbers, TinyViews(numbers), contrast, _FirstOnly(a), Constant(b), n)["loss"][0]))


def probability(namespace: Namespace, numbers: Numbers, d: float, K: int) -> Ran:
    told = _trained(namespace, numbers, TinyViews(numbers), AtRest(K, float(d)), Constant(1.0), Constant(1.0), 2)
    return Ran(float(told["prob_l"][0]))


def mute(namespace: Namespace, numbers: Numbers, silent: str) -> Ran:
    model = TinyViews(numbers)
    parts: dict[str, nn.Module] = {"L": model.l, "ab": model.ab}
    before = {name: state(part) for name, part in parts.items()}
    criteria = {name: Constant(0.0) if silent in (name, "both views") else WeightedLoss(0.7) for name in parts}
    _trained(namespace, numbers, model, TinyContrast(numbers, N=10, K=3), criteria["L"], criteria["ab"], 1)
    return which_moved(parts, before)


def _trained(
    namespace: Namespace, numbers: Numbers, model: nn.Module, contrast: nn.Module, l: nn.Module, ab: nn.Module, n: int
) -> dict[str, list[float]]:
    images, index = coarse_images(numbers)[: 2 * n], numbers.permutation("index", 10)[: 2 * n]
    loader = Batches(images, torch.zeros(2 * n, dtype=torch.long), index, sizes=[2] * n)
    return namespace["train_cmc"](model, contrast, l, ab, loader, epochs=1)[1]  # type: ignore[no-any-return]


CHANGES: dict[str, Callable[..., Ran]] = {
    "encoder.two_pixels": two_pixels,
    "encoder.two_layers": two_layers,
    "decoder.one_place": one_place,
    "decoder.one_grey": last_biases,
    "train_ae.one_grey": one_grey,
    "train_ae.two_greys": two_greys,
    "train_classifier.ahead": ahead,
    "train_classifier.cut": cut,
    "encoder_cmc.squares": touched,
    "encoder_cmc.emptied": without_channels,
    "cmc_score.right_angle": right_angle,
    "cmc_score.angle": angle,
    "cmc_score.rows": rows,
    "softmax_loss.ahead": lead,
    "softmax_loss.slope": slope,
    "softmax_loss.some_sure": some_sure,
    "train_cmc.first_batch": first_batch,
    "train_cmc.lead": probability,
    "train_cmc.mute": mute,
}
