"""Digests of our own code: of the modules that a program really imports, and of what they do, not how they are written down.

What is kept of an earlier run (evidence, grades) is found again by what it was made of. Made of files' bytes, such a key would
change with every comment, and made of folders with every module that has nothing to do with it. Only the standard library is
imported here.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.paths import ROOT

# Package -> its folder. All that is ours and may be imported.
PACKAGES = {
    "autograder": ROOT / "autograder",
    "assignment": ROOT / "assignment",
    "ps8": ROOT / "assignment" / "ps8",
    "solution": ROOT / "solution",
    "book": ROOT / "book",
}


def imported(modules: Iterable[str]) -> list[Path]:
    """The files of these modules and of all of ours that they import, themselves or through others, in a fixed order.

    Imports within functions count; the names of modules that are put together at run time cannot be seen.
    """
    found: dict[Path, None] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        for path in _files(name):
            if path not in found:
                found[path] = None
                waiting += _imports(path, name)
    return sorted(found)


def digest_of(files: Iterable[Path]) -> str:
    """A digest of what these files do: 64 hexadecimal digits. Comments and the layout of Python do not count."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name}\0".encode())
        digest.update(_digest(path.suffix, path.read_bytes()))
    return digest.hexdigest()


@functools.lru_cache(maxsize=1024)
def _digest(suffix: str, content: bytes) -> bytes:
    tree = _parsed(content) if suffix == ".py" else None
    return hashlib.sha256(ast.dump(tree).encode("utf-8", "surrogatepass") if tree else content).digest()


@functools.lru_cache(maxsize=1024)
def _parsed(content: bytes) -> ast.Module | None:
    try:
        return ast.parse(content)
    except (SyntaxError, ValueError):
        return None  # counts by its bytes


def _files(name: str) -> Iterator[Path]:
    """A module's file and those of the packages above it, which run before it; none for what is not ours."""
    top, *rest = name.split(".")
    folder = PACKAGES.get(top)
    for part in [*rest, ""] if folder else ():
        if (package := folder / "__init__.py").is_file():  # type: ignore[operator]
            yield package
        if part and (module := folder / f"{part}.py").is_file():  # type: ignore[operator]
            yield module
        folder = folder / part  # type: ignore[operator]


def _imports(path: Path, name: str) -> list[str]:
    """The names of modules that a file imports, or may: `from a import b` may mean the module a.b."""
    tree = _parsed(path.read_bytes())
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = []
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            start = ".".join(filter(None, [above, node.module or ""]))
            found += [start, *(f"{start}.{alias.name}" for alias in node.names)]
    return found
