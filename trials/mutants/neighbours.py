"""What stands close to what in PyTorch: the tables that mutants are made by."""

from __future__ import annotations

# Functions and methods for which another is easily taken, by the last part of their name.
CALLED: dict[str, tuple[str, ...]] = {
    "mean": ("sum", "median", "amax"),
    "sum": ("mean", "prod", "amax"),
    "exp": ("expm1", "sigmoid", "log"),
    "log": ("log1p", "exp", "log2"),
    "logsigmoid": ("sigmoid", "softplus"),
    "where": ("lerp",),
    "copy_": ("add_", "mul_"),
    "normalize": ("softmax", "layer_norm", "tanh"),
    "cross_entropy": ("nll_loss", "multi_margin_loss"),
    "zeros": ("ones", "empty"),
    "flatten": ("squeeze", "unflatten", "mean"),
    "squeeze": ("flatten", "mean", "unsqueeze"),
    "no_grad": ("enable_grad",),
    "set_grad_enabled": ("no_grad", "enable_grad"),
    "randint": ("randperm",),
    "ReLU": ("Identity", "Sigmoid", "LeakyReLU", "Tanh", "GELU", "ELU"),
    "Sigmoid": ("Identity", "ReLU", "Tanh", "Hardsigmoid", "Softplus"),
    "Conv2d": ("ConvTranspose2d", "LazyConv2d"),
    "ConvTranspose2d": ("Conv2d",),
    "Adam": ("SGD", "AdamW", "RMSprop", "Adamax", "NAdam"),
    "zero_grad": ("step",),
    "step": ("zero_grad",),
    "parameters": ("buffers",),
    "list": ("tuple", "set"),
}
# Names that stand for each other: the two views, the two sizes, what a batch holds.
NAMED: dict[str, tuple[str, ...]] = {
    "l": ("ab",),
    "ab": ("l",),
    "N": ("K", "T"),
    "K": ("N", "momentum", "decay"),
    "T": ("momentum", "K"),
    "momentum": ("T",),
    "decay": ("K",),
    "images": ("labels", "_labels"),
    "labels": ("images", "idx"),
    "idx": ("_labels", "y"),
    "y": ("idx",),
    "encoder": ("cls",),
    "cls": ("encoder",),
    "estimate": ("scores",),
    "positive": ("noise",),
    "noise": ("positive",),
    "scores": ("x", "log_odds"),
    "log_odds": ("scores",),
    "features": ("images",),
    "in_channels": ("out_channels",),
    "cls_lr": ("ae_lr", "cls_weight_decay", "cmc_lr"),
    "cls_weight_decay": ("cls_lr",),
}
# What leads back to what is learned, so that it may be cut off from its graph.
LEARNED = {
    *("l", "ab", "x", "scores", "log_odds", "positive", "noise", "features", "loss"),
    *(f"{name}_{view}" for name in ("feat", "out", "row") for view in ("l", "ab")),
}
MODULES = {"torch", "F", "nn", "ps8", "math", "cfg"}
SUFFIXES = {"_l": "_ab", "_ab": "_l"}  # of names that belong to one view


def called(name: str) -> tuple[str, ...]:
    """What may be called in place of `name`."""
    return CALLED.get(name, ())


def named(name: str) -> tuple[str, ...]:
    """What may stand in place of the variable or attribute `name`."""
    others = [name.removesuffix(one) + two for one, two in SUFFIXES.items() if name.endswith(one)]
    return (*NAMED.get(name, ()), *others)
