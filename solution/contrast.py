"""Part 2.2, the contrast: scores against a memory bank, and the loss that makes the right one the largest.

Contrastive multiview coding: Tian, Krishnan, Isola, ECCV 2020. The memory bank: Wu, Xiong, Yu, Lin, CVPR 2018.
"""

from __future__ import annotations

import math

import ps8
import torch
import torch.nn.functional as F
from torch import Tensor, nn


class CMCScore(nn.Module):
    """Scores a view's features against the other view's memory bank: the cosine over a temperature.

    Args:
        feat_dim: length of a feature vector.
        N: rows of each bank, one for each image that is trained on.
        K: negatives for each positive.
        T: temperature, > 0.
        momentum: share of the old row that an update keeps, in [0, 1].

    Shape:
        l, ab: (batch_size, feat_dim). y: (batch_size,), the images' numbers, 0 to N-1.
        idx: (batch_size, K+1), the rows to score against; column 0 is y.
        Returns two of (batch_size, K+1, 1): the scores of l against memory_ab, and those of ab
        against memory_l.
    """

    memory_l: Tensor
    memory_ab: Tensor

    def __init__(
        self, feat_dim: int, N: int, K: int, T: float = 0.1, momentum: float = 0.5
    ) -> None:
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        bound = 1 / math.sqrt(feat_dim / 3)  # uniform in +-bound: the rows have length 1 on average
        self.register_buffer("memory_l", torch.empty(N, feat_dim).uniform_(-bound, bound))
        self.register_buffer("memory_ab", torch.empty(N, feat_dim).uniform_(-bound, bound))

    def forward(
        self, l: Tensor, ab: Tensor, y: Tensor, idx: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        # 1. Normalise l and ab to length 1 (eps=1e-7).
        # 2. If idx is None, draw it: column 0 is y, the other K are rows of other images,
        #    uniformly, for each image anew; a row may come twice.
        # 3. Scores: l with the rows idx of memory_ab, ab with those of memory_l, both over T,
        #    of shape (batch_size, K+1, 1).
        # 4. Without gradient, and only now, in both banks:
        #    row y <- normalise(momentum * row + (1 - momentum) * live feature).
        ### BEGIN SOLUTION
        l = F.normalize(l, dim=1, eps=1e-7)
        ab = F.normalize(ab, dim=1, eps=1e-7)
        if idx is None:
            idx = torch.randint(self.N - 1, (len(y), self.K + 1), device=y.device)
            idx = idx + (idx >= y[:, None])  # skip the image's own row
            idx[:, 0] = y

        # The same as (memory[idx] @ live[:, :, None]) / T, without copying the rows.
        out_l = ps8.row_products(l, self.memory_ab, idx)[:, :, None] / self.T
        out_ab = ps8.row_products(ab, self.memory_l, idx)[:, :, None] / self.T
        with torch.no_grad():
            row_l = self.momentum * self.memory_l[y] + (1 - self.momentum) * l
            row_ab = self.momentum * self.memory_ab[y] + (1 - self.momentum) * ab
            self.memory_l[y] = F.normalize(row_l, dim=1, eps=1e-7)
            self.memory_ab[y] = F.normalize(row_ab, dim=1, eps=1e-7)
        return out_l, out_ab
        ### END SOLUTION


class SoftmaxLoss(nn.Module):
    """The cross entropy of picking the positive, at column 0, out of the K+1 scores.

    Shape:
        (batch_size, K+1, 1) -> (), the mean over the batch
    """

    def forward(self, x: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        scores = x.squeeze(-1)
        target = torch.zeros(len(scores), dtype=torch.long, device=scores.device)
        return F.cross_entropy(scores, target)
        ### END SOLUTION
