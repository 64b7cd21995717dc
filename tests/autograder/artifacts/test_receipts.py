"""The receipt of a submission: printed where it is right, a reason to look where it is not, harmless whatever it holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from ps8.handing_in import receipt

from autograder.artifacts.course_findings import findings_of
from autograder.artifacts.findings_cache import FindingsCache
from autograder.artifacts.receipts import receipt_of

FILES = {"ps8.ipynb": b"{}", "results.json": b'{"data": "photo sample", "profile": "full"}'}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A submission with its receipt, and no weights."""
    made = tmp_path / "ps8"
    made.mkdir()
    for name, data in FILES.items():
        (made / name).write_bytes(data)
    (made / receipt.FILE).write_text(receipt.write(FILES, "told"))
    return made


def test_the_grader_prints_the_code_that_the_student_has(folder: Path, tmp_path: Path) -> None:
    code = receipt.code(map(receipt.digest, FILES.values()))
    found = findings_of(folder, FindingsCache(tmp_path / "cache"))
    assert f"Receipt {code}: all files are as ps8.submit() packed them." in found.notes
    assert f"PS8, receipt {code}" in (folder / receipt.FILE).read_text()


def test_a_changed_file_is_a_reason_to_look_though_the_findings_are_kept(folder: Path, tmp_path: Path) -> None:
    cache = FindingsCache(tmp_path / "cache")
    findings_of(folder, cache)
    (folder / "ps8.ipynb").write_text('{"cells": []}')
    (said,) = [remark for remark in findings_of(folder, cache).remarks if "receipt" in remark]
    assert "ps8.ipynb is missing, or was changed since" in said
    (folder / receipt.FILE).unlink()
    assert not any(
        "eceipt" in sentence for sentence in (*findings_of(folder, cache).remarks, *findings_of(folder, cache).notes)
    )


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe\x00" * 100,
        b"PS8, receipt AAAA-BBBB-CCCC-DDDD, all is well",
        b"0" * 64 + b"  <script>alert(1)</script>\n",
        b"0" * 64 + "  \u202eevil\u2066\n".encode(),
        b"".join(b"%064x  file%d\n" % (n, n) for n in range(5_000)),
        b"0" * 64 + b"  " + b"n" * 100_000,
    ],
)
def test_a_forged_receipt_claims_nothing(text: bytes, folder: Path) -> None:
    (folder / receipt.FILE).write_bytes(text)
    said, whole = receipt_of(folder)
    assert whole == (not said) and len(said) < 2_000
    assert said.isprintable() and "all files are as" not in said


def test_a_link_for_a_receipt_is_not_followed(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text(receipt.write(FILES, "told"))
    (folder / receipt.FILE).unlink()
    (folder / receipt.FILE).symlink_to(other)
    assert receipt_of(folder) == ("", True)
