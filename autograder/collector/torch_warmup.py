"""Small calls that load what PyTorch and scikit-image load only when they are first used. No thread may start here.

The warm parent of the jail's kernels calls them once, see `autograder.kernel_setup`.
"""

from __future__ import annotations


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
