"""A seeded mutator of submissions: what a disk, an editor, a merge or a bored student may do to a file, and to its folder."""

from __future__ import annotations

import codecs
import copy
import io
import json
import random
import tarfile
import zipfile
from collections.abc import Callable
from typing import Any

Files = dict[str, bytes]  # name -> contents
# fmt: off
ODD: list[Any] = [
    None, 0, -1, 1e308, "", "x", [], {}, [[]], True, "\ud800", "\uffff", "None", {"a": {"b": []}}, ["a\n", 3], "a" * 5000,
]
SNIPPETS = [
    "raise NotImplementedError", "raise", "return", "pass", ")", "(", "'''", "\t", "    ", "!pip install torch", "%%time",
    "%%bash\nls", "input()", "print('10')", "10.0", "import os", "del torch", "x = 1 /", "\\", "#", "assert False",
    "<<<<<<< HEAD", "=======", ">>>>>>> theirs", "def f(:", "class Encoder: pass", "exit()", "\u202e", "\x00", "🙂", "é",
    "get_ipython()", "Encoder = None",
]
NAMES = [
    "ps8.ipynb", "PS8.ipynb", "ps8 (1).ipynb", "Copy of ps8.ipynb", "ps8.ipynb.txt", "my work.ipynb", "x/y/ps8.ipynb", "ps8",
]
FIELDS = ["grade", "solution", "locked", "points", "grade_id", "task"]
# fmt: on


def mutant(notebook: dict[str, Any], seed: int) -> Files:
    """The files of one submission, made of a notebook by one to five mutations that follow from the seed."""
    draw = random.Random(seed)
    nb = copy.deepcopy(notebook)
    for _ in range(draw.choice([0, 1, 1, 2, 3])):
        draw.choice([*CELLS, tree])(nb, draw)
    data = json.dumps(nb, indent=draw.choice([None, 1])).encode("utf-8", "surrogatepass")
    if draw.random() < 0.4:
        data = draw.choice(BYTES)(data, draw)
    files = {draw.choice(NAMES) if draw.random() < 0.3 else "ps8.ipynb": data}
    if draw.random() < 0.15:
        files = draw.choice(FOLDERS)(files, draw)
    return files


def _cells(nb: dict[str, Any]) -> list[dict[str, Any]]:
    cells = nb.get("cells")
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source")
    return source if isinstance(source, str) else "".join(map(str, source)) if isinstance(source, list) else ""


def delete(nb: dict[str, Any], draw: random.Random) -> None:
    for _ in range(draw.choice([1, 1, 3, 10])):
        if cells := _cells(nb):
            nb["cells"].remove(draw.choice(cells))


def double(nb: dict[str, Any], draw: random.Random) -> None:
    if cells := _cells(nb):
        nb["cells"].insert(draw.randrange(len(cells) + 1), copy.deepcopy(draw.choice(cells)))


def move(nb: dict[str, Any], draw: random.Random) -> None:
    if cells := _cells(nb):
        cell = draw.choice(cells)
        nb["cells"].remove(cell)
        nb["cells"].insert(draw.randrange(len(cells)), cell)


def shuffle(nb: dict[str, Any], draw: random.Random) -> None:
    if isinstance(nb.get("cells"), list):
        draw.shuffle(nb["cells"])


def retype(nb: dict[str, Any], draw: random.Random) -> None:
    if cells := _cells(nb):
        draw.choice(cells)["cell_type"] = draw.choice(["code", "markdown", "raw", "heading", "", None, 3])


def merge(nb: dict[str, Any], draw: random.Random) -> None:
    cells = _cells(nb)
    if len(cells) > 1:
        place = draw.randrange(len(cells) - 1)
        cells[place]["source"] = _source(cells[place]) + "\n" + _source(cells[place + 1])
        nb["cells"].remove(cells[place + 1])


def split(nb: dict[str, Any], draw: random.Random) -> None:
    if cells := _cells(nb):
        cell = draw.choice(cells)
        lines = _source(cell).split("\n")
        place = draw.randrange(len(lines))
        cell["source"] = "\n".join(lines[:place])
        rest = {**copy.deepcopy(cell), "source": "\n".join(lines[place:]), "metadata": {}, "id": f"new{draw.randrange(99)}"}
        nb["cells"].insert(nb["cells"].index(cell) + 1, rest)


def lines(nb: dict[str, Any], draw: random.Random) -> None:
    if cells := _cells(nb):
        cell = draw.choice(cells)
        text = _source(cell).split("\n")
        place = draw.randrange(len(text))
        what = draw.randrange(5)
        if what == 0:
            del text[place]
        elif what == 1:
            text.insert(place, draw.choice(SNIPPETS))
        elif what == 2:
            text[place] = "# " + text[place]
        elif what == 3:
            text[place] = draw.choice(["  ", "\t", ""]) + text[place].lstrip()
        else:
            text = [line.replace(" ", "\xa0") for line in text] if draw.random() < 0.2 else [*text, draw.choice(SNIPPETS)]
        cell["source"] = "\n".join(text) if draw.random() < 0.5 else [line + "\n" for line in text]


def marks(nb: dict[str, Any], draw: random.Random) -> None:
    """Changes what nbgrader wrote into the cells: ids, points, kinds."""
    marked = [c for c in _cells(nb) if isinstance(c.get("metadata"), dict) and isinstance(c["metadata"].get("nbgrader"), dict)]
    if not marked:
        return
    one, other = draw.choice(marked), draw.choice(marked)
    what = draw.randrange(5)
    if what == 0:
        one["metadata"]["nbgrader"], other["metadata"]["nbgrader"] = other["metadata"]["nbgrader"], one["metadata"]["nbgrader"]
    elif what == 1:
        one["metadata"]["nbgrader"][draw.choice(FIELDS)] = draw.choice(ODD)
    elif what == 2:
        one["metadata"] = draw.choice(ODD)
    elif what == 3:
        one["id"] = other.get("id")
    else:
        for cell in marked:
            cell["metadata"].pop("nbgrader", None)


def tree(nb: dict[str, Any], draw: random.Random) -> None:
    """Replaces or removes something anywhere in the JSON."""
    node: Any = nb
    for _ in range(draw.randrange(1, 6)):
        inner = [v for v in (node.values() if isinstance(node, dict) else node) if isinstance(v, (dict, list)) and v]
        if not inner:
            break
        node = draw.choice(inner)
    key = draw.choice(list(node)) if isinstance(node, dict) else draw.randrange(len(node))
    if draw.random() < 0.4:
        del node[key]
    else:
        node[key] = copy.deepcopy(draw.choice(ODD))


def truncate(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(len(data))]


def flip(data: bytes, draw: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice([1, 3, 30])):
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def insert(data: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(data))
    return data[:place] + draw.choice([b"\0" * 50, b"\n<<<<<<< HEAD\n", b"}", b"]", b'"', b"\xff\xfe", b"\r\n"]) + data[place:]


def repeat(data: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(data))
    return data[:start] + data[start : start + draw.randrange(2000)] + data[start:]


def encode(data: bytes, draw: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    marked = codecs.BOM_UTF8 + data
    return draw.choice(
        [marked, text.encode("utf-16"), text.encode("utf-32"), text.encode("latin-1", "replace"), data[::-1], b""]
    )


def zipped(files: Files, draw: random.Random) -> Files:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return {"submission.zip": packed.getvalue()}


def tarred(files: Files, draw: random.Random) -> Files:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=draw.choice(["w", "w:gz"])) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return {"submission.tar.gz": packed.getvalue()}


def crowded(files: Files, draw: random.Random) -> Files:
    """More files beside it, some of them notebooks too."""
    more = {f"a{number}.txt": b"junk" for number in range(draw.choice([3, 300]))}
    return {**more, "results.json": draw.choice([b"{", b"[]", b'{"a": NaN}', b""]), "other.ipynb": b"{}", **files}


def nothing(files: Files, draw: random.Random) -> Files:
    return {"report.pdf": b"%PDF-1.4"} if draw.random() < 0.5 else {}


CELLS: list[Callable[[dict[str, Any], random.Random], None]] = [
    delete, double, move, shuffle, retype, merge, split, lines, lines, lines, marks,
]  # fmt: skip
BYTES: list[Callable[[bytes, random.Random], bytes]] = [truncate, flip, insert, repeat, encode]
FOLDERS: list[Callable[[Files, random.Random], Files]] = [zipped, tarred, crowded, nothing]
