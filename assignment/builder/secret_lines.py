"""What must not be published: significant lines of solutions, hidden tests and the misconceptions' code."""

from __future__ import annotations

import ast
import io
import json
import re
import sys
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assignment.builder.regions import solution_lines

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SHORTEST = 12  # characters; a shorter line, such as `nn.ReLU(),`, says too little to be a secret
EDIT_KEYS = {"old", "new", "edit", "edits"}
BEGIN_HIDDEN, END_HIDDEN = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"


@dataclass(frozen=True)
class Secret:
    """A line that must not be published, and the file and 1-based line it stands on."""

    text: str
    path: str
    line: int

    @property
    def origin(self) -> str:
        return f"{self.path}:{self.line}"


def squeezed(text: str) -> str:
    """A text without its blanks."""
    return "".join(text.split())


def region_secrets(text: str, path: str) -> list[Secret]:
    """The significant lines of a text's solution regions, each also without its trailing comment."""
    return [secret for number, line in solution_lines(text) for secret in _of_line(line, path, number + 1)]


def hidden_secrets(text: str, path: str) -> list[Secret]:
    """The significant lines between the marks of hidden tests."""
    found: list[Secret] = []
    inside = False
    for number, line in enumerate(text.split("\n"), start=1):
        if BEGIN_HIDDEN in line or END_HIDDEN in line:
            inside = BEGIN_HIDDEN in line
        elif inside:
            found += _of_line(line, path, number)
    return found


def edit_secrets(text: str, path: str) -> list[Secret]:
    """The code that a misconception's file takes out and puts in.

    In TOML and JSON it is every text at or below a key `old`, `new`, `edit` or `edits`; in Python every text
    given to a call of `Edit`, or assigned to such a name. Of other files nothing is taken.

    Raises:
        ValueError: if the file is not what its suffix says.
    """
    if path.endswith(".py"):
        edits = _python_edits(ast.parse(text))
    elif path.endswith(".toml"):
        edits = _table_edits(tomllib.loads(text))
    elif path.endswith(".json"):
        edits = _table_edits(json.loads(text))
    else:
        return []
    return [secret for edit in edits for secret in _of_text(edit, path, _line_of(edit, text))]


def head_secrets(text: str, path: str) -> list[Secret]:
    """The first lines of a text's definitions: what stands below them may look like code that is public."""
    lines = enumerate(text.split("\n"), start=1)
    return [secret for number, line in lines if re.match(r"(def|class) ", line) for secret in _of_line(line, path, number)]


def _of_text(text: str, path: str, first: int) -> Iterator[Secret]:
    for number, line in enumerate(text.split("\n"), start=first):
        yield from _of_line(line, path, number)


def _of_line(line: str, path: str, number: int) -> Iterator[Secret]:
    whole = " ".join(line.split())
    for text in dict.fromkeys((whole, _without_comment(whole))):
        if len(text) >= SHORTEST and re.search(r"\w\w", text):
            yield Secret(text, path, number)


def _without_comment(line: str) -> str:
    """The code of a line, by Python's tokenizer as far as it gets: a line is often no whole statement."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(line).readline):
            if token.type == tokenize.COMMENT:
                return line[: token.start[1]].rstrip()
    except (tokenize.TokenError, SyntaxError):
        pass
    return line


def _table_edits(value: Any, inside: bool = False) -> Iterator[str]:
    if isinstance(value, str) and inside:
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key != "module":  # names a file; it is no code
                yield from _table_edits(item, inside or key in EDIT_KEYS)
    elif isinstance(value, list):
        for item in value:
            yield from _table_edits(item, inside)


def _python_edits(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Edit":
            yield from _strings(node)
        elif isinstance(node, ast.Assign) and any(getattr(name, "id", "").lower() in EDIT_KEYS for name in node.targets):
            yield from _strings(node.value)


def _strings(node: ast.AST) -> Iterator[str]:
    for leaf in ast.walk(node):
        if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
            yield leaf.value


def _line_of(edit: str, text: str) -> int:
    """The 1-based line of a file on which an edit's text begins; 1 if the file escapes it."""
    lines = [line.strip() for line in edit.split("\n") if line.strip()]
    at = text.find(lines[0]) if lines else -1
    return text.count("\n", 0, at) + 1 if at >= 0 else 1
