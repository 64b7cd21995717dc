"""What course.toml may hold, as data: each key's table, type, use and an example. All else in the file is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from assignment.builder.value_types import (
    ADDRESS,
    COUNTING,
    ID,
    INSTANT,
    LEVEL,
    NAME,
    NUMBER,
    PATH,
    POINTS,
    POLICY,
    REPOSITORY,
    SHARE,
    SHOWING,
    TEXT,
    WHOLE,
    YES_OR_NO,
    Kind,
    list_of,
)

# The bounds of a submission's run, `nbjudge.jail.Limits`: a test compares. The grader is not there when notebooks are built.
LIMITS = {
    "cpu_seconds_per_cell": 5,
    "seconds_per_cell": 60,
    "cpu_seconds": 120,
    "seconds_per_notebook": 600,
    "memory_bytes": 2147483648,
    "processes": 128,
    "open_files": 512,
    "written_bytes": 268435456,
    "evidence_bytes": 67108864,
    "output_bytes": 33554432,
    "message_bytes": 8388608,
}


@dataclass(frozen=True)
class Key:
    """A key of the file.

    Attributes:
        table: its table.
        name: its own name; `*` for any name, each with a value of the kind.
        use: what it is for.
        kind: of its value.
        example: of its value, as it stands in the file.
        to: the attribute of `Course` that takes it; none for what is taken table by table.
        default: where it may be left out.
    """

    table: str
    name: str
    use: str
    kind: Kind
    example: str
    to: str = ""
    default: Any = None
    needed: bool = True

    @property
    def line(self) -> str:
        """An example of the key, as it stands in the file."""
        return f"{'encoder' if self.name == '*' else self.name} = {self.example}"


def _optional(table: str, name: str, use: str, kind: Kind, example: str, to: str = "", default: Any = None) -> Key:
    return Key(table, name, use, kind, example, to, default, needed=False)


_JAIL = "a choice about the jail that student code runs in"
KEYS = (
    Key("course", "id", "nbgrader's name for the course", ID, '"vision"', "id"),
    Key("course", "name", "the course's name in the notebooks and the book", TEXT, '"Computer Vision"', "name"),
    Key("course", "short", "the course's number or short name", TEXT, '"VISION 442"', "short"),
    Key("course", "term", "the term, in titles", TEXT, '"Fall 2026"', "term"),
    Key(
        "course",
        "url",
        "the public repository, from which Colab opens the notebooks and pip installs the kit",
        REPOSITORY,
        '"https://github.com/example-university/ps8"',
        "url",
    ),
    _optional("course", "branch", "the public repository's branch", TEXT, '"main"', "branch", "main"),
    Key("course", "book", "where the book is read", ADDRESS, '"https://example.org/ps8/"', "book"),
    Key("assignment", "id", "nbgrader's name for the assignment", ID, '"ps8"', "assignment"),
    Key("assignment", "title", "the assignment's title", TEXT, '"Learning without labels"', "title"),
    Key("assignment", "deadline", "when submissions are due", INSTANT, "2026-12-11T23:59:00-05:00", "deadline"),
    _optional(
        "assignment",
        "bonus",
        "the questions on top of the total",
        list_of(ID, "a list of questions"),
        '["nce"]',
        "bonus",
        (),
    ),
    Key("points", "*", "what the question is worth", NUMBER, "10"),
    _optional("feedback", "level", "how much students are told before the deadline", LEVEL, '"auto"', "feedback_level", "auto"),
    _optional("policy", "grace_minutes", "minutes after the deadline in which nothing is late", NUMBER, "15"),
    _optional("policy", "penalty_per_day", "the share of the earned points that each day begun costs", SHARE, "0.1"),
    _optional("policy", "latest_days", "days after the deadline from which on nothing counts any more", WHOLE, "7"),
    _optional("policy", "late_days", "days that a student may be late in the whole course without a penalty", WHOLE, "3"),
    _optional("policy", "bonus_cap", "the most points that the questions on top of the total may bring together", POINTS, "5"),
    _optional(
        "explain",
        "graded",
        "how questions about one's own code count: not at all, on top of the total, or within the functions' own points",
        COUNTING,
        '"bonus"',
        "explain_graded",
        "off",
    ),
    _optional(
        "explain", "points", "what each counted question about one's own code is worth", NUMBER, "1", "explain_points", 1
    ),
    _optional("ai", "policy", "what the course asks of students and their AI assistants", POLICY, '"tutor"', "ai", ""),
    _optional(
        "answers",
        "show",
        "when the book shows answers to the questions to think about",
        SHOWING,
        '"deadline"',
        "answers",
        "never",
    ),
    _optional("grading", "unjailed", f"{_JAIL}: none, where none can be made", YES_OR_NO, "false"),
    _optional("grading", "warm", f"{_JAIL}: whether kernels start from one that has torch loaded", YES_OR_NO, "true"),
    _optional(
        "grading",
        "readable",
        f"{_JAIL}: further folders that it may read",
        list_of(TEXT, "a list of paths"),
        '["/opt/datasets"]',
    ),
    _optional("grading", "data", f"{_JAIL}: the folder of the data", PATH, '"/srv/stl10"'),
    *(_optional("grading.limits", name, "a bound on a run", WHOLE, str(example)) for name, example in LIMITS.items()),
    _optional(
        "publish",
        "common",
        "lines of an answer that say nothing on their own and that the kit holds, too",
        list_of(TEXT, "a list of texts of one line"),
        '["loss.backward()"]',
        "common",
        (),
    ),
)
TABLES = tuple(dict.fromkeys(key.table for key in KEYS))


def faults(tables: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with the file's keys and values, a line each; what follows from another fault is left out."""
    unknown = list(_unknown(tables))
    meant = {(table, near) for table, _, near in unknown if near}
    found = [_unknown_fault(tables, *each) for each in unknown]
    for table in TABLES:
        held = table_of(tables, table)
        if held is not None and not isinstance(held, dict):
            found.append(f"[{table}] is {written(held)}, but must be a table: write [{table}], and its keys below it")
        elif ("", table) not in meant:
            found += [
                fault for key in KEYS if key.table == table and (table, key.name) not in meant for fault in _faults(held, key)
            ]
    return found


def table_of(tables: Mapping[str, Any], name: str) -> Any:
    """What stands in the place of a table; None if nothing does."""
    held: Any = tables
    for part in name.split("."):
        held = held.get(part) if isinstance(held, dict) else None
    return held


def _faults(held: dict[str, Any] | None, key: Key) -> Iterator[str]:
    """What is wrong with a key of a table."""
    there = held or {}
    if key.name == "*":
        if not there:
            yield f"[{key.table}] is missing: {key.use}. Example: [{key.table}] {key.line}"
        for name, value in there.items():
            if not NAME.fullmatch(name):
                yield f"[{key.table}] {written(name)} must be {ID.wanted}. Example: {key.line}"
            yield from _wrong(f"[{key.table}] {name}", value, key.kind, f"{key.use}. Example: {name} = {key.example}")
    elif key.name in there:
        yield from _wrong(f"[{key.table}] {key.name}", there[key.name], key.kind, f"{key.use}. Example: {key.line}")
    elif key.needed:
        yield f"[{key.table}] {key.name} is missing: {key.use}. Example: {key.line}"


def _wrong(place: str, value: Any, kind: Kind, why: str) -> Iterator[str]:
    if not kind.valid(value):
        yield f"{place} is {written(value)}, but must be {kind.wanted}: {why}"
    elif kind.item:
        for number, item in enumerate(value, start=1):
            yield from _wrong(f"{place}, item {number},", item, kind.item, why)


def _unknown(tables: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each name that is no key's, with its table and the name that was meant; both may be empty."""
    top = [table for table in TABLES if "." not in table]
    for name in tables:
        if name not in top:
            yield "", name, nearest(name, top)
    for table in TABLES:
        held = table_of(tables, table)
        known = [key.name for key in KEYS if key.table == table]
        inner = [other.removeprefix(f"{table}.") for other in TABLES if other.startswith(f"{table}.")]
        if isinstance(held, dict) and "*" not in known:
            for name in held:
                if name not in known and name not in inner:
                    yield table, name, nearest(name, [*known, *inner])


def _unknown_fault(tables: Mapping[str, Any], table: str, name: str, near: str) -> str:
    held = table_of(tables, table) if table else tables
    is_table = isinstance(held[name], dict)
    keys = [key for key in KEYS if key.table == table]
    if not table and not is_table:
        homes = [f"[{key.table}]" for key in KEYS if key.name == name]
        return f"{name} stands outside of all tables: put it under {' or '.join(homes) or 'the one that it belongs to'}"
    place = f"[{table}.{name}]" if table and is_table else f"[{name}]" if is_table else f"[{table}] {name}"
    told = f"{place} is not a {'table' if is_table else 'key'} of this {'table' if table else 'file'}"
    if not near:
        return f"{told}: it may hold {', '.join([key.name for key in keys] if table else [f'[{each}]' for each in TABLES])}"
    inner = f"{table}.{near}" if table else near
    example = next((f" Example: {key.line}" for key in keys if key.name == near), "")
    return f"{told}: did you mean {f'[{inner}]' if inner in TABLES else near}?{example}"


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that one was most likely meant to be; empty if none is near."""
    by_fold = {each.casefold(): each for each in known}
    return by_fold.get(next(iter(get_close_matches(name.casefold(), by_fold, 1)), ""), "")


def written(value: Any) -> str:
    """A value as course.toml has it."""
    if isinstance(value, bool | str):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, dict):
        text = "a table"
    elif isinstance(value, list):
        text = f"[{', '.join(map(written, value))}]"
    else:
        text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text if len(text) <= 100 else f"{text[:99]}…"
