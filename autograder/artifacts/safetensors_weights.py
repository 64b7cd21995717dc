"""Weights that are plain numbers already: safetensors files, as `ps8.submit` packs them.

Nothing in them runs when they are read, so no jail is needed: they are read as a kernel's evidence is.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from nbjudge.evidence import BadEvidence
from nbjudge.gather.evidence_file import parse_evidence
from ps8.handing_in.safetensors import ORDER

from autograder.artifacts.container import MAX_BYTES, WeightsRefused

MAX_TABLE = 2**18  # bytes of the table of names


def is_safetensors(data: bytes) -> bool:
    """Whether a file is to be one, by its first bytes."""
    return data[8:9] == b"{" and 0 < int.from_bytes(data[:8], "little") <= len(data) - 8


def arrays(data: bytes) -> dict[str, np.ndarray]:
    """The arrays of a file, in the order of the model's layers as far as it tells it, else as they lie in the file.

    Raises:
        WeightsRefused: if it is too large, or damaged, or holds other things.
    """
    length = int.from_bytes(data[:8], "little")
    if len(data) > MAX_BYTES or length > MAX_TABLE:
        raise WeightsRefused(
            f"has {len(data) / 2**20:.1f} MB, at most {MAX_BYTES // 2**20} are read: is it the model of this assignment?"
        )
    try:
        found = parse_evidence(data).arrays
        table = json.loads(data[8 : 8 + length])
        order = _order(table)
        return {name: found[name] for name in order if name in found} | found
    except (BadEvidence, ValueError, KeyError, TypeError, RecursionError):
        raise WeightsRefused("is a safetensors file that cannot be read: was it cut off? Call ps8.submit() again") from None


def _order(table: dict[str, Any]) -> list[str]:
    told = json.loads(table.get("__metadata__", {}).get(ORDER, "[]"))
    if isinstance(told, list) and told and all(isinstance(name, str) for name in told):
        return told
    entries = {name: entry["data_offsets"][0] for name, entry in table.items() if name != "__metadata__"}
    return sorted(entries, key=lambda name: entries[name])
