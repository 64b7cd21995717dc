"""Several texts in a sentence."""

from __future__ import annotations

import pytest
from nbjudge.ground.listing import listed


@pytest.mark.parametrize(
    ("count", "most", "expected"),
    [(0, 2, ""), (1, 2, "a"), (2, 2, "a, b"), (3, 2, "a, b and 1 more"), (5, 1, "a and 4 more")],
)
def test_what_is_not_named_is_counted(count: int, most: int, expected: str) -> None:
    assert listed(list("abcde")[:count], most) == expected
