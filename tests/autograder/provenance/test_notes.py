"""The collector's notes come from a student's kernel: whatever they hold, a reader gets plain texts or nothing."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from autograder.provenance.notes import LONG, MOST, read_notes


def blob(notes: Any) -> bytes:
    told = notes if isinstance(notes, str) else json.dumps(notes)
    return save({"a": np.zeros(3)}, metadata={"errors": "{}", "notes": told})


def test_what_the_collector_writes_is_read() -> None:
    notes = read_notes(blob({"cells": ["12"], "left": ["torch.set_grad_enabled(False)"], "threads": 1}))
    assert notes is not None
    assert (notes.cells, notes.left, notes.threads) == (("12",), ("torch.set_grad_enabled(False)",), 1)


@pytest.mark.parametrize("odd", ["", "[", "[]", "3", {"cells": 3}, {"cells": [], "left": {}, "threads": 0}, "[" * 30_000])
def test_what_is_none_is_none(odd: Any) -> None:
    assert read_notes(blob(odd)) is None


def test_a_file_without_notes_has_none() -> None:
    assert read_notes(save({"a": np.zeros(3)})) is None
    assert read_notes(b"") is None and read_notes(b"\xff" * 40) is None and read_notes(b"\x08" + b"\0" * 7 + b"{}") is None


@given(st.lists(st.text()), st.one_of(st.integers(), st.booleans(), st.text(), st.none()))
def test_texts_are_plain_and_short(left: list[str], threads: Any) -> None:
    notes = read_notes(blob({"cells": [], "left": [*left, "<script>\x1b[2J\u202e" * 50] * 3, "threads": threads}))
    assert notes is not None
    assert len(notes.left) <= MOST and all(len(text) <= LONG and text.isprintable() and "<" not in text for text in notes.left)
    assert 0 <= notes.threads < 1000
