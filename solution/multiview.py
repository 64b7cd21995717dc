"""Part 2, the two views: L and ab of the Lab colour space, an encoder for each."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from solution.autoencoder import Encoder


class EncoderCMC(nn.Module):
    """One encoder for the lightness L, another for the colours a and b.

    Shape:
        (batch_size, 3, 64, 64) in Lab -> two of (batch_size, 384): the features of L, those of ab
    """

    def __init__(self) -> None:
        super().__init__()
        self.encoder_l = Encoder(in_channels=1)
        self.encoder_ab = Encoder(in_channels=2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        # Channel 0 is L, channels 1 and 2 are a and b.
        # Flatten each view's features to (batch_size, 384).
        ### BEGIN SOLUTION
        # On a CPU convolutions run faster in this layout.
        x = x.contiguous(memory_format=torch.channels_last)
        feat_l = self.encoder_l(x[:, :1]).flatten(1)
        feat_ab = self.encoder_ab(x[:, 1:]).flatten(1)
        return feat_l, feat_ab
        ### END SOLUTION


class EncoderCMC_Cat(nn.Module):
    """The features of both views side by side, for the linear classifier.

    Shape:
        (batch_size, 3, 64, 64) in Lab -> (batch_size, 768)
    """

    def __init__(self, encoder: EncoderCMC) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat(self.encoder(x), dim=1)
