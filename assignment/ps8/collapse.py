"""The loss of contrastive training that has collapsed, by its formula."""

from __future__ import annotations

import math
from operator import mul


def collapse_plateau(K: int, n: int, N: int, T: float, d: int) -> tuple[float, float]:
    """Where CMC comes to rest when every image gets one and the same feature.

    The n rows of the bank that belong to images hold that feature, cosine 1 with the live ones. The other N - n are still the
    noise they started as: their cosines are normal with variance 1/d, and the mean of exp(cosine / T) is exp(1 / (2 d T^2)).
    Of K negatives drawn from all rows, M belong to images, M ~ Binomial(K, n/N). The softmax then gives the positive

        p_M = 1 / (1 + M + (K - M) e^(1/(2 d T^2) - 1/T)),

    and no gradient tells one image from another. What is seen is the mean over M. For n = N this is 1 / (K + 1).

    Args:
        K: negatives for each positive, >= 0.
        n: images trained on, 0 <= n <= N.
        N: rows of each bank, > 0.
        T: temperature, > 0.
        d: length of a feature, > 0.

    Returns:
        The probability of the positive, the mean of p_M, and the loss of one view, the mean of -ln p_M; both views together
        lose twice that.

    Raises:
        ValueError: if an argument is out of its range.
    """
    if not (K >= 0 and 0 <= n <= N and N > 0 and T > 0 and d > 0):
        raise ValueError(f"expected K >= 0, 0 <= n <= N, N > 0, T > 0 and d > 0, actual K={K}, n={n}, N={N}, T={T}, d={d}")
    exponent = 1 / (2 * d * T**2) - 1 / T  # of a row of noise beside one of an image; a small T makes it large
    losses = [_log_sum(math.log(1 + m), _log(K - m) + exponent) for m in range(K + 1)]
    weights = _binomial(K, n / N)
    return sum(w * math.exp(-loss) for w, loss in zip(weights, losses, strict=True)), math.fsum(map(mul, weights, losses))


def _binomial(K: int, q: float) -> list[float]:
    """The probability of each count from 0 to K."""
    if q in (0.0, 1.0):
        return [float(m == K * q) for m in range(K + 1)]
    ways = [math.lgamma(K + 1) - math.lgamma(m + 1) - math.lgamma(K - m + 1) for m in range(K + 1)]
    return [math.exp(ways[m] + m * math.log(q) + (K - m) * math.log1p(-q)) for m in range(K + 1)]


def _log(x: float) -> float:
    return math.log(x) if x else -math.inf


def _log_sum(a: float, b: float) -> float:
    """ln(e^a + e^b), for a finite a."""
    return max(a, b) + math.log1p(math.exp(-abs(a - b)))
