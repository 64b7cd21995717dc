"""Part 1, the autoencoder: an encoder, its mirror image, and the loop that trains the two to copy their input."""

from __future__ import annotations

from collections.abc import Iterable

import ps8
import torch
from ps8 import visualize_recon
from torch import Tensor, nn

from solution.common import cfg, device


class Encoder(nn.Module):
    """Four convolutions that turn an image into 24 maps of 4x4.

    Args:
        in_channels: planes of the input: 3 for RGB, 1 for L, 2 for ab.

    Shape:
        (batch_size, in_channels, 64, 64) -> (batch_size, 24, 4, 4)
    """

    def __init__(self, in_channels: int = 3) -> None:
        super().__init__()
        # Four times: a Conv2d (kernel 4, stride 2, padding 1), then a ReLU.
        # Output channels 12, 24, 48, 24.
        ### BEGIN SOLUTION
        self.layers = nn.Sequential(
            nn.Conv2d(in_channels, 12, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(12, 24, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(24, 48, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(48, 24, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
        )
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return self.layers(x)
        ### END SOLUTION


class Decoder(nn.Module):
    """Four transposed convolutions that turn 24 maps of 4x4 back into an image.

    Args:
        out_channels: planes of the image.
        feat_dim: maps of the code. (Elsewhere `feat_dim` is the length of a flattened code; here it
            counts its maps.)

    Shape:
        (batch_size, feat_dim, 4, 4) -> (batch_size, out_channels, 64, 64), every value in [0, 1]
    """

    def __init__(self, out_channels: int = 3, feat_dim: int = 24) -> None:
        super().__init__()
        # Four times a ConvTranspose2d (kernel 4, stride 2, padding 1).
        # Output channels 48, 24, 12, out_channels.
        # A ReLU after each but the last, a Sigmoid after the last.
        ### BEGIN SOLUTION
        self.layers = nn.Sequential(
            nn.ConvTranspose2d(feat_dim, 48, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(48, 24, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(24, 12, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(12, out_channels, kernel_size=4, stride=2, padding=1),
            nn.Sigmoid(),
        )
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return self.layers(x)
        ### END SOLUTION


class Autoencoder(nn.Module):
    """The encoder, then the decoder: an image in, its reconstruction out.

    Shape:
        (batch_size, in_channels, 64, 64) -> (batch_size, in_channels, 64, 64)
    """

    def __init__(self, in_channels: int = 3, feat_dim: int = 24) -> None:
        super().__init__()
        self.encoder = Encoder(in_channels)
        self.decoder = Decoder(in_channels, feat_dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))


def train_ae(
    model: nn.Module, dataloader: Iterable, epochs: int = cfg.ae_epochs
) -> tuple[nn.Module, list[float]]:
    """Trains an autoencoder to reconstruct its input, with Adam and the mean squared error.

    Args:
        model: (batch_size, 3, 64, 64) -> the same shape.
        dataloader: gives (images, labels); the labels are not looked at.
        epochs: passes over the data. Interrupt the kernel to stop early: what was trained is kept.

    Returns:
        The model, and for each epoch the sum of its batches' losses.
    """
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.ae_lr)
    criterion = nn.MSELoss()
    losses = []
    with ps8.progress(epochs, "autoencoder", model=model) as bar:
        for _ in bar:
            model.train()
            total = 0.0
            for images, _ in dataloader:
                # Convolutions run faster in this layout.
                images = images.to(device, memory_format=torch.channels_last)
                # One step of training. Leave this batch's loss in `loss`.
                ### BEGIN SOLUTION
                loss = criterion(model(images), images)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                ### END SOLUTION
                total += loss.item()
            losses.append(total)
            bar.report(loss=total)
            ps8.show(visualize_recon(model, dataloader))
    return model, losses
