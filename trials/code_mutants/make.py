"""Which mutants there are: mutmut's operators, on every expression and statement of a file."""

from __future__ import annotations

import difflib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

SOURCE = "nbjudge/src"
ROOMS = ("nbjudge/judge", "nbjudge/repair", "nbjudge/gather", "nbjudge/ground", "nbrepair")  # there, and in `tests`
# What runs when a definition is read, or not at all: a change there is a change of nothing, or stops every import.
_LEFT_ALONE = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom)
_ERRORS = ("len", "isinstance")  # of `None`: any test that comes by would kill it


@dataclass(frozen=True)
class CodeMutant:
    """A file of the grader with one thing changed.

    Attributes:
        file: its path in the repository.
        line: where it was changed.
        before, after: what was changed, each in a line.
        text: the whole file, changed.
    """

    file: str
    line: int
    before: str
    after: str
    text: str

    @property
    def room(self) -> str:
        """The part of the grader that it is in."""
        return next((room for room in ROOMS if self.file.startswith(f"{SOURCE}/{room}/")), "")


class Source:
    """A file that can be mutated.

    Args:
        root: of the repository.
        file: its path there.
    """

    def __init__(self, root: Path, file: str) -> None:
        self.file, self.text = file, (root / file).read_text(encoding="utf-8")
        wrapper = MetadataWrapper(cst.parse_module(self.text))
        visitor = _Visitor()
        wrapper.visit(visitor)
        self._module, self._changes = wrapper.module, visitor.found

    def __len__(self) -> int:
        return len(self._changes)

    def mutant(self, number: int) -> CodeMutant | None:
        """One of its mutants; None where the change is no Python, or changes nothing."""
        node, new, line = self._changes[number]
        changed = self._module.deep_replace(node, new)
        text = changed.code if isinstance(changed, cst.Module) else self.text
        before, after = _difference(self.text, text)
        return CodeMutant(self.file, line, before, after, text) if before != after and _compiles(text) else None


class _Visitor(cst.CSTVisitor):
    """Finds what can be changed, and into what."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[cst.CSTNode, cst.CSTNode, int]] = []
        self.line = 1

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, _LEFT_ALONE) or _says_nothing(node):
            return False
        place = self.get_metadata(PositionProvider, node, None)
        self.line = place.start.line if place is not None else self.line
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                self.found.extend((node, new, self.line) for new in operator(node))
        return True


def _says_nothing(node: cst.CSTNode) -> bool:
    """Whether it is a docstring, the list of what a module offers, or a question of which every other is an error."""
    if isinstance(node, cst.Call):
        return isinstance(node.func, cst.Name) and node.func.value in _ERRORS
    if isinstance(node, cst.Assign):
        return any(isinstance(target.target, cst.Name) and target.target.value == "__all__" for target in node.targets)
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString)


def _compiles(text: str) -> bool:
    try:
        compile(text, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True


def _difference(old: str, new: str) -> tuple[str, str]:
    """What differs between two texts, each in a line."""
    before, after = old.split("\n"), new.split("\n")
    parts = [code for code in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if code[0] != "equal"]
    if not parts:
        return "", ""
    (_, start, _, begin, _), (_, _, end, _, stop) = parts[0], parts[-1]
    return _line(before[start:end]), _line(after[begin:stop])


def _line(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


def sources(root: Path, rooms: tuple[str, ...] = ROOMS) -> list[Source]:
    """The files of the rooms, in the order of their names."""
    files = [path for room in rooms for path in sorted((root / SOURCE / room).rglob("*.py"))]
    return [Source(root, path.relative_to(root).as_posix()) for path in files]


def sample(found: list[Source], size: int, seed: int) -> Iterator[CodeMutant]:
    """So many different mutants, each as likely as any other; all of them in a random order if there are fewer."""
    numbered = [(source, number) for source in found for number in range(len(source))]
    random.Random(seed).shuffle(numbered)
    taken = 0
    for source, number in numbered:
        if taken == size:
            return
        if mutant := source.mutant(number):
            taken += 1
            yield mutant
