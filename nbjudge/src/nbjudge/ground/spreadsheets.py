"""Tables of other programs: read whatever wrote them, and written so that no spreadsheet runs a formula."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MAX_TABLE = 64 * 2**20  # bytes
_FORMULA = set("=+-@\u2212")  # a spreadsheet may take the true minus sign, and wide forms of these, for them
_IGNORED = ("Cc", "Cf", "Zs", "Zl", "Zp")  # categories of characters that may stand before a formula
_DELIMITERS = ",;\t"
_ENCODINGS = (  # by a byte order mark, which Excel and Moodle write
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


class NoTable(ValueError):
    """A file that is no table. The text names it and says why."""


@dataclass(frozen=True)
class SpreadsheetTable:
    """A table as a file has it.

    Attributes:
        name: of the file.
        header: its first row.
        rows: all others, each filled up to the header's length.
        delimiter: between its fields.
        encoding: of its text.
    """

    name: str
    header: list[str]
    rows: list[list[str]] = field(default_factory=list)
    delimiter: str = ","
    encoding: str = "utf-8"

    def column(self, *names: str) -> int | None:
        """The place of the first column with one of these names, whatever their case and signs are; None if there is none."""
        there = [plain_header(title) for title in self.header]
        return next((there.index(name) for name in map(plain_header, names) if name in there), None)

    def cells(self, row: Sequence[str], *names: str) -> str:
        """What stands in such a column of a row; empty if there is no such column."""
        place = self.column(*names)
        return "" if place is None else restored(row[place].strip())


def plain_header(title: str) -> str:
    """A column's title without case, blanks and signs."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", title).casefold())


def read_table(path: Path) -> SpreadsheetTable:
    """Reads a table, separated by commas, semicolons or tabs, in UTF-8, UTF-16 or, failing both, Windows-1252.

    Raises:
        NoTable: if it cannot be read, or has no header.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TABLE + 1)
    except OSError as error:
        raise NoTable(f"{path} cannot be read ({error.strerror}).") from None
    if len(data) > MAX_TABLE:
        raise NoTable(f"{path} has more than {MAX_TABLE // 2**20} MB: is it the file you mean?")
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise NoTable(f"{path} is an Excel workbook: save it as CSV, or download it as CSV.")
    text, encoding = _decoded(data)
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(map(str.strip, row))]
    except csv.Error as error:
        raise NoTable(f"{path} is no table: {error}.") from None
    if not rows:
        raise NoTable(f"{path} is empty.")
    width = len(rows[0])
    filled = [[*row, *[""] * (width - len(row))] for row in rows[1:]]
    return SpreadsheetTable(path.name, rows[0], filled, delimiter, encoding)


def _decoded(data: bytes) -> tuple[str, str]:
    marked = next((encoding for mark, encoding in _ENCODINGS if data.startswith(mark)), "")
    for encoding in filter(None, (marked, "utf-8")):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", "replace"), "cp1252"


def as_csv(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """Rows as the text of a CSV file, its fields as they are: make what others chose `safe` first."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue()


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    visible = next((char for char in text if unicodedata.category(char) not in _IGNORED), "")
    if _FORMULA & set(unicodedata.normalize("NFKC", visible)) or text[:1] in ("\t", "\r", "\n"):
        return "'" + text
    return text


def restored(text: str) -> str:
    """The text of which `safe` has made this one, or which Canvas has written as `="..."` for the same reason."""
    if text.startswith("'") and safe(text[1:]) == text:
        return text[1:]
    quoted = re.fullmatch(r'="(.*)"', text, re.DOTALL)
    return quoted[1] if quoted else text
