"""What a probe wrote down of one answer, as the judge reads it: arrays by name, and what its parts raised."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

MAX_BYTES = 8 * 2**20  # of the arrays of one question
MAX_TEXT = 2_000  # characters of an error message


class BadEvidence(Exception):
    """What cannot be taken as evidence, with the reason in words."""


@dataclass
class Evidence:
    """What came out of one question's probe.

    Attributes:
        arrays: name -> array of floats, integers or booleans.
        errors: part of the probe -> what the student's code raised there, in one line.
    """

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
