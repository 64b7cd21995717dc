"""What a program printed, as a terminal would show it in the end: bounded, said when it was cut, and without anything to obey.

Colours and titles go, a link keeps its words. A carriage return, a backspace and the moves by which progress bars draw over
what they drew before have their effect. `output` gives what it gave when it is asked again: each door of the grader may.
"""

from __future__ import annotations

import re
import unicodedata

from nbjudge.ground.characters import visible, whole

MAX_LINES = 200
MAX_TEXT = 100_000  # characters
MARGIN = 200  # columns: the right edge, where the cursor stops that is moved over nothing

_TOKEN = re.compile(
    r"(?P<move>\x1b\[(?P<number>[0-?]*)[ -/]*(?P<letter>[@-~]))"
    r"|(?P<told>\x1b[\]PX^_][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\))"  # titles, links and the like, up to their end
    r"|(?P<other>\x1b[ -/]*[0-Z\\^-~])"
    r"|(?P<back>[\r\n\x08])"
    r"|(?P<text>[^\r\n\x08\x1b]+|\x1b)"
)
_DRAWS = re.compile(r"\r(?!\n)|[\x08\x1b]")
_SLACK = 150  # characters, and three lines: what is cut is a little shorter than it might be, so that nothing is cut twice


def output(text: object, lines: int = MAX_LINES, longest: int = MAX_TEXT) -> str:
    """What a terminal shows of a text in the end, with U+FFFD for what cannot be seen.

    Args:
        text: as it was printed; a list is joined.
        lines: that are kept: the first, the last, and a word about those between.
        longest: characters that are kept, in the same way; at least 300.
    """
    told = whole("".join(map(str, text)) if isinstance(text, list | tuple) else str(text))
    if _DRAWS.search(told):
        told = _Screen().shows(told)
    return _bounded(visible(told), lines, longest)


def _bounded(text: str, lines: int, longest: int) -> str:
    if len(text) > longest:
        left = longest - _SLACK
        first, last = text[: left * 3 // 4], text[len(text) - left // 4 :]
        text = f"{first}\n… {len(text) - len(first) - len(last):,} more characters are left out here …\n{last}"
    rows = text.split("\n")
    if len(rows) > lines:
        left = max(2, lines - 3)
        ahead = left * 3 // 4
        left_out = f"… {len(rows) - left:,} more lines are left out here …"
        text = "\n".join([*rows[:ahead], left_out, *rows[len(rows) - (left - ahead) :]])
    return text


class _Screen:
    """As much of a terminal as progress bars use. A row is a list of columns; a wide character has an empty one behind it."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = [[]]
        self.row = self.column = 0

    def shows(self, text: str) -> str:
        """What stands on the screen once the text is printed."""
        for token in _TOKEN.finditer(text.replace("\r\n", "\n")):
            if token["text"]:
                self._print(token["text"])
            elif token["move"]:
                self._move(token["letter"], int(re.sub(r"\D.*", "", token["number"])[:4] or 0))
            elif token["back"] == "\n":
                self._line_feed()
            elif token["back"]:
                self.column = 0 if token["back"] == "\r" else max(0, self.column - 1)
        return "\n".join("".join(row) for row in self.rows)

    def _line_feed(self) -> None:
        self.row, self.column = self.row + 1, 0
        if self.row == len(self.rows):
            self.rows.append([])

    def _print(self, text: str) -> None:
        row = self.rows[self.row]
        row.extend(" " * (self.column - len(row)))
        if text.isascii():
            self._halves(row, self.column, self.column + len(text))
            row[self.column : self.column + len(text)] = text
            self.column += len(text)
            return
        joined = False
        for char in text:
            if self.column and (joined or _has_no_width(char)):
                last = self.column - 1
                row[last - (row[last] == "" and last > 0)] += char
            else:
                columns = [char, ""] if unicodedata.east_asian_width(char) in "WF" else [char]
                self._halves(row, self.column, self.column + len(columns))
                row[self.column : self.column + len(columns)] = columns
                self.column += len(columns)
            joined = char == "\u200d"

    @staticmethod
    def _halves(row: list[str], start: int, end: int) -> None:
        """Blanks for the halves that are left of wide characters when the columns between are written over."""
        if 0 < start < len(row) and row[start] == "":
            row[start - 1] = " "
        if end < len(row) and row[end] == "":
            row[end] = " "

    def _move(self, letter: str, number: int) -> None:
        row, count = self.rows[self.row], number or 1
        if letter in "AF":
            self.row = max(0, self.row - count)
        elif letter in "BE":
            self.row = min(len(self.rows) - 1, self.row + count)
        elif letter == "C":
            self.column = min(self.column + count, max(len(row), MARGIN))
        elif letter == "D":
            self.column = max(0, self.column - count)
        elif letter == "G":
            self.column = min(count - 1, max(len(row), MARGIN))
        elif letter == "K" and number < 3:
            self._erase(row, number)
        elif letter == "J" and number == 0:
            self._erase(row, 0)
            del self.rows[self.row + 1 :]
        if letter in "EF":
            self.column = 0

    def _erase(self, row: list[str], which: int) -> None:
        """From the cursor to the row's end (0), from its beginning to the cursor (1), or all of it (2)."""
        start = self.column if which == 0 else 0
        end = min(len(row), self.column + 1) if which == 1 else len(row)
        self._halves(row, start, end)
        row[start:end] = " " * (end - start) if which == 1 else ""


def _has_no_width(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Me", "Cf") or "\U0001f3fb" <= char <= "\U0001f3ff"
