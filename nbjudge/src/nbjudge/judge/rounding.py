"""Whether an answer's numbers are right, and rounded as half precision does it: a remark, which costs nothing."""

from __future__ import annotations

import numpy as np

from nbjudge.judge.compare import ATOL, RTOL, Case, close

ROUNDED = "the numbers are rounded as half precision (bfloat16 or float16) does it; that costs nothing"


def remarks(case: Case) -> tuple[str, ...]:
    """The remark, where a right answer's numbers differ by more than single precision makes them differ."""
    for name, expected in case.expected.arrays.items():
        got = case.got.arrays.get(name)
        if got is None or got.shape != expected.shape or got.dtype.kind != "f" or not np.isfinite(got).all():
            continue
        if close(got, expected, RTOL, ATOL) and not np.allclose(got, expected, RTOL, ATOL):
            return (ROUNDED,)
    return ()
