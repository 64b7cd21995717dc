"""Which of several files is taken, and what is said of it."""

from __future__ import annotations

import pytest
from nbjudge.repair.candidates import MAX_OTHERS, chosen, stem, worth
from nbjudge.repair.file_reader import SubmittedFile
from nbrepair.plan import Plan


class TestCandidates:
    @pytest.mark.parametrize(
        ("name", "short"),
        [
            ("ps8.ipynb", "ps8"),
            ("Copy of PS8 (1).ipynb", "ps8"),
            ("Kopie von Copy of ps8.ipynb", "ps8"),
            ("ps8-copy 2.ipynb", "ps8"),
            ("ps8 copy(3).ipynb", "ps8"),
            ("ps8.ipynb.txt", "ps8"),
            ("copy.ipynb", "copy"),
            ("(1).ipynb", "(1)"),
            ("ps8-final.ipynb", "ps8-final"),
        ],
    )
    def test_what_a_name_comes_down_to(self, name: str, short: str) -> None:
        assert stem(name) == short

    def test_how_much_a_file_is_worth(self, plan: Plan, good_bytes: bytes) -> None:
        full = worth(SubmittedFile("a.ipynb", good_bytes, len(good_bytes), 7.9), plan)
        assert (full.readable, full.ours, full.written, full.begun, full.is_notebook, full.changed) == (
            True,
            True,
            5,
            5,
            True,
            7,
        )
        half = good_bytes.replace(b"return Double(1 / rate)(x)", b"raise NotImplementedError")
        less = worth(SubmittedFile("a.ipynb", half, len(half), 9), plan)
        assert (less.written, less.begun) == (4, 5) and less < full
        assert worth(SubmittedFile("a.ipynb", b"x", 1, 99), plan) < less
        assert worth(SubmittedFile("a.html", b"x", 1, 0)).is_notebook is False
        stubs = b'{"cells": [{"cell_type": "code", "source": "raise NotImplementedError\\nraise NotImplementedError"}]}'
        assert worth(SubmittedFile("a.ipynb", stubs, len(stubs), 0)).stubs == -2

    def test_the_one_in_which_most_is_written_is_taken_and_it_is_said_why(self, plan: Plan, good_bytes: bytes) -> None:
        half = good_bytes.replace(b"return Double(1 / rate)(x)", b"raise NotImplementedError")
        files = [SubmittedFile("ps1.ipynb", half, len(half), 9), SubmittedFile("b/old.ipynb", good_bytes, len(good_bytes), 1)]
        remarks: list[str] = []
        assert chosen("ps1", files, remarks, plan) is files[1]
        assert remarks == [
            "There were several files for ps1.ipynb: b/old.ipynb was taken, not ps1.ipynb, "
            "because more answers are written in it (5; elsewhere 4)."
        ]
        remarks.clear()
        assert chosen("ps1", [files[1]], remarks, plan) is files[1]
        assert remarks == ["b/old.ipynb was taken for ps1.ipynb."]
        remarks.clear()
        assert chosen("ps1", files[:1], remarks, plan) is files[0] and remarks == []

    def test_of_equal_ones_the_newest_and_then_the_one_that_lies_highest(self, good_bytes: bytes) -> None:
        def at(path: str, changed: float, more: bytes = b"") -> SubmittedFile:
            return SubmittedFile(path, good_bytes + more, len(good_bytes), changed)

        remarks: list[str] = []
        assert chosen("ps1", [at("ps1.ipynb", 1), at("a/ps1.ipynb", 2, b" ")], remarks).path == "a/ps1.ipynb"
        assert chosen("ps1", [at("b/ps1.ipynb", 1), at("c.ipynb", 1, b" ")], remarks).path == "c.ipynb"
        assert chosen("ps1", [at("b.ipynb", 1), at("a.ipynb", 1, b" ")], remarks).path == "a.ipynb"
        assert chosen("ps1", [at("b.ipynb", 1), at("ps1.ipynb", 1)], remarks).path == "ps1.ipynb"
        assert remarks[-1].startswith("There were several files for ps1.ipynb: a.ipynb was taken, not b.ipynb.")
        many = [at(f"{n}.ipynb", 1, b" " * n) for n in range(9)]
        chosen("ps1", many, remarks)
        listed = ", ".join(f"{n}.ipynb" for n in range(1, MAX_OTHERS + 1))
        assert remarks[-1] == f"There were several files for ps1.ipynb: 0.ipynb was taken, not {listed} and 3 more."
