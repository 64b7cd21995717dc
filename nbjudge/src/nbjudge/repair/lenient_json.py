"""JSON as a notebook's file should have it: read whole, or else cell by cell around what is broken."""

from __future__ import annotations

import json
import re
from typing import Any

from nbrepair.definitions import parse
from nbrepair.leftover import STUB

MAX_CELLS = 5_000
MAX_FAILURES = 50  # places at which a broken file is tried again

_CELLS = re.compile(r'"cells"\s*:\s*\[')
_CELL = re.compile(r'\{\s*"(?:cell_type|metadata|id|attachments)"\s*:')
_GAP = re.compile(r"[\s,]*")


class Loader:
    """JSON that drops outputs while it reads, and that can take up again behind a broken place."""

    def __init__(self) -> None:
        self.doubled = False
        self._decoder = json.JSONDecoder(
            strict=False,
            object_pairs_hook=self._node,
        )

    def _node(self, pairs: list[tuple[str, Any]]) -> dict[str, Any] | None:
        node = dict(pairs)
        if "output_type" in node and "cell_type" not in node:
            return None
        self.doubled = self.doubled or len(node) < len(pairs)
        return node

    def whole(self, text: str, remarks: list[str]) -> tuple[dict[str, Any] | None, str]:
        """The file's object, or None and what is wrong with the file."""
        start = len(text) - len(text.lstrip())
        try:
            node, end = self._decoder.raw_decode(text, start)
        except RecursionError:
            return None, "its JSON is nested too deeply"
        except json.JSONDecodeError as error:
            cut = len(text.rstrip()) - error.pos < 2 or "Unterminated" in error.msg or "end of" in error.msg
            return None, "it ends too early" if cut else f"line {error.lineno} is not valid JSON: {error.msg.lower()}"
        except ValueError:
            return None, "it is not valid JSON"
        if not isinstance(node, dict):
            return None, "its JSON is not an object"
        if text[end:].strip():
            remarks.append("There was something behind the notebook's end: ignored.")
        return node, ""

    def rescued(self, text: str) -> list[Any]:
        """The complete cells of a file whose JSON is broken."""
        begin = _CELLS.search(text) or _CELL.search(text)
        position = len(text) if begin is None else begin.end() if text[begin.end() - 1] == "[" else begin.start()
        found: list[Any] = []
        failures = 0
        while failures < MAX_FAILURES and len(found) <= MAX_CELLS:
            position = _GAP.match(text, position).end()  # type: ignore[union-attr]  # matches always
            if position >= len(text) or text[position] == "]":
                break
            try:
                node, position = self._decoder.raw_decode(text, position)
            except (ValueError, RecursionError):
                failures += 1
                again = _CELL.search(text, position + 1)
                if again is None:
                    break
                position = again.start()
                continue
            if isinstance(node, dict) and ("cell_type" in node or "source" in node):
                found.append(node)
        return found


def readable_worth(text: str) -> tuple[int, int, bool, int]:
    """How much of a notebook can be read from a text, to compare versions of it: cells of Python, stubs left, and so on."""
    loader = Loader()
    raw, _ = loader.whole(text, [])
    code: list[str] = []
    size = 0
    for cell in cells_of(raw) or loader.rescued(text):
        source = cell.get("source") if isinstance(cell, dict) else None
        joined = "".join(map(str, source)) if isinstance(source, list) else str(source or "")
        size += len(joined)
        if isinstance(cell, dict) and cell.get("cell_type") == "code" and parse(joined) is not None:
            code.append(joined)
    return len(code), -sum(source.count(STUB) for source in code), raw is not None, size


def cells_of(raw: Any) -> list[Any] | None:
    """The cells of a notebook of any version: those before 4 keep them in worksheets."""
    if not isinstance(raw, dict):
        return None
    if isinstance(raw.get("cells"), list):
        return list(raw["cells"])
    sheets = raw.get("worksheets")
    if not isinstance(sheets, list):
        return None
    lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
    return [cell for cells in lists if isinstance(cells, list) for cell in cells]
