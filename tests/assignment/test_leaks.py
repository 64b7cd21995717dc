"""Leaks are planted in every way that a file can hold a line, and each must be found with its file and line."""

from __future__ import annotations

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import struct
import tarfile
import zipfile
import zlib
from urllib.parse import quote

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, writes

from assignment.builder.leaks import Leak, find_leaks, leaks_in_tree, without_given
from assignment.builder.secret_lines import Secret

LINE = 'out_l = (self.memory_ab[idx] @ l[:, :, None]) / float("0.1")'
SECRET = Secret(LINE, "solution/contrast.py", 57)
CODE = f"def forward(self):\n    # scores\n        {LINE}\n    return out_l"


def found(data: bytes | str, name: str = "file") -> list[tuple[str, int]]:
    leaks = find_leaks({name: data.encode() if isinstance(data, str) else data}, [SECRET])
    assert {leak.secret for leak in leaks} <= {LINE}
    return [(leak.path, leak.line) for leak in leaks]


def zipped(data: bytes, name: str = "inner.py") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("innocent.txt", "nothing")
        archive.writestr(name, data)
    return file.getvalue()


def tarred(data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("inner.py")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def picture(kind: bytes, body: bytes) -> bytes:
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return b"\x89PNG\r\n\x1a\n" + chunk


def test_a_clean_file_has_no_leak():
    assert found("def forward(self):\n    # YOUR CODE HERE\n    raise NotImplementedError\n") == []
    assert found(b"\x00\xff\xfe binary") == []
    assert found(b"") == []


def test_a_leak_says_where_and_what():
    (leak,) = find_leaks({"kit/a.py": CODE.encode()}, [SECRET])
    assert leak == Leak("kit/a.py", 3, LINE, "solution/contrast.py:57")
    assert str(leak) == f"kit/a.py:3: holds a line of solution/contrast.py:57: {LINE}"


@pytest.mark.parametrize(
    "text",
    [
        LINE,
        f"\t\t{LINE}",
        f"# {LINE}",
        f"x = 1; {LINE}; y = 2",
        LINE.replace(" ", "   "),
        LINE.replace(" ", ""),
        LINE.replace(" @ ", "\n      @ "),
        f"> {LINE}",
        f"`{LINE}`",
    ],
)
def test_blanks_and_comments_hide_nothing(text):
    assert found(f"first\n{text}\nlast") == [("file", 2)]


@pytest.mark.parametrize("text", [LINE[:-1], f"x{LINE}", LINE.replace("idx", "index"), "l[:, :, None]"])
def test_another_line_is_no_leak(text):
    assert found(text) == []


def test_a_longer_name_is_no_leak():
    secret = Secret("loss.backward()", "s", 1)
    assert find_leaks({"a": b"total_loss.backward()"}, [secret]) == []
    assert len(find_leaks({"a": b"(loss.backward())"}, [secret])) == 1


def test_a_notebooks_cells_are_searched_at_their_line():
    notebook = new_notebook(cells=[new_markdown_cell("# A"), new_code_cell(CODE)])
    text = writes(notebook, indent=1)
    line = next(n for n, part in enumerate(text.split("\n"), start=1) if "memory_ab" in part)
    assert found(text, "a.ipynb") == [("a.ipynb", line)]


def test_a_notebooks_line_broken_in_two_is_found():
    broken = LINE.replace(" @ ", "\n @ ")
    assert len(found(writes(new_notebook(cells=[new_code_cell(broken)]), indent=1))) == 1
    assert len(found(json.dumps({"source": broken}))) == 1


@pytest.mark.parametrize("indent", [None, 1])
def test_a_notebooks_outputs_are_searched(indent):
    outputs = [
        new_output("stream", name="stdout", text=CODE),
        new_output("display_data", data={"text/html": f"<pre>{html.escape(CODE)}</pre>"}),
        new_output("error", ename="E", evalue="", traceback=[f"\x1b[31m-> {LINE}"]),
        new_output("display_data", data={"application/x": base64.b64encode(CODE.encode()).decode()}),
    ]
    for output in outputs:
        text = json.dumps(new_notebook(cells=[new_code_cell("", outputs=[output])]), indent=indent)
        assert found(text) != [], output


def test_html_is_read_without_its_tags():
    words = "".join(f'<span class="n">{html.escape(word)}</span> ' for word in LINE.split(" "))
    assert found(f"<html>\n<pre>{words}</pre>") == [("file", 2)]
    assert found(f"<p\nclass='a'>x</p>\n{html.escape(LINE)}") == [("file", 3)]
    assert found(json.dumps({"html": f"<pre>{words}</pre>"})) == [("file", 1)]
    assert found(f"<p>before</p><code>{html.escape(LINE)}</code><p>after</p>") == [("file", 1)]  # no part of longer names


def test_other_spellings_are_read():
    assert found("".join(f"\\u{ord(letter):04x}" for letter in LINE)) == [("file", 1)]
    assert found(f"https://example.org/?code={quote(LINE)}") == [("file", 1)]
    assert found(CODE.encode("utf-16")) == [("file", 3)]
    assert found(b"\xff\x00\x81" + CODE.encode()) == [("file", 3)]


def test_base64_is_decoded():
    hidden = base64.b64encode(CODE.encode()).decode()
    assert found(f"a\nb\n{hidden}") == [("file", 3)]
    assert found(f'src="data:text/plain;base64,{hidden}"') == [("file", 1)]
    assert found(base64.encodebytes(CODE.encode() * 3).decode()) == [("file", 1)]
    assert found(json.dumps(base64.encodebytes(CODE.encode() * 3).decode())) == [("file", 1)]
    assert found(base64.urlsafe_b64encode(CODE.encode()).decode().rstrip("=")) == [("file", 1)]
    assert found(base64.b64encode(base64.b64encode(CODE.encode())).decode()) == [("file", 1)]
    assert found("x\n" + base64.b64encode(zipped(CODE.encode())).decode()) == [("file!inner.py", 2)]


@pytest.mark.parametrize(
    ("data", "member"),
    [
        (zipped(CODE.encode()), "inner.py"),
        (b"#!/usr/bin/python\n" + zipped(CODE.encode()), "inner.py"),
        (tarred(CODE.encode()), "inner.py"),
        (gzip.compress(CODE.encode()), "content"),
        (bz2.compress(CODE.encode()), "content"),
        (zlib.compress(CODE.encode()), "content"),
        (lzma.compress(CODE.encode()), "content"),
        (gzip.compress(tarred(CODE.encode())), "content!inner.py"),
        (zipped(zipped(CODE.encode()), "inner.zip"), "inner.zip!inner.py"),
        (picture(b"zTXt", b"Comment\0\0" + zlib.compress(CODE.encode())), "text"),
    ],
)
def test_archives_are_opened_whatever_their_name(data, member):
    assert (f"picture.png!{member}", 3) in found(data, "picture.png")


def test_a_pictures_plain_text_is_found():
    assert len(found(picture(b"tEXt", b"Comment\0" + LINE.encode()))) == 1


@pytest.mark.parametrize(
    "data", [zipped(CODE.encode())[:-9], b"\x1f\x8bx", b"BZh9", b"PK\x05\x06", b"\x89PNG\r\n\x1a\n\0\0\0\1zTXt"]
)
def test_a_broken_archive_stops_nothing(data):
    assert find_leaks({"a": data, "b": CODE.encode()}, [SECRET])[-1].path == "b"


def test_a_line_with_its_comment_is_one_leak():
    secrets = [Secret("loss = f(x) # why", "s", 1), Secret("loss = f(x)", "s", 1)]
    assert [leak.secret for leak in find_leaks({"a": b"loss = f(x)  # why\nloss = f(x)"}, secrets)] == [
        "loss = f(x) # why",
        "loss = f(x)",
    ]


@pytest.mark.parametrize("mark", ["### BEGIN SOLUTION", "### END SOLUTION", "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"])
def test_the_marks_of_answers_are_leaks(mark):
    (leak,) = find_leaks({"a.ipynb": json.dumps({"source": f"x\n    {mark}\n"}).encode()}, [])
    assert leak.secret == mark


def test_every_place_is_named_once_in_order():
    leaks = find_leaks({"b": CODE.encode(), "a": f"{LINE}\n{LINE}".encode()}, [SECRET, SECRET])
    assert [(leak.path, leak.line) for leak in leaks] == [("a", 1), ("a", 2), ("b", 3)]


def test_what_is_given_anyway_is_no_secret_and_nothing_stands_twice():
    texts = ["optimizer.step()", "loss = f(x)", "loss  = f(x)", "total += loss", "f(x) * given_number"]
    secrets = [Secret(text, "s", number) for number, text in enumerate(texts)]
    given = ["   optimizer.step( )", "    total += loss.item()", "x = given_number"]
    # A fragment of a given line is given; a line that goes on is not.
    assert without_given(secrets, given) == [secrets[1], secrets[4]]


def test_a_tree_is_searched_with_its_hidden_files_and_links(tmp_path):
    (tmp_path / "tree" / ".hidden").mkdir(parents=True)
    (tmp_path / "tree" / ".hidden" / "a.py").write_text(CODE)
    (tmp_path / "elsewhere.py").write_text(CODE)
    (tmp_path / "tree" / "link.py").symlink_to(tmp_path / "elsewhere.py")
    leaks = leaks_in_tree(tmp_path / "tree", [SECRET])
    assert [(leak.path, leak.line) for leak in leaks] == [(".hidden/a.py", 3), ("link.py", 3)]


def test_a_large_picture_in_a_notebook_is_no_burden():
    pixels = base64.b64encode(bytes(range(256)) * 4_000).decode()
    text = writes(new_notebook(cells=[new_code_cell("", outputs=[new_output("display_data", data={"image/png": pixels})])]))
    assert found(text) == []
    assert len(found(text.replace('"cells"', f'"{LINE[:6]}": 1, "cells"') + json.dumps(LINE))) == 1
