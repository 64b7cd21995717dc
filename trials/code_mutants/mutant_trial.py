"""Which tests a mutant is tried with, and what becomes of it."""

from __future__ import annotations

import ast
import compileall
import json
import os
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trials.code_mutants.make import CodeMutant

# What the tests' modules import first and what takes long: without it every mutant would wait for it again.
PRELOAD = (
    *("numpy", "nbformat.v4", "nbclient", "nbgrader.apps", "nbgrader.preprocessors", "jupytext"),
    *("IPython.core.interactiveshell", "ipykernel.kernelapp", "rapidfuzz", "PIL.Image", "matplotlib.figure", "safetensors"),
    *("markdown_it", "nh3"),
)
LEAST = 20.0  # seconds of computing that a mutant has, besides three times what its tests took without it
BUDGET = 60.0  # seconds of tests, as they took without a mutant, that one mutant is tried with
TESTS = "tests/nbjudge"


@dataclass(frozen=True)
class MutantOutcome:
    """What became of a mutant.

    Attributes:
        mutant: it.
        status: killed, timeout (which kills, too), survived, or untested: no test runs its function.
        by: the test that failed.
    """

    mutant: CodeMutant
    status: str
    by: str = ""


class Suite:
    """The tests of the grader's rooms that take seconds, and which lines each of them runs.

    Args:
        found: what `covering.Coverer.found` gave.
    """

    def __init__(self, found: dict[str, Any]) -> None:
        self.names: list[str] = list(found["seconds"])
        self.seconds: list[float] = list(found["seconds"].values())
        self.broken: list[str] = found["broken"]
        self.lines = {file: {int(line): set(tests) for line, tests in by.items()} for file, by in found["lines"].items()}

    def of(self, mutant: CodeMutant, budget: float = BUDGET) -> list[int]:
        """Those that run the mutant's function: of its room first, then those that run its very line, then the quick ones."""
        by_line = self.lines.get(mutant.file, {})
        inside = _function_around(mutant)
        found = set().union(*(tests for line, tests in by_line.items() if line in inside))
        exact, room = by_line.get(mutant.line, set()), f"{TESTS}/{mutant.room}/"
        ordered = sorted(found, key=lambda n: (not self.names[n].startswith(room), n not in exact, self.seconds[n]))
        chosen, total = list[int](), 0.0
        for number in ordered:
            total += self.seconds[number]
            if total <= budget:
                chosen.append(number)
        return chosen


def _function_around(mutant: CodeMutant) -> range:
    """The lines of the outermost function or method around a mutant; all of its file where there is none."""
    tree = ast.parse(mutant.text)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    around = [range(node.lineno, (node.end_lineno or 0) + 1) for node in functions]
    whole = range(1, mutant.text.count("\n") + 2)
    return max((lines for lines in around if mutant.line in lines), key=len, default=whole)


class Worker:
    """A process that tries mutants in a copy of the repository.

    Args:
        root: of the repository.
        work: an empty folder of its own.
        preload: modules that it imports before the first mutant, none of the grader's.
    """

    def __init__(self, root: Path, work: Path, preload: Sequence[str] = PRELOAD) -> None:
        self.copy, temporary = work / "copy", work / "temporary"
        _copy(root, self.copy)
        temporary.mkdir()
        paths = [self.copy / "nbjudge" / "src", self.copy, self.copy / "assignment"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), "TMPDIR": str(temporary)}
        command = [sys.executable, "-m", "trials.code_mutants.worker", str(temporary), *preload]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(command, cwd=self.copy, env=environment, **pipes)

    def cover(self, rooms: Sequence[str]) -> Suite:
        """Runs the tests of the rooms, and those that belong to no room, on the code as it is."""
        own = [f"{TESTS}/{room}" for room in rooms]
        shared = sorted(path.relative_to(self.copy).as_posix() for path in (self.copy / TESTS).glob("test_*.py"))
        found = self._ask(tests=["-m", "not slow", *own, *shared], cover=True, seconds=3600, waiting=7200)
        if "lines" not in found:
            said = (self.copy.parent / "temporary" / "output.txt").read_text(errors="replace")
            raise RuntimeError(f"The tests could not be run on the code as it is:\n{said[-2000:]}")
        return Suite(found)

    def run(self, mutant: CodeMutant, suite: Suite) -> MutantOutcome:
        """Tries one mutant."""
        chosen = suite.of(mutant)
        if not chosen:
            return MutantOutcome(mutant, "untested")
        seconds = LEAST + 3 * sum(suite.seconds[n] for n in chosen)
        names = [suite.names[n] for n in chosen]
        found = self._ask(file=mutant.file, text=mutant.text, tests=names, seconds=seconds, waiting=3 * LEAST + 5 * seconds)
        return MutantOutcome(mutant, found["status"], found.get("by", ""))

    def _ask(self, **job: Any) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        print(json.dumps(job), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("The process that tries mutants has ended: its last words are above.")
        found: dict[str, Any] = json.loads(answer)
        return found

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def _copy(root: Path, to: Path) -> None:
    """Copies what git knows of, or would: no build, no data, no hand-ins."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (root / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, to / name)
    # Compiled files go by the content of their source: by time and size, one mutant could be taken for another.
    compileall.compile_dir(to, quiet=1, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
