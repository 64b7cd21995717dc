"""A training at the end of an epoch, as bytes, and back into a loop that is about to begin.

The bytes are a pickle: like the notebook itself they are code to whoever reads them, so only one's own are read. Nothing of it
is handed in.
"""

from __future__ import annotations

import importlib
import io
import pickle
import random
import sys
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from .mutable_state import put
from .world import ReachableObjects, Unkeepable

HOME: Final = "home"  # the device of the training, whichever that is


def dump(world: ReachableObjects, variables: dict[str, Any], temporary: set[str], beside: Any = None) -> bytes:
    """All that the training holds now.

    Args:
        world: as found when the loop began.
        variables: those of the loop's function.
        temporary: names of variables that had no value when the loop began: where one cannot be written, it is left out, and a
            loop that does rely on it stops with a NameError instead of going on with something else.
        beside: what else is to be kept.

    Raises:
        Unkeepable: names what cannot be written to a file.
    """
    kept = {name: value for name, value in variables.items() if name not in temporary or _can_be_left_out(world, name, value)}
    payload = {
        "contents": world.contents(),
        "variables": kept,
        "globals": world.globals(),
        "random": _random_states(),
        "beside": beside,
    }
    try:
        return _pickled(world, payload)
    except Exception as error:  # whatever an object's own way of being written raises
        raise Unkeepable(_culprit(world, payload) or f"{type(error).__name__}: {error}") from error


def load_snapshot(world: ReachableObjects, data: bytes) -> Loaded:
    """Reads what `dump` gave, of a loop with the same code; nothing is changed yet.

    Args:
        world: of the loop that is about to begin, to whose things the bytes refer.
        data: from `dump`.
    """
    payload = _Unpickler(io.BytesIO(data), world).load()
    if len(payload["contents"]) != len(world.anchors) or payload["globals"].keys() - world.variables.keys():
        raise ValueError("it is of another training")
    return Loaded(world, payload)


class Loaded:
    """A training that was read.

    Attributes:
        variables: the values of the function's variables, which only its frame can take.
        beside: what else was kept.
    """

    def __init__(self, world: ReachableObjects, payload: dict[str, Any]) -> None:
        self._world, self._payload = world, payload
        self.variables: dict[str, Any] = payload["variables"]
        self.beside = payload["beside"]

    def put(self) -> None:
        """Puts it in the place of the loop that is about to begin."""
        with torch.no_grad():
            for thing, kept in zip(self._world.anchors, self._payload["contents"], strict=True):
                if kept is not None:
                    put(thing, kept)
        for key, value in self._payload["globals"].items():
            self._world.variables[key][key[1]] = value
        _set_random_states(self._payload["random"])


def _pickled(world: ReachableObjects, thing: Any) -> bytes:
    buffer = io.BytesIO()
    _Pickler(buffer, world).dump(thing)
    return buffer.getvalue()


def _can_be_left_out(world: ReachableObjects, name: str, value: Any) -> bool:
    """False for a temporary variable that cannot be written. An iterator is no such: loops live on them."""
    if hasattr(value, "__next__"):
        return True
    try:
        _pickled(world, value)
    except Exception:
        return False
    return True


def _culprit(world: ReachableObjects, payload: dict[str, Any]) -> str:
    """Which of the things it is that cannot be written, in words."""
    named = list(payload["variables"].items()) + [(name, value) for (_, name), value in payload["globals"].items()]
    named += [(path, kept) for path, kept in zip(world.paths, payload["contents"], strict=True)]
    for name, value in named:
        try:
            _pickled(world, value)
        except Exception:
            kind = type(value).__name__
            return (
                f"{name}, a {kind}, cannot be written to a file"
                if kind != "dict"
                else f"something in {name} cannot be written to a file"
            )
    return ""


class _Storage:
    """The memory of tensors that are written by value: written once, however many look at it."""

    def __init__(self, data: bytes, device: str) -> None:
        self.data, self.device = data, device


class _Pickler(pickle.Pickler):
    def __init__(self, buffer: io.BytesIO, world: ReachableObjects) -> None:
        super().__init__(buffer, protocol=5)
        self.world = world
        self.storages: dict[int, _Storage] = {}
        self.home = world.device()
        self.anchored = {
            thing.untyped_storage().data_ptr(): thing
            for thing in reversed(world.anchors)
            if isinstance(thing, Tensor) and thing.layout == torch.strided and thing.untyped_storage().nbytes()
        }

    def persistent_id(self, thing: Any) -> Any:
        if isinstance(thing, type(sys)):
            return "module", thing.__name__
        if (place := self.world.index.get(id(thing))) is not None:
            return "anchor", place
        return next((("aside", i) for i, other in enumerate(self.world.aside) if thing is other), None)

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, torch.device):
            return make_device, (self._device(thing),)
        if isinstance(thing, torch.Generator):
            return make_generator, (self._device(thing.device), thing.get_state())
        if type(thing) in (Tensor, nn.Parameter) and thing.layout == torch.strided and not thing.is_quantized:
            return self._tensor(thing)
        return NotImplemented

    def _device(self, device: torch.device) -> str:
        """A device as the next session has one: the training's, or the CPU."""
        return HOME if device.type == self.home.type else "cpu"

    def _tensor(self, tensor: Tensor) -> Any:
        memory = tensor.untyped_storage()
        place = memory.data_ptr()
        owner: Any = self.anchored.get(place)
        if owner is None:
            if place not in self.storages:
                data = torch.empty(0, dtype=torch.uint8, device=memory.device).set_(memory).cpu().numpy().tobytes()
                self.storages[place] = _Storage(data, self._device(memory.device))
            owner = self.storages[place]
        form = tensor.dtype, tensor.storage_offset(), tuple(tensor.shape), tensor.stride()
        wants_gradient = tensor.requires_grad and tensor.is_leaf
        return make_tensor, (owner, *form, wants_gradient, isinstance(tensor, nn.Parameter), dict(vars(tensor)))


class _Unpickler(pickle.Unpickler):
    def __init__(self, buffer: io.BytesIO, world: ReachableObjects) -> None:
        super().__init__(buffer)
        self.world, self.home = world, world.device()
        self.made: dict[int, Tensor] = {}

    def persistent_load(self, pid: Any) -> Any:
        kind, which = pid
        if kind == "module":
            return importlib.import_module(which)
        return self.world.anchors[which] if kind == "anchor" else self.world.aside[which]

    def find_class(self, module: str, name: str) -> Any:
        if module == __name__ and name in ("make_device", "make_generator", "make_tensor"):
            return getattr(self, f"_{name}")
        return super().find_class(module, name)

    def _make_device(self, name: str) -> torch.device:
        return self.home if name == HOME else torch.device("cpu")

    def _make_generator(self, device: str, state: Tensor) -> torch.Generator:
        made = torch.Generator(self._make_device(device))
        made.set_state(state)
        return made

    def _make_tensor(
        self, owner: Any, dtype: Any, offset: int, shape: Any, stride: Any, gradient: bool, learned: bool, more: Any
    ) -> Tensor:
        if isinstance(owner, _Storage) and id(owner) not in self.made:
            raw = (
                torch.frombuffer(bytearray(owner.data), dtype=torch.uint8) if owner.data else torch.empty(0, dtype=torch.uint8)
            )
            self.made[id(owner)] = raw.to(self._make_device(owner.device))
        memory = (self.made[id(owner)] if isinstance(owner, _Storage) else owner).untyped_storage()
        tensor = torch.empty(0, dtype=dtype, device=memory.device).set_(memory, offset, shape, stride)
        if learned:
            tensor = nn.Parameter(tensor, requires_grad=gradient)
        elif gradient:
            tensor.requires_grad_(True)
        vars(tensor).update(more)
        return tensor


def make_tensor(*_: Any) -> Any:
    """Stands in a file for what makes a tensor; the one who reads the file makes it, on the device at hand."""
    raise NotImplementedError


def make_device(*_: Any) -> Any:
    """As `make_tensor`, for a device."""
    raise NotImplementedError


def make_generator(*_: Any) -> Any:
    """As `make_tensor`, for a random generator."""
    raise NotImplementedError


def _random_states() -> dict[str, Any]:
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() and torch.cuda.is_initialized() else None
    mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    plain = {"python": random.getstate(), "numpy": np.random.get_state(), "torch": torch.get_rng_state()}
    return {**plain, "cuda": cuda, "mps": mps}


def _set_random_states(states: dict[str, Any]) -> None:
    random.setstate(states["python"])
    np.random.set_state(states["numpy"])
    torch.set_rng_state(states["torch"])
    cuda, mps = states.get("cuda"), states.get("mps")
    if cuda is not None and torch.cuda.is_available() and len(cuda) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(cuda)
    if mps is not None and torch.backends.mps.is_available():
        torch.mps.set_rng_state(mps)
