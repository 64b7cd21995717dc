"""Images and what an autoencoder makes of them: computed only where somebody looks."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUALITY = 85  # of a JPEG: of such small photographs nobody sees the difference to a PNG, which is five times as large
GAP = 4  # pixels between two images


class Reconstructions:
    """The first images of a loader, and what the model makes of them as it is when they are asked for.

    From a `BatchLoader` these are always the same images, cut in the centre, and its random order goes on as if nobody had
    looked.

    Args:
        model: takes and gives (B, 3, 64, 64) in 0..1.
        dataloader: what comes after the images is ignored.
        n: how many.
    """

    def __init__(self, model: nn.Module, dataloader: Iterable[Any], n: int = 8) -> None:
        self.model, self.dataloader, self.n = model, dataloader, n

    @property
    def inputs(self) -> Tensor:
        """The images, (n, 3, 64, 64)."""
        return first_images(self.dataloader, self.n)

    def outputs(self, inputs: Tensor) -> Tensor:
        """What the model makes of images; its mode and its gradients stay as they are."""
        weights = next(self.model.parameters(), None)
        was_training = self.model.training
        self.model.eval()
        with torch.no_grad():
            output: Tensor = self.model(inputs.to(weights.device) if weights is not None else inputs)
        self.model.train(was_training)
        return output

    def figure(self) -> Figure:
        """Inputs and, below each, what the model makes of it."""
        from ps8.figures import rows_of_images

        inputs = self.inputs
        rows = {"input": inputs, "reconstruction": self.outputs(inputs)}
        return rows_of_images(rows, f"{len(inputs)} images; below each, what the autoencoder paints from its code.")

    def savefig(self, *arguments: Any, **options: Any) -> None:
        """Writes the figure to a file, as a Figure does."""
        self.figure().savefig(*arguments, **options)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return self.figure()._repr_mimebundle_()  # type: ignore[attr-defined]


def first_images(dataloader: Iterable[Any], n: int) -> Tensor:
    """The first images of a loader; of a `BatchLoader` always the same, cut in the centre, while its order stays as it was."""
    from ps8.data import BatchLoader

    source = dataloader
    if isinstance(source, BatchLoader):
        source = BatchLoader(
            source.dataset,
            n,
            color=source.color,
            lab_scale=source.lab_scale,
            device=source.device,
            crop_size=source.crop_size,
        )
    with torch.random.fork_rng():  # a loader of another kind may draw its order: that of a training stays what it was
        batch = next(iter(source))
    images: Tensor = (batch[0] if isinstance(batch, (tuple, list)) else batch)[:n]
    return images


def strip(images: Tensor) -> str:
    """Images beside each other, as the address of one JPEG that holds them all."""
    from PIL import Image

    pixels = np.nan_to_num(images.detach().float().cpu().numpy()).clip(0, 1)
    pixels = (pixels * 255).round().astype(np.uint8).transpose(0, 2, 3, 1)
    n, height, width, channels = pixels.shape
    row = np.full((height, n * (width + GAP) - GAP, channels), 34, np.uint8)
    for i, image in enumerate(pixels):
        row[:, i * (width + GAP) : i * (width + GAP) + width] = image
    buffer = io.BytesIO()
    Image.fromarray(row).save(buffer, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
