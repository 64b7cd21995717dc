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


def _stand_in(calls: list[tuple[Any, Tensor, Tensor]], images: Tensor) -> type[nn.Module]:
    class Encoder(nn.Module):
        """Stands in for the student's `Encoder`, and notes what it got and gave: (c, 64, 64) -> (24, 4, 4)."""

        def __init__(self, in_channels: int = 3) -> None:
            super().__init__()
            self.in_channels = in_channels
            self.layer = nn.Conv2d(in_channels, 24, kernel_size=16, stride=16)

        def forward(self, x: Tensor) -> Tensor:
            _check_input(self, x, calls, images)
            out = torch.sigmoid(self.layer(x))  # positive, as a ReLU's
            calls.append((self, x.detach(), out.detach()))
            return out

    return Encoder


def _check_input(encoder: Any, x: Tensor, calls: list[tuple[Any, Tensor, Tensor]], images: Tensor) -> None:
    """What a convolution would refuse, said in the words of the question."""
    channels = encoder.in_channels
    expected = f"the encoder for {channels} channel{'s' if channels > 1 else ''} gets (batch_size, {channels}, 64, 64)"
    actual = f"shape {tuple(x.shape)}"
    if x.dim() != 4:
        fail(QUESTION, "channel_dim_dropped", expected, actual)
    if x.shape[1] == channels:
        return
    if any(module is encoder for module, _, _ in calls):
        fail(QUESTION, "one_encoder", expected, f"it is called a second time, with {actual}")
    if x.shape[1] == 3:
        fail(QUESTION, "whole_image", expected, f"{actual}: all three channels")
    if channels == 2 and x.shape[1] == 1 and len(x) == len(images) and torch.equal(x[:, 0], images[:, 1]):
        fail(QUESTION, "b_left_out", expected, f"{actual}: channel 1 alone")
    fail(QUESTION, "wrong_channels", expected, actual)


def check_encoder_cmc(namespace: Namespace) -> str:
    """2.1: two features of shape (batch_size, 384), each of its own channels through its own encoder."""
    cls, numbers = given(namespace, QUESTION, "EncoderCMC"), Numbers(SEED)
    calls: list[tuple[Any, Tensor, Tensor]] = []
    images = numbers.normal("lab", BATCH, 3, 64, 64)
    with stand_in(namespace, Encoder=_stand_in(calls, images)):
        with student(QUESTION, "EncoderCMC() to give a module"):
            model = cls().cpu()
        fill(model, numbers)
        with student(QUESTION, f"({BATCH}, 3, 64, 64) -> two of ({BATCH}, 384)", {r"shape '\[\d+, ": "batch_fixed"}):
            out = model(given_images := images.clone())
        if not torch.equal(given_images, images):
            fail(
                QUESTION, "general.input_changed", "the images to be as they were after the call", "they were changed in place"
            )
        known = {id(module) for module in model.modules()}
        if any(id(module) not in known for module, _, _ in calls):
            expected = "the two encoders of the constructor to run"
            fail(QUESTION, "encoders_made_in_forward", expected, "others, which belong to no model")
        ran = _joined(calls)
        _encoders(ran, images)
        _shapes(out)
        feats = dict(zip(VIEWS, out, strict=True))
        _channels(ran, images)
        _dependence(model, images, feats)
        _values(ran, feats)
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


def _joined(calls: list[tuple[Any, Tensor, Tensor]]) -> list[tuple[Any, Tensor, Tensor]]:
    """For each encoder what it got and gave, joined if it was called image by image."""
    modules = {id(module): module for module, _, _ in calls}
    parts = [(module, [c for c in calls if c[0] is module]) for module in modules.values()]
    return [(module, torch.cat([x for _, x, _ in own]), torch.cat([out for _, _, out in own])) for module, own in parts]


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
    actual = " and ".join(map(str, shapes))
    if any(shape == (BATCH, 24, 4, 4) for shape in shapes):
        fail(QUESTION, "not_flattened", expected, actual)
    if any(len(shape) == 1 for shape in shapes):
        fail(QUESTION, "batch_flattened", expected, actual)
    if any(shape == (BATCH, 24) for shape in shapes):
        fail(QUESTION, "averaged", expected, actual)
    fail(QUESTION, "feature_shape", expected, actual)


def _encoders(calls: list[tuple[Any, Tensor, Tensor]], images: Tensor) -> None:
    """Two encoders ran, one for a channel and one for two."""
    modules = {id(module): module for module, _, _ in calls}
    expected = "two encoders to run, an Encoder(1) for L and an Encoder(2) for ab"
    if len(modules) < 2:
        mean = images[:, 1:].mean(dim=1, keepdim=True)
        if any(x.shape == mean.shape and torch.allclose(x, mean, atol=1e-5) for _, x, _ in calls):
            fail(QUESTION, "one_encoder_on_a_mean", expected, "one, for L and for the mean of a and b")
        actual = f"one, for {next(iter(modules.values())).in_channels} channels" if modules else "no Encoder ran"
        fail(QUESTION, "one_encoder", expected, actual)
    sizes = sorted(module.in_channels for module in modules.values())
    if sizes != [1, 2]:
        fail(QUESTION, "one_encoder", expected, " and ".join(f"an Encoder({n})" for n in sizes))


def _channels(calls: list[tuple[Any, Tensor, Tensor]], images: Tensor) -> None:
    """Each encoder saw its own part of the image."""
    seen = {}
    for module, x, _ in calls:
        part = "L" if module.in_channels == 1 else "ab"
        wanted = images[:, VIEWS[part]]
        if x.shape == wanted.shape and torch.allclose(x, wanted):
            continue
        if _rescaled(x, wanted):
            fail(QUESTION, "rescaled", f"the encoder of {part} sees its channels as they come", "the same, scaled")
        seen[part] = [k for j in range(x.shape[1]) for k in range(3) if torch.equal(x[:, j], images[:, k])]
    if not seen:
        return
    part, channels = next(iter(seen.items()))
    fail(
        QUESTION,
        "channels_swapped" if len(seen) == 2 and all(seen.values()) else "wrong_channels",
        f"the encoder of {part} sees channel{'s 1 and 2' if part == 'ab' else ' 0'}",
        f"channels {channels}" if channels else "something else of that shape",
    )


def _rescaled(x: Tensor, wanted: Tensor) -> bool:
    """Whether each channel is the one that is wanted, up to a factor and a shift."""
    if x.shape != wanted.shape:
        return False
    both = torch.stack([x.transpose(0, 1).flatten(1), wanted.transpose(0, 1).flatten(1)], dim=1)  # (channels, 2, numbers)
    return all(float(torch.corrcoef(pair)[0, 1].abs()) > 0.9999 for pair in both)


def _dependence(model: nn.Module, images: Tensor, feats: dict[str, Tensor]) -> None:
    """A change of the colours must leave the features of L alone, and the other way round."""
    with torch.no_grad():
        for changed, part in VIEWS.items():
            other = images.clone()
            other[:, part] += 1
            moved = {name: not torch.allclose(f, feats[name]) for name, f in zip(VIEWS, model(other), strict=True)}
            if moved[changed] and not any(moved[name] for name in VIEWS if name != changed):
                continue
            actual = [f"the {place} output" for name, place in zip(VIEWS, ("first", "second"), strict=True) if moved[name]]
            swapped = moved == {name: name != changed for name in VIEWS}
            fail(
                QUESTION,
                "views_swapped" if swapped else "views_mixed",
                f"when {changed} changes, only the {'first' if changed == 'L' else 'second'} output changes",
                " and ".join(actual) + " changed" if actual else "neither did",
            )


def _values(calls: list[tuple[Any, Tensor, Tensor]], feats: dict[str, Tensor]) -> None:
    for module, _, out in calls[:2]:
        name = "L" if module.in_channels == 1 else "ab"
        flat, feat = out.reshape(len(out), -1), feats[name].detach()
        if torch.allclose(flat, feat, atol=1e-6):
            continue
        unit = torch.allclose(feat.norm(dim=1), torch.ones(len(feat)), atol=1e-4)
        same = torch.allclose(flat.sort(dim=1).values, feat.sort(dim=1).values, atol=1e-6)
        cause = "normalised" if unit else "transposed" if same else "features_changed"
        actual = {
            "normalised": "rows of length 1",
            "transposed": "the same numbers in another order",
            "features_changed": "other numbers",
        }[cause]
        fail(QUESTION, cause, f"the features of {name} as its encoder gave them, flattened", actual)


def _gradients(model: nn.Module, feats: dict[str, Tensor]) -> None:
    cut = []
    for name, feat in feats.items():
        reached = []
        if feat.requires_grad:
            model.zero_grad()
            (feat * Numbers(SEED).normal(name, *feat.shape)).sum().backward(retain_graph=True)
            reached = [n for n, p in model.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0]
        if not reached:
            cut.append(name)
    if cut:
        fail(
            QUESTION,
            "features_detached" if len(cut) == 2 else "one_view_detached",
            f"a gradient from the features of {' and of '.join(cut)} to the encoder",
            "none arrives",
        )
