"""The table of attacks on a foreign course in nbjudge's README, made of foreign_attacks.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS = {"stock": "nbgrader alone", "asserted": "nbjudge, the tests' assertions", "judged": "nbjudge, a judge of ten lines"}
WORDS = {"gained": "points", "leaked": "secrets", "harm": "harm", "stopped": "others"}


def foreign_table(results: Mapping[str, Any]) -> str:
    """A row for each attack, a cell for what it achieved before each grader, and a last row that counts."""
    rows: Sequence[Mapping[str, Any]] = results["attacks"]
    lines = [f"| a submission that | {' | '.join(COLUMNS.values())} |", "| --- | --- | --- | --- |"]
    lines += [f"| {row['tries']} | {' | '.join(_cell(row.get(name)) for name in COLUMNS)} |" for row in rows]
    counts = [[sum(bool((row.get(name) or {}).get(key)) for row in rows) for key in WORDS] for name in COLUMNS]
    total = " | ".join(", ".join(f"{n} {word}" for n, word in zip(count, WORDS.values(), strict=True)) for count in counts)
    about = results["machine"]
    said = f"Measured on {about['date']} at commit {about['commit']}, nbgrader {about['versions']['nbgrader']}."
    return "\n".join([*lines, f"| **of {len(rows)}** | {total} |", "", said])


def _cell(outcome: Mapping[str, Any] | None) -> str:
    if not outcome:
        return "not measured"
    if "not tried" in outcome:
        return "not tried"
    return ", ".join(word for key, word in WORDS.items() if outcome.get(key)) or "–"
