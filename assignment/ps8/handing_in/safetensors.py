"""Weights in the format safetensors: plain numbers, nothing that runs when it is read.

The format is eight bytes of length, a table as JSON, and the numbers; the library for it is no part of the kit's.
See https://github.com/huggingface/safetensors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import torch
from torch import Tensor

NAMES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
ORDER = "order"  # key of the metadata: names in the order of the model's layers, which the table need not keep


def as_safetensors(state: Mapping[str, Tensor]) -> bytes:
    """A model's weights as the bytes of a file.

    Raises:
        ValueError: if something in it is no tensor of plain numbers.
    """
    table: dict[str, object] = {"__metadata__": {ORDER: json.dumps(list(state))}}
    parts, end = [], 0
    for name, tensor in state.items():
        if not isinstance(tensor, Tensor) or tensor.dtype not in NAMES or tensor.layout != torch.strided:
            raise ValueError(f"{name} is no tensor of plain numbers")
        data = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        table[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [end, end + len(data)]}
        parts.append(data)
        end += len(data)
    head = json.dumps(table).encode()
    head += b" " * (-len(head) % 8)
    return len(head).to_bytes(8, "little") + head + b"".join(parts)
