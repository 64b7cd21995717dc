"""What a file is that is no notebook."""

from __future__ import annotations

import pytest
from nbjudge.repair import file_types


class TestKinds:
    @pytest.mark.parametrize(
        ("path", "kind", "work"),
        [
            ("a/B.PDF", "a PDF", False),
            ("x.tar.gz", "an archive", False),
            ("x.7z", "a 7z archive, which is not read", True),
            ("x.gdoc", "a link to a Google document, not the file itself", True),
            ("x.Rar", "a rar archive, which is not read", True),
            ("x.crdownload", "an unfinished download", True),
            ("x.webloc", "a link to a web page, not the file itself", True),
            (".ipynb_checkpoints/a.ipynb", file_types.CHECKPOINT, True),
            ("b/.ipynb_checkpoints/a.txt", "kept by Jupyter", False),
            ("a.ipynb", "", True),
            ("notes", "", False),
        ],
    )
    def test_by_name(self, path: str, kind: str, work: bool) -> None:
        assert (file_types.of_name(path), file_types.may_hold_work(path)) == (kind, work)

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"%PDF-1.7", "it is a PDF"),
            (b"\xef\xbb\xbf \n<!DOCTYPE html>", "it is a web page"),
            (b"<HTML>", "it is a web page"),
            (b"PK\x03\x04", "it is a zip archive (or a Word document)"),
            (b"https://a.example/x\n", "it is a link to a web page"),
            (b'{"doc_id": 1}', "it is a link to a web page"),
            (b'{"url": 1}', "it is a link to a web page"),
            (b"see https://a.example", "nothing"),
            (b"x = 1\nimport os\n", "it is a Python script"),
            (b"x = 1\nfrom os import path\n", "it is a Python script"),
            (b"def f():", "it is a Python script"),
            (b"important", "nothing"),
            (b"", "nothing"),
            (b" " * 10 + b"x" * 5000 + b"\nimport os", "nothing"),
        ],
    )
    def test_by_content(self, data: bytes, said: str) -> None:
        assert file_types.of_content(data, "nothing") == said
