"""Evidence: plain bounded arrays, and for each part that raised, what it raised."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from ps8.probes.evidence import MAX_BYTES, MAX_TEXT, BadEvidence, Evidence, describe, to_array


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (torch.ones(2, 3), np.float32),
        (torch.ones(2, dtype=torch.bfloat16), np.float32),
        (torch.ones(2, dtype=torch.float16, requires_grad=True), np.float32),
        (torch.arange(3), np.int64),
        (np.float64(2), np.float64),
        (3, np.int64),
        (True, np.bool_),
    ],
)
def test_numbers_become_plain_arrays(value: object, dtype: type) -> None:
    array = to_array("x", value)
    assert type(array) is np.ndarray and array.dtype == dtype
    assert array.flags.c_contiguous and array.flags.owndata


def test_an_array_is_a_copy() -> None:
    x = torch.zeros(4)
    array = to_array("x", x)
    x += 1
    assert not array.any()


def test_a_view_is_made_whole() -> None:
    assert to_array("x", torch.zeros(1).expand(5)).strides == (4,)


@pytest.mark.parametrize("value", ["text", None, [1, 2], object(), np.array(["a"]), np.array([object()]), np.array([1j])])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(BadEvidence, match="x should"):
        to_array("x", value)


def test_size_is_bounded_before_anything_is_copied() -> None:
    with pytest.raises(BadEvidence, match="more than can be looked at"):
        to_array("x", torch.zeros(1).expand(10**12))
    evidence = Evidence()
    evidence.record("a", torch.zeros(MAX_BYTES // 8))
    with pytest.raises(BadEvidence, match="b has shape"):
        evidence.record("b", torch.zeros(MAX_BYTES // 4))
    assert list(evidence.arrays) == ["a"]


def test_a_part_keeps_its_error_to_itself() -> None:
    evidence = Evidence()
    for part, error in {"a": ValueError("no"), "b": SystemExit(0), "c": NotImplementedError()}.items():
        with evidence.part(part):
            raise error
    assert evidence.errors == {"a": "ValueError: no", "b": "SystemExit: 0", "c": "NotImplementedError"}


def test_an_interrupt_goes_through() -> None:
    with pytest.raises(KeyboardInterrupt), Evidence().part("a"):
        raise KeyboardInterrupt


def test_the_line_of_the_students_cell_is_named() -> None:
    code = compile("def forward(x):\n    return x.nothing\n", "<ipython-input-3-abc>", "exec")
    names: dict = {}
    exec(code, names)
    try:
        names["forward"](1)
    except AttributeError as error:
        assert describe(error) == "AttributeError in forward, line 2: 'int' object has no attribute 'nothing'"
    else:
        pytest.fail("no error")


def test_a_message_is_bounded_and_may_lie() -> None:
    class Lie(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert describe(Lie()) == "Lie"
    assert len(describe(ValueError("x" * 10**6))) == MAX_TEXT
