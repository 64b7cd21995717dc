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
    numbers_of,
    stand_in,
    state,
)


def probe_encoder(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`Encoder(3)` and `Encoder(1)` with given weights, on batches of two, one and three."""
    evidence = Evidence()
    with evidence.part("build"):
        _probe_layers(namespace["Encoder"](3), numbers.uniform("rgb", 2, 3, 64, 64), CONVOLUTIONS, numbers, evidence)
    with evidence.part("in_channels"):
        gray = _ready(namespace["Encoder"](in_channels=1), numbers.uniform("gray", 3, 1, 64, 64), numbers)
        evidence.record("out_gray", gray(numbers.uniform("gray", 3, 1, 64, 64)))
    return evidence


def probe_decoder(namespace: Namespace, numbers: Numbers) -> Evidence:
    """`Decoder()` and `Decoder(1, 8)` with given weights."""
    evidence = Evidence()
    with evidence.part("build"):
        codes = numbers.normal("codes", 2, 24, 4, 4)
        _probe_layers(namespace["Decoder"](), codes, TRANSPOSED_CONVOLUTIONS, numbers, evidence)
    with evidence.part("out_channels"):
        small = _ready(namespace["Decoder"](out_channels=1, feat_dim=8), numbers.normal("small", 3, 8, 4, 4), numbers)
        evidence.record("out_gray", small(numbers.normal("small", 3, 8, 4, 4)))
    return evidence


def _probe_layers(module: nn.Module, x: Tensor, functions: tuple, numbers: Numbers, evidence: Evidence) -> None:
    """Shapes and number of the parameters, what each convolution got and gave, and the output."""
    with evidence.part("forward"):
        module = _ready(module, x, numbers)
        with LayerRecord(*functions) as record:
            out = module(x)
        for k, (given, weight_shape, came) in enumerate(record.calls, start=1):
            evidence.record(f"layer{k}.weight", np.array(weight_shape))
            evidence.record(f"layer{k}.in", given)
            evidence.record(f"layer{k}.out", came)
        evidence.record("out", out)
        evidence.record("out_one", module(x[:1]))
        with evidence.part("gradient"):
            evidence.record("gradient", _gradient(module, x, numbers))
        with evidence.part("training"):  # last: a layer that counts batches would be another one afterwards
            evidence.record("mode_matters", int(not torch.allclose(module.train()(x), out)))
    shapes = [tuple(p.shape) for p in module.parameters()]
    evidence.record("parameters", sum(p.numel() for p in module.parameters()))
    evidence.record(
        "parameter_shapes",
        np.array(sorted((s + (0,) * 4)[:4] for s in shapes), dtype=np.int64).reshape(-1, 4),
    )


def _gradient(module: nn.Module, x: Tensor, numbers: Numbers) -> Tensor:
    """Gradient of a weighted sum of the output by the input: what comes back through every layer."""
    leaf = x.clone().requires_grad_()
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


class TinyAutoencoder(nn.Module):
    """Stands in for the student's `Autoencoder` in 1.4: an encoder and a decoder of one layer each, pixel by pixel.

    Its 59 parameters are enough for another loss to push some of them another way: Adam's first step shows only the way.
    """

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self.encoder = nn.Conv2d(3, 8, kernel_size=1)
        self.decoder = nn.Sequential(nn.Conv2d(8, 3, kernel_size=1), nn.Sigmoid())
        fill(self, numbers)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))


def probe_train_ae(namespace: Namespace, numbers: Numbers) -> Evidence:
    """The stand-in before and after one batch, and after two epochs of three batches."""
    evidence = Evidence()
    images, labels = numbers.uniform("images", 10, 3, 8, 8), numbers.integers("labels", 10, 10)
    images[4:8] = 1 - images[4:8] / 8  # a bright batch and a dark one: their gradients pull different ways
    images[8:] /= 8
    runs = {"one": ([4], 1), "many": ([4, 4, 2], 2)}
    for name, (sizes, epochs) in runs.items():
        model = TinyAutoencoder(numbers)
        with (
            Watch(model) as watch,
            evidence.part(name),
            stand_in(namespace, visualize_recon=lambda *a, **k: None),
        ):
            evidence.record(f"{name}.before", state(model))
            trained, losses = namespace["train_ae"](model, Batches(images, labels, sizes=sizes), epochs=epochs)
            evidence.record(f"{name}.after", state(trained))
            values, graph = numbers_of(losses)
            evidence.record(f"{name}.losses", values)
            evidence.record(f"{name}.graph", graph)
        evidence.record(f"{name}.counts", watch.counts())
    return evidence
