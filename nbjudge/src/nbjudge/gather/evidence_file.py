"""Reads what a student's kernel wrote. Nothing in it is trusted: not its kind, not its size, not its numbers."""

from __future__ import annotations

import json

import numpy as np
from safetensors import SafetensorError, deserialize

from nbjudge.evidence import MAX_BYTES, MAX_TEXT, BadEvidence, Evidence
from nbjudge.ground.foreign_names import shown
from nbjudge.ground.terminal import output

MAX_FILE = MAX_BYTES + 2**20
MAX_ARRAYS = 200
MAX_NAME = 200  # characters of an array's name
_DTYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "I64": np.int64,
    "I32": np.int32,
    "I16": np.int16,
    "I8": np.int8,
    "U8": np.uint8,
    "BOOL": np.bool_,
}


def parse_evidence(blob: bytes) -> Evidence:
    """The evidence in a file's bytes.

    Raises:
        BadEvidence: if they are anything but arrays of plain numbers and a few errors.
    """
    if len(blob) > MAX_FILE:
        raise BadEvidence(f"the evidence is larger than {MAX_FILE} bytes")
    try:
        entries = deserialize(blob)  # type: ignore[no-untyped-call]
        length = int.from_bytes(blob[:8], "little")
        header = json.loads(blob[8 : 8 + length])
        errors = json.loads(header.get("__metadata__", {}).get("errors", "{}"))
    except (SafetensorError, ValueError, RecursionError, AttributeError, TypeError) as error:
        raise BadEvidence(f"the evidence cannot be read ({type(error).__name__})") from None
    if len(entries) > MAX_ARRAYS or not isinstance(errors, dict) or len(errors) > MAX_ARRAYS:
        raise BadEvidence("the evidence holds more than a probe records")
    evidence = Evidence(errors={shown(str(k)): output(v, longest=MAX_TEXT) for k, v in errors.items()})
    for name, entry in entries:
        if entry["dtype"] not in _DTYPES:
            raise BadEvidence(f"the evidence holds numbers of the kind {shown(str(entry['dtype']))}")
        array: np.ndarray = np.frombuffer(bytes(entry["data"]), dtype=_DTYPES[entry["dtype"]])
        try:
            evidence.arrays[shown(name, MAX_NAME)] = array.reshape(entry["shape"]).copy()  # writable, as torch wants it
        except ValueError:  # more dimensions than NumPy has, or sizes whose product only seems to fit
            raise BadEvidence("the evidence holds an array whose shape is none") from None
    return evidence
