"""What `torch.save` writes, and reading it back: of our own making, to be changed."""

from __future__ import annotations

import io
from typing import Any

import torch


def saved(state: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    torch.save(state, file, **options)
    return file.getvalue()


def loaded(data: bytes) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = torch.load(io.BytesIO(data), weights_only=True)
    return state
