"""The optional part: noise-contrastive estimation, the loss of the paper (Gutmann and Hyvarinen, AISTATS 2010)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class NCELoss(nn.Module):
    """Tells the positive from K draws of noise, each by itself, with an estimated normaliser Z.

    With scores s, p(row | image) = exp(s) / Z and the noise uniform over the N rows, the
    probability that a row came from the data is h = p / (p + K / N). The loss is -log h of the
    positive minus the sum of log(1 - h) of the noise.

    Args:
        N: rows of the memory bank.
        K: draws of noise for each positive.
        decay: share of the old estimate that Z keeps, in [0, 1].

    Shape:
        (batch_size, K+1, 1), the positive at column 0 -> (), the mean over the batch
    """

    Z: Tensor

    def __init__(self, N: int, K: int, decay: float = 0.9) -> None:
        super().__init__()
        self.N, self.K, self.decay = N, K, decay
        self.register_buffer("Z", torch.tensor(0.0))  # 0: no batch seen yet

    def forward(self, x: Tensor) -> Tensor:
        # 1. Without gradient: this batch's estimate is N times the mean of exp(x). The first
        #    becomes Z, later ones are averaged in: Z <- decay * Z + (1 - decay) * estimate.
        #    Keep Z in place (self.Z.copy_).
        # 2. The log-odds of h are x - log Z - log(K / N).
        # 3. -log h at column 0, -log(1 - h) at the others (F.logsigmoid keeps both finite),
        #    summed over the K+1 columns, averaged over the batch.
        ### BEGIN SOLUTION
        scores = x.squeeze(-1)
        with torch.no_grad():
            estimate = self.N * scores.exp().mean()
            self.Z.copy_(
                torch.where(self.Z > 0, self.decay * self.Z + (1 - self.decay) * estimate, estimate)
            )
        log_odds = scores - self.Z.log() - math.log(self.K / self.N)
        positive = F.logsigmoid(log_odds[:, 0])
        noise = F.logsigmoid(-log_odds[:, 1:]).sum(dim=1)
        return -(positive + noise).mean()
        ### END SOLUTION
