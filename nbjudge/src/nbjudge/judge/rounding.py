"""Whether an answer's numbers are right, and rounded as half precision does it: a remark, which costs nothing."""

from __future__ import annotations

import numpy as np

from nbjudge.judge.compare import ATOL, RTOL, Case, close

ROUNDED = "the numbers are rounded as half precision (bfloat16 or float16) does it; that costs nothing"


def rounding_remarks(case: Case) -> tuple[str, ...]:
    """The remark, where a right answer's numbers differ by more than single precision makes them differ."""
    for name, expected in case.expected.arrays.items():
        actual = case.actual.arrays.get(name)
        if actual is None or actual.shape != expected.shape or actual.dtype.kind != "f" or not np.isfinite(actual).all():
            continue
        if close(actual, expected, RTOL, ATOL) and not np.allclose(actual, expected, RTOL, ATOL):
            return (ROUNDED,)
    return ()
