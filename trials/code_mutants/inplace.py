"""Changes functions of modules that are imported already: a mutant costs no import of the grader and no collecting."""

from __future__ import annotations

import functools
import gc
import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType

Place = tuple[str, int]  # a function's name, and the line where it begins


def changed(old: str, new: str, file: str) -> dict[Place, CodeType]:
    """The new code of the functions and methods in which two versions of a file differ, by their place in the old one.

    Empty where something else differs: a constant, a default, a class's own body. That needs an import.
    """
    pairs = zip(_functions(_compiled(old, file)), _functions(_compiled(new, file)), strict=False)
    return {(one.co_name, one.co_firstlineno): two for one, two in pairs if not _same(one, two)}


def put(functions: dict[Place, CodeType], file: str) -> bool:
    """Gives the functions of an imported file their new code; whether all of them were found, and could take it."""
    for cached in [each for each in gc.get_objects() if isinstance(each, functools._lru_cache_wrapper)]:
        cached.cache_clear()  # what was worked out while importing and collecting
    found = set[Place]()
    for function in [each for each in gc.get_objects() if isinstance(each, FunctionType)]:
        code = function.__code__
        place = (code.co_name, code.co_firstlineno)
        if code.co_filename == file and place in functions:
            if code.co_freevars != functions[place].co_freevars:
                return False
            function.__code__ = functions[place]
            found.add(place)
    return found == functions.keys()


def _compiled(text: str, file: str) -> CodeType:
    return compile(text, file, "exec", dont_inherit=True)


def _functions(code: CodeType) -> Iterator[CodeType]:
    """The outermost functions and methods in a module's or a class's body, which have a name."""
    for inner in (const for const in code.co_consts if isinstance(const, CodeType)):
        if not inner.co_flags & inspect.CO_OPTIMIZED:
            yield from _functions(inner)
        elif not inner.co_name.startswith("<"):
            yield inner


def _same(one: CodeType, two: CodeType) -> bool:
    """Whether two functions do the same, wherever they stand."""
    parts = ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_flags", "co_argcount", "co_kwonlyargcount")
    if any(getattr(one, part) != getattr(two, part) for part in parts) or len(one.co_consts) != len(two.co_consts):
        return False
    return all(
        _same(a, b) if isinstance(a, CodeType) and isinstance(b, CodeType) else (type(a), repr(a)) == (type(b), repr(b))
        for a, b in zip(one.co_consts, two.co_consts, strict=True)
    )
