"""Numbers in a text, and which known ones they are, as far as their digits tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_NUMBER = re.compile(
    r"(?<![\w.,/^])(?P<number>\d+(?:[.,]\d+)*|\.\d+)(?![\w^]|\.\d)\s*\\?(?P<percent>%|per\s?cent\b|Prozent\b)?"
)
_BEFORE = re.compile(
    r"(±|\+/-|\\pm|\b(section|part|chapter|figure|sections)s?)\s*$", re.IGNORECASE
)  # spreads, and places to read
MOST = 100  # numbers of a text that are looked at
ENOUGH = 2  # decimals that tell an accuracy from others


@dataclass(frozen=True)
class Number:
    """A number as it was written.

    Attributes:
        text: how, such as `28.5 %`.
        value: in percent a share of 1.
        digits: decimals of the value.
        start: where in the text.
    """

    text: str
    value: float
    digits: int
    start: int = 0

    def fits(self, value: float) -> bool:
        """Whether it is that value, rounded or cut off."""
        unit = 10.0**-self.digits
        return -0.5 * unit - 1e-9 <= value - self.value < unit - 1e-9


def numbers_in(text: str) -> list[Number]:
    """The numbers of a text. A comma is a decimal one where it cannot part thousands: `0,285`, `5,68`; not `10,000`."""
    found = []
    for match in _NUMBER.finditer(text):
        if _BEFORE.search(text[max(0, match.start() - 12) : match.start()]):
            continue
        value, digits = _read(match["number"])
        if match["percent"]:
            value, digits = value / 100, digits + 2
        found.append(Number(" ".join(match[0].split()), value, digits, match.start()))
        if len(found) == MOST:
            break
    return found


def _read(written: str) -> tuple[float, int]:
    if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?", written):
        plain = written.replace(",", "")
    elif written.count(",") == 1 and "." not in written:
        plain = written.replace(",", ".")
    else:
        plain = written.replace(",", "")
    whole, _, decimals = plain.partition(".")
    if "." in decimals:  # a date, a version
        return float("nan"), 0
    return float(f"{whole or 0}.{decimals or 0}"), len(decimals)


def accuracies_in(text: str) -> list[Number]:
    """The numbers that may be accuracies: from 0 to 1, or in percent, with enough digits to tell by."""
    return [n for n in numbers_in(text) if 0 < n.value < 1 and n.digits >= ENOUGH]


def recognised(numbers: Iterable[Number], known: Mapping[str, float]) -> tuple[list[tuple[Number, str]], list[Number]]:
    """The numbers that are known ones, each with the names it may bear; and the others. Each text once."""
    fitting, others, seen = [], [], set[str]()
    for number in numbers:
        if number.text in seen:
            continue
        seen.add(number.text)
        names = [name for name, value in known.items() if number.fits(value)]
        if names:
            fitting.append((number, " or ".join(names[:2])))
        else:
            others.append(number)
    return fitting, others
