"""Files: generated ones written, or compared with what would be written; and those of a folder, read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path

from assignment.builder.problem import Problem, shown

Plan = Mapping[Path, str]


def write(plan: Plan, suffix: str = "") -> list[Path]:
    """Writes every file whose text has changed, and removes generated files that are no longer made.

    Args:
        plan: what each file should hold.
        suffix: with it, other files of that suffix in the plan's folders are old and go.

    Returns:
        The files written or removed.
    """
    changed = []
    for path, text in plan.items():
        if _read(path) != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            changed.append(path)
    for path in _old(plan, suffix):
        path.unlink()
        changed.append(path)
    return changed


def differences(plan: Plan, command: str, suffix: str = "") -> list[Problem]:
    """What `write` would change, each with the command that changes it."""
    problems = []
    for path, text in plan.items():
        found = _read(path)
        if found is None:
            problems.append(Problem(shown(path), 0, f"is missing. Run: {command}"))
        elif found != text:
            line = _first_difference(found, text)
            problems.append(Problem(shown(path), line, f"is not what the build writes now. Run: {command}"))
    return problems + [
        Problem(shown(path), 0, f"is no longer made by the build. Run: {command}") for path in _old(plan, suffix)
    ]


def files_of(folder: Path) -> list[Path]:
    """The files below a folder, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def text_files(folder: Path) -> Iterator[tuple[str, str]]:
    """The texts below a folder, each with its name from there; pictures and archives are left out."""
    for path in files_of(folder):
        try:
            yield path.relative_to(folder).as_posix(), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def _old(plan: Plan, suffix: str) -> list[Path]:
    if not suffix:
        return []
    folders = sorted({path.parent for path in plan})
    return [path for folder in folders for path in sorted(folder.glob(f"*{suffix}")) if path not in plan]


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def _first_difference(left: str, right: str) -> int:
    pairs = zip_longest(left.split("\n"), right.split("\n"))
    return next((number for number, (a, b) in enumerate(pairs, start=1) if a != b), 1)
