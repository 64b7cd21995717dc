from __future__ import annotations

import json
import math
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbjudge.evidence import MAX_TEXT, BadEvidence
from nbjudge.gather.evidence_file import MAX_FILE, parse_evidence
from ps8.probes import Evidence

from autograder.collector.inkernel import write


def blob(evidence: Evidence, folder: Path) -> bytes:
    write(evidence, str(folder / "e"))
    return (folder / "e").read_bytes()


def test_round_trip(tmp_path: Path) -> None:
    evidence = Evidence(
        {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "n": np.array(42), "flags": np.array([True, False])},
        {"forward": "TypeError in forward, line 3: no"},
    )
    back = parse_evidence(blob(evidence, tmp_path))
    assert back.errors == evidence.errors
    assert back.arrays.keys() == evidence.arrays.keys()
    for name, array in evidence.arrays.items():
        assert back.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(back.arrays[name], array)
        assert back.arrays[name].flags.writeable


@given(st.binary(max_size=400))
def test_any_bytes_give_evidence_or_a_reason(data: bytes) -> None:
    try:
        parse_evidence(data)
    except BadEvidence as error:
        assert str(error)


@given(st.data())
def test_a_changed_byte_gives_evidence_or_a_reason(data: st.DataObject) -> None:
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    whole = bytearray(struct.pack("<Q", len(header)) + header + bytes(8))
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        parse_evidence(bytes(whole))
    except BadEvidence as error:
        assert str(error)


def test_a_header_that_claims_more_than_there_is(tmp_path: Path) -> None:
    header = json.dumps({"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}).encode()
    with pytest.raises(BadEvidence):
        parse_evidence(struct.pack("<Q", len(header)) + header)


@pytest.mark.parametrize("shape", [[1] * 100, [0, 2**40, 2**40]], ids=["too many dimensions", "too large a product"])
def test_a_shape_that_no_array_can_have(shape: list[int]) -> None:
    size = 4 * math.prod(shape)
    header = json.dumps({"a": {"dtype": "F32", "shape": shape, "data_offsets": [0, size]}}).encode()
    with pytest.raises(BadEvidence):
        parse_evidence(struct.pack("<Q", len(header)) + header + bytes(size))


def test_too_large_a_file() -> None:
    with pytest.raises(BadEvidence, match="larger"):
        parse_evidence(bytes(MAX_FILE + 1))


def test_text_from_a_kernel_is_made_harmless(tmp_path: Path) -> None:
    evidence = Evidence({"\x1b[2Jname": np.array(1)}, {"part\n": "\x1b[31mred\x1b[0m\tx\x00\ud800", "long": "x" * MAX_TEXT * 2})
    data = written_by_hand(evidence)
    back = parse_evidence(data)
    assert back.errors["part\\n"] == "red\tx\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"
    assert len(back.errors["long"]) <= MAX_TEXT and "more characters are left out" in back.errors["long"]
    assert list(back.arrays) == ["\\x1b[2Jname"]


def written_by_hand(evidence: Evidence) -> bytes:
    arrays = {name: {"dtype": "I64", "shape": [], "data_offsets": [0, 8]} for name in evidence.arrays}
    header = json.dumps({**arrays, "__metadata__": {"errors": json.dumps(evidence.errors)}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(8)
