"""Check of 2.1: which channels each encoder saw, and what became of its features."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ps8.checks.running import SEED, fail, given, run_probe, student
from ps8.probes import Namespace
from ps8.probes.tools import Numbers, fill, stand_in

QUESTION = "encoder_cmc"
BATCH = 5  # no number of channels is mistaken for it
VIEWS = {"L": slice(0, 1), "ab": slice(1, 3)}


def _stand_in(calls: list[tuple[Any, Tensor, Tensor]]) -> type[nn.Module]:
    class Encoder(nn.Module):
        """Stands in for the student's `Encoder`, and notes what it got and gave: (c, 64, 64) -> (24, 4, 4)."""

        def __init__(self, in_channels: int = 3) -> None:
            super().__init__()
            self.in_channels = in_channels
            self.layer = nn.Conv2d(in_channels, 24, kernel_size=16, stride=16)

        def forward(self, x: Tensor) -> Tensor:
            out = torch.tanh(self.layer(x))
            calls.append((self, x.detach(), out.detach()))
            return out

    return Encoder


def check_encoder_cmc(namespace: Namespace) -> str:
    """2.1: two features of shape (batch_size, 384), each of its own channels through its own encoder."""
    cls, numbers = given(namespace, QUESTION, "EncoderCMC"), Numbers(SEED)
    calls: list[tuple[Any, Tensor, Tensor]] = []
    images = numbers.normal("lab", BATCH, 3, 64, 64)
    errors = {
        r"\[5, 64, 64\]|but got 5 channels": "channel_dim_dropped",
        r"to have \d+ channels, but got|weight of size": "wrong_channels",
    }
    with stand_in(namespace, Encoder=_stand_in(calls)):
        with student(QUESTION, "EncoderCMC() to give a module"):
            model = cls().cpu()
        fill(model, numbers)
        with student(QUESTION, f"({BATCH}, 3, 64, 64) -> two of ({BATCH}, 384)", errors):
            out = model(images)
        _shapes(out)
        feats = dict(zip(VIEWS, out, strict=True))
        _channels(calls, images)
        _dependence(model, images, feats)
        _values(calls, feats)
        _gradients(model, feats)
        with student(QUESTION, "a batch of one to work like any other", ahead="a batch of one"):
            one = model(images[:1])
        if any(tuple(f.shape) != (1, 384) for f in one):
            fail(
                QUESTION,
                "batch_of_one",
                "(1, 384) twice for a batch of one",
                " and ".join(str(tuple(f.shape)) for f in one),
            )
    run_probe(QUESTION, namespace)
    return "L and ab, each through its own encoder, (batch_size, 384) both"


def _shapes(out: Any) -> None:
    expected = f"two tensors of shape ({BATCH}, 384), for a batch of {BATCH}"
    if out is None:
        fail(QUESTION, "general.returns_nothing", expected, "forward gives None")
    if isinstance(out, Tensor):
        cause = "concatenated" if out.shape[-1] == 768 else "one_output"
        fail(QUESTION, cause, expected, f"one tensor of shape {tuple(out.shape)}")
    if len(out) != 2 or not all(isinstance(f, Tensor) for f in out):
        fail(QUESTION, "one_output", expected, f"{len(out)} values")
    shapes = [tuple(f.shape) for f in out]
    if shapes == [(BATCH, 384)] * 2:
        return
    came = " and ".join(map(str, shapes))
    if any(shape == (BATCH, 24, 4, 4) for shape in shapes):
        fail(QUESTION, "not_flattened", expected, came)
    if any(len(shape) == 1 for shape in shapes):
        fail(QUESTION, "batch_flattened", expected, came)
    fail(QUESTION, "feature_shape", expected, came)


def _channels(calls: list, images: Tensor) -> None:
    """Two encoders ran, one for a channel and one for two, each on its own part of the image."""
    modules = {id(module): module for module, _, _ in calls}
    if len(modules) < 2:
        fail(
            QUESTION,
            "one_encoder",
            "two encoders to run, one for L and one for ab",
            f"{len(modules)}, for {next(iter(modules.values())).in_channels} channels" if modules else "no Encoder ran",
        )
    for module, x, _ in calls:
        part = {1: "L", 2: "ab"}.get(module.in_channels)
        if part is None:
            fail(QUESTION, "one_encoder", "an Encoder(1) and an Encoder(2)", f"an Encoder({module.in_channels})")
        wanted = images[:, VIEWS[part]]
        if x.shape != wanted.shape or not torch.allclose(x, wanted):
            seen = [k for k in range(3) for j in range(x.shape[1] if x.dim() == 4 else 0) if torch.equal(x[:, j], images[:, k])]
            names = f"channels {seen}" if seen else f"something else, of shape {tuple(x.shape)}"
            fail(
                QUESTION,
                "wrong_channels",
                f"the encoder of {part} sees channel{'s 1 and 2' if part == 'ab' else ' 0'}",
                names,
            )


def _dependence(model: nn.Module, images: Tensor, feats: dict[str, Tensor]) -> None:
    """A change of the colours must leave the features of L alone, and the other way round."""
    with torch.no_grad():
        for changed, part in VIEWS.items():
            other = images.clone()
            other[:, part] += 1
            moved = {name: not torch.allclose(f, feats[name]) for name, f in zip(VIEWS, model(other), strict=True)}
            if moved[changed] and not any(moved[name] for name in VIEWS if name != changed):
                continue
            came = [f"the {place} output" for name, place in zip(VIEWS, ("first", "second"), strict=True) if moved[name]]
            swapped = moved == {name: name != changed for name in VIEWS}
            fail(
                QUESTION,
                "views_swapped" if swapped else "views_mixed",
                f"when {changed} changes, only the {'first' if changed == 'L' else 'second'} output changes",
                " and ".join(came) + " changed" if came else "neither did",
            )


def _values(calls: list, feats: dict[str, Tensor]) -> None:
    for module, _, out in calls[:2]:
        name = "L" if module.in_channels == 1 else "ab"
        flat, feat = out.reshape(len(out), -1), feats[name].detach()
        if torch.allclose(flat, feat, atol=1e-6):
            continue
        unit = torch.allclose(feat.norm(dim=1), torch.ones(len(feat)), atol=1e-4)
        same = torch.allclose(flat.sort(dim=1).values, feat.sort(dim=1).values, atol=1e-6)
        cause = "normalised" if unit else "mixed_up" if same else "features_changed"
        came = {
            "normalised": "rows of length 1",
            "mixed_up": "the same numbers in another order",
            "features_changed": "other numbers",
        }[cause]
        fail(QUESTION, cause, f"the features of {name} as its encoder gave them, flattened", came)


def _gradients(model: nn.Module, feats: dict[str, Tensor]) -> None:
    for name, feat in feats.items():
        reached = []
        if feat.requires_grad:
            model.zero_grad()
            (feat * Numbers(SEED).normal(name, *feat.shape)).sum().backward(retain_graph=True)
            reached = [n for n, p in model.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0]
        if not reached:
            fail(
                QUESTION,
                "features_detached",
                f"a gradient from the features of {name} to its encoder",
                "none arrives",
            )
