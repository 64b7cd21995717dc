"""Digests of our own code: of the modules that a program really imports, and of what they do, not how they are written down.

What is kept of an earlier run (evidence, grades) is found again by what it was made of. Made of files' bytes, such a key would
change with every comment, and made of folders with every module that has nothing to do with it.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import importlib.util
import json
import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbrepair.syntax import syntax_tree

from nbjudge.ground.atomic_files import write_whole

OURS = ("nbjudge", "nbrepair")  # count wherever they are installed

# What was read of files' contents before, by their bytes: parsing all of our code takes two seconds.
KEPT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nbjudge" / "code.json"

# Where what others wrote is: the standard library and all that pip installs.
_INSTALLED = {path for name, path in sysconfig.get_paths().items() if name in ("stdlib", "platstdlib", "purelib", "platlib")}

# Level, module and names of `from ..module import names`; without names, of `import module`.
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.\w+)+")

Statement = tuple[int, str, tuple[str, ...]]


@dataclass(frozen=True)
class _Read:
    """What a file's content imports, and the digest of what it does."""

    statements: tuple[Statement, ...]
    digest: str


def imported(modules: Iterable[str], programs: Iterable[Path] = ()) -> list[Path]:
    """The files of these modules and of all of ours that they import, themselves or through others, in a fixed order.

    Imports within functions count; the names of modules that are put together at run time cannot be seen. `package.*` stands
    for a package's own packages, where it finds them by their folders.

    Args:
        modules: their names.
        programs: files, such as a configuration, of which all that they import counts, or name in a text as `module.Class`.
    """
    found: dict[Path, None] = {}
    seen: set[str] = set()
    waiting = [*modules, *(name for path in programs for name in [*_imports(path, ""), *_named(path)])]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        if name.endswith(".*"):
            waiting += _below(name.removesuffix(".*"))
            continue
        seen.add(name)
        for path, package in _files(name):
            if path not in found:
                found[path] = None
                waiting += _imports(path, package)
    _known().keep()
    return sorted(found)


def digest_of(files: Iterable[Path]) -> str:
    """A digest of what these files do: 64 hexadecimal digits. Comments and the layout of Python do not count."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{_name(path)}\0".encode())
        digest.update(bytes.fromhex(_read(path).digest))
    _known().keep()
    return digest.hexdigest()


def _name(path: Path) -> str:
    """A file's place in its package; its own name, if it is in none."""
    parts = [path.name]
    for folder in path.parents:
        if not (folder / "__init__.py").is_file():
            break
        parts.insert(0, folder.name)
    return "/".join(parts)


@functools.cache
def _module_of(name: str) -> Path | None:
    """The file of a module by itself that is a course's own, as one beside its configuration is."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    path = Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None
    return path if path and path.name != "__init__.py" and not _installed(path) else None


@functools.cache
def package_folder(package: str) -> Path | None:
    """The folder of a package that is ours: of this grader, or of a course's own code, which nobody has installed."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    places = list(spec.submodule_search_locations or ()) if spec else []
    folder = next((Path(place) for place in places if Path(place).is_dir()), None)
    if folder is None or (package not in OURS and _installed(folder)):
        return None
    return folder


def _installed(folder: Path) -> bool:
    """Whether a folder is the standard library's, or of a package that was installed."""
    named = {"site-packages", "dist-packages"} & set(folder.parts)
    return bool(named) or any(Path(path) in folder.parents for path in _INSTALLED)


def _read(path: Path) -> _Read:
    content = path.read_bytes()
    key = hashlib.sha256(f"{sys.version}\0{path.suffix}\0".encode() + content).hexdigest()
    known = _known()
    if key not in known:
        known[key] = _parsed(content) if path.suffix == ".py" else _Read((), hashlib.sha256(content).hexdigest())
    return known[key]


def _parsed(content: bytes) -> _Read:
    try:
        tree = syntax_tree(content)
    except (SyntaxError, ValueError):
        return _Read((), hashlib.sha256(content).hexdigest())  # counts by its bytes
    statements: list[Statement] = []
    for node in _running(tree):
        if isinstance(node, ast.Import):
            statements += [(0, alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            statements.append((node.level, node.module or "", tuple(alias.name for alias in node.names)))
    return _Read(tuple(statements), hashlib.sha256(ast.dump(tree).encode("utf-8", "surrogatepass")).hexdigest())


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a module but those below `if TYPE_CHECKING:`, which never run."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        only_for_types = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        waiting += node.orelse if only_for_types else ast.iter_child_nodes(node)  # type: ignore[attr-defined]


class _Known(dict[str, _Read]):
    """What was read before, by the content. It is kept in a file, which saves time only: all is as right without."""

    MOST = 5_000  # contents, of which a version of our code has about 250

    def __init__(self) -> None:
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):  # not there, or not whole
            for key, (statements, digest) in json.loads(KEPT.read_text(encoding="utf-8")).items():
                self[key] = _Read(tuple((level, module, tuple(names)) for level, module, names in statements), digest)
        self.on_disk = len(self)

    def keep(self) -> None:
        if len(self) == self.on_disk:
            return
        for key in list(self)[: -self.MOST]:  # the oldest
            del self[key]
        self.on_disk = len(self)
        with contextlib.suppress(OSError):
            KEPT.parent.mkdir(parents=True, exist_ok=True)
            write_whole(KEPT, json.dumps({key: [read.statements, read.digest] for key, read in self.items()}))


_known = functools.lru_cache(maxsize=1)(_Known)


def _files(name: str) -> Iterator[tuple[Path, str]]:
    """A module's file and those of the packages above it, which run before it, each with its package; of what is ours."""
    top, *rest = name.split(".")
    folder = package_folder(top)
    within = top
    if folder is None and (alone := _module_of(top)):
        yield alone, ""
    for part in [*rest, ""] if folder else ():
        if (package := folder / "__init__.py").is_file():  # type: ignore[operator]
            yield package, within
        if part and (module := folder / f"{part}.py").is_file():  # type: ignore[operator]
            yield module, within
        folder, within = folder / part, f"{within}.{part}"  # type: ignore[operator]


def _below(package: str) -> Iterator[str]:
    """The packages right below a package of ours."""
    *_, (own, _) = _files(package)
    for init in sorted(own.parent.glob("*/__init__.py")):
        yield f"{package}.{init.parent.name}"


def _named(path: Path) -> list[str]:
    """The modules that a program names in its texts, as nbgrader's settings name classes: of `late.Penalty`, `late`."""
    try:
        tree = syntax_tree(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [text.rpartition(".")[0] for text in texts if _DOTTED.fullmatch(text)]


def _imports(path: Path, package: str) -> list[str]:
    """The names of modules that a file imports, or may: `from a import b` may mean the module a.b."""
    found = []
    for level, module, names in _read(path).statements:
        above = ".".join(package.split(".")[: len(package.split(".")) - level + 1]) if level else ""
        start = ".".join(filter(None, [above, module]))
        found += [start, *(f"{start}.{each}" for each in names)]
    return found
