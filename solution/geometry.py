"""What the features of the two views look like: whether training brought views together, spread images out, or killed units.

Alignment and uniformity: Wang and Isola, "Understanding contrastive representation learning through alignment and uniformity
on the hypersphere", ICML 2020.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from torch import Tensor


@torch.no_grad()
def geometry(
    encode: Callable[[Tensor], tuple[Tensor, Tensor]], loader: Iterable
) -> dict[str, float]:
    """Looks at the features of all images of a loader, which gives (images, ...).

    Args:
        encode: images -> the features of L and of ab, (batch_size, feat_dim) each.
        loader: a thousand images, say: all pairs of them are compared.

    Returns:
        alignment: the mean cosine of an image's two views. For each view: alike, the mean cosine of two images;
        uniformity, the log of the mean of exp(-2 distance^2), 0 when all are alike; dead, the share of units that fire
        for no image; blank, the share of images without any feature; and size, the mean length of the features.
    """
    pairs = [encode(x) for x, *_ in loader]
    views = [torch.cat(view) for view in zip(*pairs, strict=True)]
    unit = [F.normalize(view, dim=1, eps=1e-7) for view in views]
    found = {"alignment": (unit[0] * unit[1]).sum(1).mean().item()}
    for name, raw, view in zip(("l", "ab"), views, unit, strict=True):
        n = len(view)
        found[f"alike_{name}"] = (view @ view.T).fill_diagonal_(0).sum().item() / (n * (n - 1))
        found[f"uniformity_{name}"] = torch.pdist(view).pow(2).mul(-2).exp().mean().log().item()
        found[f"dead_{name}"] = (raw == 0).all(dim=0).float().mean().item()
        found[f"blank_{name}"] = (raw == 0).all(dim=1).float().mean().item()
        found[f"size_{name}"] = raw.norm(dim=1).mean().item()
    return {key: round(value, 3) for key, value in found.items()}
