"""The kinds of things that a training can change: what each leads to, what is kept of it, and how that is put back."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from ps8.data import STL10, BatchLoader

from . import own

ATOMS: Final = (bool, int, float, complex, str, bytes, type(None), torch.dtype)
VALUES: Final = (*ATOMS, torch.device, torch.memory_format, range, types.ModuleType)  # have no parts that could change
REMADE: Final = {BatchLoader: {"_lab", "_begun"}}  # what an object makes again by itself, to the same values
_EMPTY: Final = "an empty cell"


def has_identity(thing: Any) -> bool:
    """Whether what was kept of a thing must be put back into its counterpart."""
    if isinstance(thing, (types.FunctionType, type)):
        return own.is_own(thing.__module__)
    if isinstance(thing, (Tensor, torch.Generator, np.ndarray, list, dict, set)):
        return True
    return hasattr(thing, "__dict__") and not isinstance(thing, (types.ModuleType, types.MethodType, types.BuiltinFunctionType))


def members(thing: Any) -> Iterator[tuple[str, Any]]:
    """What a thing leads to, with its names in it; of a plain list or set its values at once."""
    if isinstance(thing, (Tensor, np.ndarray, torch.Generator, STL10)):
        return
    if isinstance(thing, (list, set)):
        if is_plain(thing):
            yield "", tuple(thing) if isinstance(thing, list) else tuple(sorted(map(repr, thing)))
        else:
            yield from ((str(i), member) for i, member in enumerate(thing))
        return
    for i, (name, value) in enumerate(state(thing).items()):
        yield (name if isinstance(name, str) else repr(name) if isinstance(name, ATOMS) else f"#{i}"), value
        if not isinstance(name, ATOMS):
            yield f"key {i}", name


def state(thing: Any) -> dict[Any, Any]:
    """A thing that is a table of names and values, as such a table."""
    if isinstance(thing, dict):
        return dict(thing.items())
    if isinstance(thing, types.FunctionType):
        cells = {f"cell {i}": _inside(cell) for i, cell in enumerate(thing.__closure__ or ())}
        return {**vars(thing), "__defaults__": thing.__defaults__, "__kwdefaults__": thing.__kwdefaults__, **cells}
    if isinstance(thing, type):
        return {name: value for name, value in vars(thing).items() if not name.startswith("__") and not _is_behaviour(value)}
    if isinstance(thing, nn.Module):  # hooks are set up anew with the training, and those of a session belong to it
        return {name: value for name, value in vars(thing).items() if "_hooks" not in name}
    if _has_own_state(thing):
        return dict(thing.__getstate__())
    remade: set[str] = set().union(*(names for kind, names in REMADE.items() if isinstance(thing, kind)))
    return {name: value for name, value in vars(thing).items() if name not in remade}


def content(thing: Any) -> Any:
    """What is kept of a thing. What is in it is not copied."""
    if isinstance(thing, Tensor):
        return thing.detach().clone(), thing.requires_grad, thing.grad if thing.is_leaf else None, dict(vars(thing))
    if isinstance(thing, np.ndarray):
        return thing.copy()
    if isinstance(thing, torch.Generator):
        return thing.get_state()
    if isinstance(thing, STL10):
        return None
    return list(thing) if isinstance(thing, (list, set)) else state(thing)


def put(thing: Any, kept: Any) -> None:
    """Puts what `content` gave, of its counterpart, into a thing."""
    if isinstance(thing, Tensor):
        _put_tensor(thing, *kept)
    elif isinstance(thing, np.ndarray):
        thing[...] = kept
    elif isinstance(thing, torch.Generator):
        thing.set_state(kept)
    elif isinstance(thing, list):
        thing[:] = kept
    elif isinstance(thing, (dict, set)):
        thing.clear()
        thing.update(kept)
    elif isinstance(thing, types.FunctionType):
        _put_function(thing, kept)
    elif isinstance(thing, type):
        for name, value in kept.items():
            setattr(thing, name, value)
    elif _has_own_state(thing):
        thing.__setstate__(kept)
    elif not isinstance(thing, STL10):
        for name in state(thing).keys() - kept.keys():
            del vars(thing)[name]
        vars(thing).update(kept)


def is_plain(value: Any) -> bool:
    """Whether a value is made of numbers and words alone."""
    if isinstance(value, ATOMS):
        return True
    if isinstance(value, dict):
        return is_plain([*value, *value.values()])
    return isinstance(value, (list, tuple, set, frozenset)) and all(map(is_plain, value))


def _put_tensor(tensor: Tensor, data: Tensor, requires_grad: bool, grad: Tensor | None, attributes: dict[str, Any]) -> None:
    data = data.to(tensor.device)
    if tensor.shape != data.shape or tensor.dtype != data.dtype:
        tensor.data = data
    elif not torch.equal(tensor.detach(), data):
        tensor.detach().copy_(data)
    if tensor.is_leaf:
        if tensor.requires_grad != requires_grad:
            tensor.requires_grad_(requires_grad)
        tensor.grad = grad
    vars(tensor).update(attributes)


def _put_function(function: types.FunctionType, kept: dict[Any, Any]) -> None:
    for i, cell in enumerate(function.__closure__ or ()):
        if (value := kept.pop(f"cell {i}")) != _EMPTY:
            cell.cell_contents = value
    function.__defaults__, function.__kwdefaults__ = kept.pop("__defaults__"), kept.pop("__kwdefaults__")
    vars(function).update(kept)


def _inside(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _EMPTY


def _is_behaviour(value: Any) -> bool:
    """Whether a class's attribute is code, and not a value that it holds."""
    return callable(value) or hasattr(value, "__get__")


def _has_own_state(thing: Any) -> bool:
    """Whether a library's object says itself what of it is to be kept, as optimizers do."""
    get = getattr(type(thing), "__getstate__", None)
    return get not in (None, getattr(object, "__getstate__", None)) and hasattr(thing, "__setstate__")
