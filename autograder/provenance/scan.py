"""Reads a submission's cells for what an answer has no need of: others' names set, libraries changed, looks behind the scenes.

It is a reading of the text, and who wants to can write around it; what it finds is a reason to look.
"""

from __future__ import annotations

import ast
import copy
import functools
import importlib
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbrepair.syntax import syntax_tree

LIBRARIES = ("torch", "numpy", "ps8", "autograder", "builtins", "random", "math", "safetensors")
GIVEN = {"F": "torch.nn.functional", "nn": "torch.nn", "torch": "torch", "np": "numpy", "ps8": "ps8"}  # by the lesson
# What reaches behind the scenes, by the words in which it is written; not `gc.collect`, `inspect.getsource` and the like.
BEHIND = {
    "frames of its callers": (
        r"\b_getframe\b|\b_current_frames\b|\bcurrentframe\s*\(|\binspect\.(stack|trace)\s*\(|\.f_back\b|\.tb_frame\b"
    ),
    "every object in memory": r"\bgc\.(get_objects|get_referrers|get_referents)\b",
    "memory by address": r"\bctypes\b|/proc/self/mem",
    "the tracing of Python": r"\b(sys|threading)\.(settrace|setprofile)\b|\bsys\.monitoring\b",
    "IPython's own workings": (
        r"\b(ast_transformers|input_transformers_\w+|run_cell_async|run_ast_nodes|user_ns_hidden|compile_class|displayhook"
        r"|showtraceback|set_custom_exc|history_manager|_ih)\b|\.events\.(un)?register\b"
    ),
    "the import of modules": (
        r"\bsys\.(meta_path|path_hooks|path_importer_cache)\b|\bsys\.modules\s*\[[^\]]*\]\s*=[^=]"
        r"|\bsys\.modules\.(update|pop|clear|setdefault)\b|__import__\s*=[^=]"
    ),
    "the grader's part in the kernel": (r"\bautograder\b|/exchange\b|\bps8\.probes\b|\bfrom\s+ps8\s+import\s+.*\bprobes\b"),
    "the code inside functions": r"\.__code__\s*=[^=]|\.__globals__\b|\.__closure__\b|\bcell_contents\s*=[^=]",
}
_BEHIND = {what: re.compile(pattern) for what, pattern in BEHIND.items()}


@functools.lru_cache(maxsize=64)
def parsed(source: str) -> ast.Module | None:
    """A cell's syntax tree; None of what is no plain Python, such as a cell with a magic. Not to be changed by who gets it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return syntax_tree(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def behind(source: str) -> list[str]:
    """What a cell reaches for behind the scenes, in words. Comments and the words of strings alone do not count."""
    if not any(pattern.search(source) for pattern in _BEHIND.values()):
        return []
    tree = parsed(source)
    code = source if tree is None else ast.unparse(_without_prose(copy.deepcopy(tree)))
    return [what for what, pattern in _BEHIND.items() if pattern.search(code)]


def _without_prose(tree: ast.Module) -> ast.Module:
    """The tree without strings that stand alone, such as docstrings."""

    class Prose(ast.NodeTransformer):
        def visit_Expr(self, node: ast.Expr) -> ast.AST:
            if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
                return ast.copy_location(ast.Pass(), node)
            return self.generic_visit(node)

    without: ast.Module = Prose().visit(tree)
    return without


def changes(source: str) -> list[str]:
    """The functions, classes and tables of libraries that a cell sets, such as `torch.nn.functional.relu`."""
    tree = parsed(source)
    if tree is None:
        return []
    names = {**GIVEN, **imported(tree)}
    found = [place for target in _set_by(source) if (place := _place(target, names)) and _acts(place)]
    return list(dict.fromkeys(found))


@functools.lru_cache(maxsize=64)
def _set_by(source: str) -> tuple[ast.expr, ...]:
    """What a cell assigns to."""
    tree = parsed(source)
    return tuple(_targets(tree)) if tree else ()


def imported(tree: ast.Module) -> dict[str, str]:
    """Name -> the module or the member of a module that an import binds to it."""
    bound = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            bound.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return bound


def _targets(tree: ast.AST) -> Iterator[ast.expr]:
    """What is assigned to: by `=`, by `setattr`, by `del`, or through a table such as `vars(module)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.Delete):
            yield from (inner for target in node.targets for inner in _flat(target))
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.For):
            yield from _flat(node.target)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("setattr", "delattr"):
            match node.args:
                case [owner, ast.Constant(value=str(name)), *_]:
                    yield ast.Attribute(owner, name, ast.Store())


def _flat(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from _flat(element)
    elif isinstance(target, ast.Starred):
        yield from _flat(target.value)
    else:
        yield target


def _place(target: ast.expr, names: Mapping[str, str]) -> str:
    """`torch.nn.functional.relu` for `F.relu`, for `F.__dict__["relu"]` and `vars(F)["relu"]`; empty if it is no library's."""
    match target:
        case ast.Subscript(ast.Call(ast.Name("vars"), [owner]), ast.Constant(value=str(name))):
            return _place(ast.Attribute(owner, name, ast.Store()), names)
        case ast.Subscript(ast.Attribute(owner, "__dict__"), ast.Constant(value=str(name))):
            return _place(ast.Attribute(owner, name, ast.Store()), names)
        case ast.Subscript(table, _):
            place = _place(table, names) if isinstance(table, ast.Attribute) else names.get(getattr(table, "id", ""), "")
            return place if place.startswith("ps8.") else ""
    parts = []
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    if not parts or not isinstance(target, ast.Name) or target.id not in names:
        return ""
    place = ".".join([names[target.id], *reversed(parts)])
    return place if place.split(".")[0] in LIBRARIES else ""


def _acts(place: str) -> bool:
    """Whether a library has something by this name that acts: a function, a class, one of the kit's tables; no setting."""
    value = _looked_up(place)
    return callable(value) or isinstance(value, dict)


def _looked_up(place: str) -> Any:
    """What a dotted name stands for in this process, None if there is none. Only `LIBRARIES` are imported."""
    first, *rest = place.split(".")
    if first not in LIBRARIES or first == "autograder":
        return None
    value: Any = importlib.import_module(first)
    for part in rest:
        value = getattr(value, part, None)
    return value


def rebinds(source: str, name: str) -> bool:
    """Whether a cell gives an answer's name something else, or sets an attribute of it, without leading to what it was.

    A wrapper that calls the answer, such as a timer, does lead to it.
    """
    tree = parsed(source)
    if tree is None:
        return False
    if any(_attribute_of(target) == name for target in _set_by(source)):
        return True
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            return not _reads(_except_annotations(node), name, tree)
        if isinstance(node, ast.Assign) and any(_is(target, name) for t in node.targets for target in _flat(t)):
            return not _reads([node.value], name, tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and any((a.asname or a.name) == name for a in node.names):
            return True
    return any(_stored_by_text(target, name) for target in _set_by(source))


def _attribute_of(target: ast.expr) -> str:
    """`Encoder` for `Encoder.forward`."""
    return target.value.id if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) else ""


def _is(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


def _except_annotations(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Sequence[ast.AST]:
    return [*node.body, *node.decorator_list, *(node.bases if isinstance(node, ast.ClassDef) else ())]


def _reads(nodes: Sequence[ast.AST], name: str, cell: ast.Module) -> bool:
    """Whether code reads a name, or one that the cell made of it."""
    kept = {
        target.id
        for node in cell.body
        if isinstance(node, ast.Assign) and _is(node.value, name)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    read = {n.id for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return name in read or bool(kept & read)


def _stored_by_text(target: ast.expr, name: str) -> bool:
    """`globals()["Encoder"] = ...` and `vars()["Encoder"] = ...`."""
    match target:
        case ast.Subscript(ast.Call(ast.Name("globals" | "vars" | "locals"), []), ast.Constant(value=text)):
            return text == name
    return False
