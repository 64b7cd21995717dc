"""Small calls that load what a library loads only when it is first used. No thread may start here."""

from __future__ import annotations

import contextlib
import importlib

from nbjudge.jail.inside.kernel import without_debugger


def torch_layers() -> None:
    """Convolutions, their transposes, batch norm, losses, and an optimizer's step (which imports a compiler)."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    net = nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.ConvTranspose2d(4, 3, 4, 2, 1))
    with torch.no_grad():
        y = net(torch.zeros(2, 3, 8, 8))
        nn.functional.cross_entropy(y.flatten(1), torch.zeros(2, dtype=torch.long))
    for kind in (torch.optim.Adam, torch.optim.SGD):
        optimizer = kind(net.parameters(), lr=0.0)
        for parameter in net.parameters():
            parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
        optimizer.zero_grad()
    repr(torch.rand(2))


def lab_colors() -> None:
    """scikit-image's colour conversions."""
    import numpy
    from skimage import color

    color.rgb2lab(numpy.zeros((2, 2, 3), dtype=numpy.uint8))


def figures() -> None:
    """Matplotlib's fonts and renderer, without choosing a backend."""
    import io

    import matplotlib.pyplot  # noqa: F401
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1, 1))
    figure.subplots().set_title("a")
    FigureCanvasAgg(figure).print_png(io.BytesIO())


_OF_THE_SHELL = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "asttokens",
    "executing",
    "faulthandler",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "pdb",
    "pure_eval",
    "pygments.formatters.terminal256",
    "pygments.styles.default",
    "stack_data",
    "tornado.platform.asyncio",
)


def shell() -> None:
    """What an IPython kernel imports while it starts, and at its first result and its first traceback."""
    without_debugger()
    for name in _OF_THE_SHELL:
        with contextlib.suppress(ImportError):  # names change between versions; a missing one only costs time
            importlib.import_module(name)
