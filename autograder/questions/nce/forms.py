"""The optional part: estimates of the normaliser and forms of the NCE loss, as asked for and as often mistaken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from nbjudge.judge.severity import Severity
from ps8.questions.nce.probe import K, N
from torch import Tensor

_ELSE, _NUMBERS, _NOTHING = Severity.LEARNS_ELSE, Severity.OTHER_NUMBERS, Severity.NOTHING_LEARNS
# The estimate of the normaliser that a batch gives: as asked for, and as it is often mistaken.
ESTIMATES: dict[str, Callable[[Tensor], Tensor]] = {
    "": lambda s: N * s.exp().mean(),
    "without the factor N": lambda s: s.exp().mean(),
    "added up over the columns": lambda s: N * s.exp().sum(1).mean(),
    "added up": lambda s: N * s.exp().sum(),
    "added up, without N": lambda s: s.exp().sum(),
    "of the noise alone": lambda s: N * s[:, 1:].exp().mean(),
    "of the positives alone": lambda s: N * s[:, 0].exp().mean(),
    "the exponential of the mean": lambda s: N * s.mean().exp(),
    "with K in place of N": lambda s: K * s.exp().mean(),
    "without exponentials": lambda s: N * s.mean(),
}


@dataclass(frozen=True)
class Form:
    """What may be done with the log-odds; `offset` of log Z is what is taken from the scores."""

    words: str
    severity: Severity
    formula: Callable[[Tensor, float | Tensor], Tensor]


def log_odds(s: Tensor, Z: float | Tensor, noise: float = K / N) -> Tensor:
    odds: Tensor = s - torch.as_tensor(Z).log() - np.log(noise)
    return odds


def _parts(positive: Tensor, noise: Tensor) -> Tensor:
    """The loss with one log-odds for the positive and another for the noise."""
    return (terms(positive)[0] + terms(noise)[1]).mean()


def _plain(odds: Tensor) -> Tensor:
    return -(odds[:, 0].sigmoid() + (1 - odds[:, 1:].sigmoid()).sum(1)).mean()


def terms(odds: Tensor) -> tuple[Tensor, Tensor]:
    """For each image: -log h of the positive, and the sum of -log(1 - h) of the noise."""
    return -F.logsigmoid(odds[:, 0]), -F.logsigmoid(-odds[:, 1:]).sum(1)


def mean_loss(odds: Tensor) -> Tensor:
    return sum(terms(odds)).mean()  # type: ignore[union-attr]


FORMS = (
    Form("", Severity.NONE, lambda s, Z: mean_loss(log_odds(s, Z))),
    Form("the sum over the batch, not its mean", _NUMBERS, lambda s, Z: len(s) * mean_loss(log_odds(s, Z))),
    Form("the mean over the columns, too", _NUMBERS, lambda s, Z: mean_loss(log_odds(s, Z)) / s.shape[1]),
    Form(
        "the sum over the batch, divided by the columns", _NUMBERS, lambda s, Z: len(s) * mean_loss(log_odds(s, Z)) / s.shape[1]
    ),
    Form(
        "the noise is averaged over its columns",
        _NUMBERS,
        lambda s, Z: (terms(log_odds(s, Z))[0] + terms(log_odds(s, Z))[1] / K).mean(),
    ),
    Form("the minus is missing", _NOTHING, lambda s, Z: -mean_loss(log_odds(s, Z))),
    Form("the noise is missing", _NOTHING, lambda s, Z: terms(log_odds(s, Z))[0].mean()),
    Form("the positive is missing", _NOTHING, lambda s, Z: terms(log_odds(s, Z))[1].mean()),
    Form("a no is asked of the positive, a yes of the noise", _NOTHING, lambda s, Z: mean_loss(-log_odds(s, Z))),
    Form("the last column is taken for the positive", _NOTHING, lambda s, Z: mean_loss(log_odds(s, Z).roll(1, 1))),
    Form(
        "the positive is counted as noise, too",
        _ELSE,
        lambda s, Z: mean_loss(log_odds(s, Z)) - F.logsigmoid(-log_odds(s, Z)[:, 0]).mean(),
    ),
    Form("K + 1 stands where K should", _NUMBERS, lambda s, Z: mean_loss(log_odds(s, Z, (K + 1) / N))),
    Form("log(K / N) is missing", _ELSE, lambda s, Z: mean_loss(log_odds(s, Z, 1.0))),
    Form("K / N is upside down", _ELSE, lambda s, Z: mean_loss(log_odds(s, Z, N / K))),
    Form("K is missing from the log-odds", _ELSE, lambda s, Z: mean_loss(log_odds(s, Z, 1 / N))),
    Form("N is missing from the log-odds", _ELSE, lambda s, Z: mean_loss(log_odds(s, Z, K))),
    Form("log Z is missing", _ELSE, lambda s, Z: mean_loss(log_odds(s, 1.0))),
    Form("log Z is added, not taken away", _ELSE, lambda s, Z: mean_loss(log_odds(s, 1 / Z))),
    Form("Z is taken away, not its logarithm", _ELSE, lambda s, Z: mean_loss(s - Z - np.log(K / N))),
    Form("log(K / N) and log Z are missing", _ELSE, lambda s, Z: mean_loss(s)),
    Form(
        "each image has a Z of its own scores",
        _ELSE,
        lambda s, Z: mean_loss(log_odds(s, N * s.exp().mean(1, keepdim=True).detach())),
    ),
    Form("log(K / N) is added, not taken away", _ELSE, lambda s, Z: mean_loss(log_odds(s, Z, N / K))),
    Form("only the noise's log-odds hold log(K / N)", _ELSE, lambda s, Z: _parts(log_odds(s, Z, 1.0), log_odds(s, Z))),
    Form("only the positive's log-odds hold log(K / N)", _ELSE, lambda s, Z: _parts(log_odds(s, Z), log_odds(s, Z, 1.0))),
    Form("the softmax loss in place of it", _ELSE, lambda s, Z: -s.log_softmax(1)[:, 0].mean()),
    Form("the probabilities stand where their logarithms should", _ELSE, lambda s, Z: _plain(log_odds(s, Z))),
    Form("log h is asked of the noise, too", _NOTHING, lambda s, Z: -F.logsigmoid(log_odds(s, Z)).sum(1).mean()),
    Form("the noise's sign is turned", _NOTHING, lambda s, Z: (terms(log_odds(s, Z))[0] - terms(log_odds(s, Z))[1]).mean()),
    Form("the positive's sign is turned", _NOTHING, lambda s, Z: (terms(log_odds(s, Z))[1] - terms(log_odds(s, Z))[0]).mean()),
)
