"""How alike texts are, with rapidfuzz and without."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbrepair import likeness
from rapidfuzz import fuzz


@given(st.text("abé \n", max_size=80), st.text("abé \n", max_size=80), st.floats(0, 100))
def test_without_rapidfuzz_it_is_the_same_number(one: str, other: str, least: float) -> None:
    assert likeness.plain_likeness(one, other, least) == pytest.approx(fuzz.ratio(one, other, score_cutoff=least))


def test_it_is_worked_out_here_where_rapidfuzz_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "find_spec", lambda name: None)
    monkeypatch.setattr(likeness, "plain_likeness", lambda *texts: 42.0)
    assert likeness.likeness("a", "b") == 42.0
