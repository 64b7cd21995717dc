"""Runs in a jail of its own, without any code of a student: turns files that `torch.save` wrote into plain arrays.

Unpickling is kept away from the grader's process, even with `weights_only=True`, which admits tensors and nothing else: that
unpickler has had holes, and what comes through one of them ends with this jail.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from ps8.probes import Evidence
from ps8.probes.evidence import BadEvidence

from autograder.collector.inkernel import write

MAX_LAYERS = 150


def unpack(files: Mapping[str, str]) -> None:
    """Reads each file and writes its tensors; one that cannot be read becomes an error, under the name `file`.

    Args:
        files: name of a weights file in the working directory -> where its arrays go.
    """
    for name, path in files.items():
        evidence = Evidence()
        with evidence.part("file"):
            record(torch.load(name, map_location="cpu", weights_only=True), evidence)
        write(evidence, path)


def record(state: Any, evidence: Evidence) -> None:
    """Takes down a state_dict. Its order, which says which layer is which, goes into the names: `003 layers.0.weight`.

    Raises:
        BadEvidence: if it is something else, or too large.
    """
    if not isinstance(state, Mapping):
        raise BadEvidence(f"it holds an object of type {type(state).__name__}, not the state_dict of a model")
    if len(state) > MAX_LAYERS:
        raise BadEvidence(f"it holds {len(state)} entries, more than any model of this assignment")
    for number, (name, value) in enumerate(state.items()):
        if not isinstance(name, str) or not isinstance(value, torch.Tensor):
            what = f"entry {str(name)[:60]!r} is of type {type(value).__name__}, not a tensor"
            raise BadEvidence(f"{what}: save the model's state_dict(), as `keep` does")
        evidence.record(f"{number:03} {name}", value)
