"""Probes of 1.1, 1.2 and 1.4: the encoder, the decoder, a step of `train_ae`."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from ps8.probes.evidence import Evidence
from ps8.probes.tools import (
    CONVOLUTIONS,
    TRANSPOSED_CONVOLUTIONS,
    Batches,
    LayerRecord,
    Namespace,
    Numbers,
    Watch,
    fill,
    hidden_modules,
    left_alone,
    numbers_of,
    pair,
    setting,
    stand_in,
    state,
    weights,
)


def probe_encoder(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`Encoder(3)` and `Encoder(1)` with given weights, on batches of two, one and three."""
    evidence = Evidence()
    with evidence.part("build"):
        _probe_layers(namespace["Encoder"](3), numbers.uniform("rgb", 2, 3, 64, 64), CONVOLUTIONS, numbers, evidence)
    with evidence.part("in_channels"):
        gray = _ready(namespace["Encoder"](in_channels=1), numbers.normal("gray", 3, 1, 64, 64), numbers)
        evidence.record("out_gray", gray(numbers.normal("gray", 3, 1, 64, 64)))
    return evidence


def probe_decoder(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`Decoder()`, and others with one plane and with 8 maps, with given weights."""
    evidence = Evidence()
    with evidence.part("build"):
        codes = numbers.normal("codes", 2, 24, 4, 4)
        _probe_layers(namespace["Decoder"](), codes, TRANSPOSED_CONVOLUTIONS, numbers, evidence)
    with evidence.part("out_channels"):
        codes = numbers.normal("gray", 3, 24, 4, 4)
        evidence.record("out_gray", _ready(namespace["Decoder"](out_channels=1), codes, numbers)(codes))
    with evidence.part("feat_dim"):
        small = numbers.normal("small", 3, 8, 4, 4)
        evidence.record("out_small", _ready(namespace["Decoder"](feat_dim=8), small, numbers)(small))
    return evidence


def _probe_layers(module: nn.Module, x: Tensor, functions: tuple, numbers: Numbers, evidence: Evidence) -> None:
    """Shapes and number of the parameters, what each convolution got and gave, and the output."""
    evidence.record(
        "constant", int(any(p.dim() > 1 and p.numel() > 1 and bool((p == p.flatten()[0]).all()) for p in _made(module)))
    )
    with evidence.part("forward"):
        record, plain = LayerRecord(*functions), LayerRecord(*(CONVOLUTIONS if functions is TRANSPOSED_CONVOLUTIONS else ()))
        try:
            module = _ready(module, x, numbers)
            with left_alone(evidence, "input_changed", x), plain, record:
                out = module(x)
        finally:
            _write_layers(record, numbers, evidence)
            if plain.calls:  # a decoder that enlarges by other means
                for name, value in zip(("in", "weight", "out"), plain.calls[0], strict=True):
                    evidence.record(f"plain1.{name}", np.array(value) if name == "weight" else value)
        evidence.record("out", out)
        with evidence.part("one"):
            evidence.record("out_one", module(x[:1]))
        with evidence.part("gradient"):
            evidence.record("gradient", _gradient(module, x, numbers))
            evidence.record("reached", sum(p.numel() for p in module.parameters() if p.grad is not None and bool(p.grad.any())))
        with evidence.part("training"):  # last: a layer that counts batches would be another one afterwards
            evidence.record("mode_matters", int(not torch.allclose(module.train()(x), out, rtol=1e-2, atol=1e-2)))
    shapes = [tuple(p.shape) for p in module.parameters()]
    evidence.record("parameters", sum(p.numel() for p in module.parameters()))
    evidence.record("frozen", sum(p.numel() for p in module.parameters() if not p.requires_grad))
    evidence.record(
        "parameter_shapes",
        np.array(sorted((s + (0,) * 4)[:4] for s in shapes), dtype=np.int64).reshape(-1, 4),
    )


def _made(module: nn.Module) -> list[Tensor]:
    """The parameters that are there before the first call."""
    return [p for p in module.parameters() if not isinstance(p, nn.parameter.UninitializedParameter)]


def _write_layers(record: LayerRecord, numbers: Numbers, evidence: Evidence) -> None:
    """Each layer that ran; its weights only if they are not those that it was given."""
    for k, ((given, shape, came), (weight, bias)) in enumerate(zip(record.calls, record.kernels, strict=True), start=1):
        evidence.record(f"layer{k}.weight", np.array(shape))
        evidence.record(f"layer{k}.in", given)
        evidence.record(f"layer{k}.out", came)
        if weight.numel() <= 2**16 and not torch.allclose(weight.float(), weights(shape, numbers), rtol=1e-2, atol=1e-3):
            evidence.record(f"layer{k}.kernel", weight)
            evidence.record(f"layer{k}.bias", torch.zeros(0) if bias is None else bias)


def _gradient(module: nn.Module, x: Tensor, numbers: Numbers) -> Tensor:
    """Gradient of a weighted sum of the output by the input: what comes back through every layer."""
    leaf = x.clone().requires_grad_()
    module.zero_grad()
    out = module(leaf.clone())  # a copy: an answer may well work in place
    (out * numbers.normal("out", *out.shape)).sum().backward()
    return torch.zeros_like(x) if leaf.grad is None else leaf.grad


def _ready(module: nn.Module, x: Tensor, numbers: Numbers) -> nn.Module:
    """The module on the CPU, in eval mode, with lazy layers made and given weights, also those that it does not know of."""
    module = module.cpu().eval()
    for hidden in hidden_modules(module):
        fill(hidden.cpu().eval(), numbers)
    if any(isinstance(p, nn.parameter.UninitializedParameter) for p in module.parameters()):
        module(x)
    return fill(module, numbers)


class _TinyEncoder(nn.Module):
    """One layer, pixel by pixel, whose last map goes nowhere: nothing but a weight decay moves its weights."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 9, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.layer(x)
        return maps[:, :8] + 0 * maps[:, 8:]


class TinyAutoencoder(nn.Module):
    """Stands in for the student's `Autoencoder` in 1.4: an encoder and a decoder of one layer each, pixel by pixel.

    Its 63 parameters are enough for another loss to push some of them another way: Adam's first step shows only the way.
    """

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self.encoder = _TinyEncoder()
        self.decoder = nn.Sequential(nn.Conv2d(8, 3, kernel_size=1), nn.Sigmoid())
        fill(self, numbers)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))


def few_pixels(numbers: Numbers, name: str, count: int) -> Tensor:
    """Images of the documented shape, (count, 3, 64, 64) in [0, 1], made of 8x8 pixels so that they differ in the large."""
    return numbers.uniform(name, count, 3, 8, 8).repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)


def probe_train_ae(namespace: Namespace, numbers: Numbers) -> Evidence:
    """The stand-in before and after one batch, and after two epochs of three batches."""
    evidence = Evidence()
    _train(namespace, numbers, evidence, 1)
    nothing = "one" in evidence.errors or not np.any(evidence.arrays.get("one.losses", 0))
    times = setting(namespace, "batch_size", 256) // 4
    if nothing and times:  # does it want batches of the notebook's own size?
        full = Evidence()
        _train(namespace, numbers, full, times)
        if "one" not in full.errors and np.any(full.arrays.get("one.losses", 0)):
            evidence.arrays, evidence.errors = full.arrays, full.errors
            evidence.record("full_only", 1)
    return evidence


def _train(namespace: Namespace, numbers: Numbers, evidence: Evidence, times: int) -> None:
    """One batch, and two epochs of three, each image so many times over: the mean over a batch is the same."""
    images, labels = few_pixels(numbers, "images", 10), numbers.integers("labels", 10, 10)
    images[4:8] = 1 - images[4:8] / 8  # a bright batch and a dark one: their gradients pull different ways
    images[8:] /= 8
    images, labels = images.repeat_interleave(times, 0), labels.repeat_interleave(times, 0)
    runs = {"one": ([4 * times], 1), "many": ([4 * times, 4 * times, 2 * times], 2)}
    for name, (sizes, epochs) in runs.items():
        model = TinyAutoencoder(numbers)
        with (
            Watch(model, images.clone()) as watch,
            evidence.part(name, left=True),
            stand_in(namespace, visualize_recon=lambda *a, **k: None),
            left_alone(evidence, f"{name}.input_changed", images),
        ):
            evidence.record(f"{name}.before", state(model))
            returned = namespace["train_ae"](model, Batches(images, labels, sizes=sizes), epochs=epochs)
            trained, losses = pair(returned, 2, evidence, f"{name}.stepped", model)
            evidence.record(f"{name}.after", state(trained))
            values, graph = numbers_of(losses)
            evidence.record(f"{name}.losses", values)
            evidence.record(f"{name}.graph", graph)
        evidence.record(f"{name}.slopes", watch.slopes())
        evidence.record(f"{name}.counts", watch.counts())
        evidence.record(f"{name}.strange", int(watch.strange > 0))
