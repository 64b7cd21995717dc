"""Kinds of values that course.toml holds."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assignment.builder.counted import GRADED

NAME = re.compile(r"[A-Za-z0-9_-]+")  # what nbgrader takes as an id
URL = re.compile(r"https?://[^\s/]+(/[^\s]*)?")
GITHUB = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+")
LEVELS = ("auto", "reason", "full")
POLICIES = ("off", "tutor", "free")
ANSWERS = ("never", "deadline")


@dataclass(frozen=True)
class Kind:
    """A kind of value.

    Attributes:
        wanted: what it must be, in words.
        valid: whether a value is.
        item: of a list, the kind of each of its items.
    """

    wanted: str
    valid: Callable[[Any], bool]
    item: Kind | None = None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0


def _text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != "" and value.isprintable()


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def list_of(item: Kind, wanted: str) -> Kind:
    return Kind(wanted, lambda value: isinstance(value, list), item)


def _one_of(words: tuple[str, ...]) -> Kind:
    return Kind(f"one of {', '.join(words)}", lambda value: isinstance(value, str) and value in words)


TEXT = Kind("a text of one line", _text)
ID = Kind("a text of letters, digits, - and _", _matches(NAME))
ADDRESS = Kind("a web address", _matches(URL))
REPOSITORY = Kind("the address of a GitHub repository, as Colab opens no other", _matches(GITHUB))
NUMBER = Kind("a number above 0", _number)
SHARE = Kind("a share above 0 and at most 1", lambda value: _number(value) and value <= 1)
POINTS = Kind("a number from 0 on", lambda value: _number(value) or (value == 0 and not isinstance(value, bool)))
WHOLE = Kind("a whole number above 0", lambda value: isinstance(value, int) and _number(value))
YES_OR_NO = Kind("true or false, without quotes", lambda value: isinstance(value, bool))
PATH = Kind('the path of a folder, or "" for none', lambda value: isinstance(value, str) and (value == "" or _text(value)))
COUNTING = _one_of(GRADED)
LEVEL = _one_of(LEVELS)
POLICY = _one_of(POLICIES)
SHOWING = _one_of(ANSWERS)
INSTANT = Kind(
    "a date and time with its offset from UTC, without quotes",
    lambda value: isinstance(value, datetime) and value.tzinfo is not None,
)
