"""Which code is the student's, and what it reads and changes besides its arguments."""

from __future__ import annotations

import dis
import hashlib
import site
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

HAS_DOCSTRING = 0x4000000  # a flag of code objects from Python 3.14 on; before, a first constant that is text is a docstring
GLOBAL_INSTRUCTIONS = {"LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_NAME", "STORE_NAME"}


@cache
def _libraries() -> tuple[Path, ...]:
    """Folders whose code no student edits: Python's, what is installed, and this kit."""
    paths = sysconfig.get_paths()
    folders = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    folders += [*site.getsitepackages(), site.getusersitepackages(), str(Path(__file__).parents[1])]
    return tuple({Path(folder).resolve() for folder in folders})


@cache
def is_own(module: str | None) -> bool:
    """Whether a module is the notebook, or a file of the student's own."""
    if module is None or module == "__main__":
        return True
    if module.partition(".")[0] in sys.stdlib_module_names:
        return False
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None:  # made by hand
        return True
    return not any(Path(file).resolve().is_relative_to(folder) for folder in _libraries())


def codes(code: CodeType) -> Iterator[CodeType]:
    """A piece of code, and those within it."""
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from codes(const)


def code_of(owner: Any) -> list[CodeType]:
    """The code of a function, or of a class's methods."""
    if isinstance(owner, FunctionType):
        return [owner.__code__]
    found = []
    for _, value in sorted(vars(owner).items()):
        inner = [value.fget, value.fset] if isinstance(value, property) else [getattr(value, "__func__", value)]
        found += [function.__code__ for function in inner if isinstance(function, FunctionType)]
    return found


def global_names(code: CodeType) -> list[str]:
    """The global variables that a piece of code names, in its order."""
    found = (i.argval for part in codes(code) for i in dis.get_instructions(part) if i.opname in GLOBAL_INSTRUCTIONS)
    return list(dict.fromkeys(found))


def code_digest(code: CodeType) -> str:
    """Of what a piece of code does: neither its comments, nor its docstring, nor where it stands."""
    found = hashlib.sha256()
    for part in codes(code):
        plain = [_plain(const) for const in _without_docstring(part) if not isinstance(const, CodeType)]
        found.update(repr((part.co_code, plain, part.co_names, part.co_varnames, part.co_freevars)).encode())
    return found.hexdigest()[:16]


def _without_docstring(code: CodeType) -> list[Any]:
    consts = list(code.co_consts)
    if sys.version_info >= (3, 14):
        has_one = bool(code.co_flags & HAS_DOCSTRING)
    else:
        has_one = bool(consts) and isinstance(consts[0], str) and not code.co_name.startswith("<")
    return consts[1:] if has_one else consts


def _plain(const: Any) -> Any:
    """A constant, the same in every session: a set has another order in each."""
    return sorted(map(repr, const)) if isinstance(const, frozenset) else const
