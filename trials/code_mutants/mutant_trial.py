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

from trials.code_mutants.inplace import changed
from trials.code_mutants.make import CodeMutant
from trials.code_mutants.worker import OTHERWISE

# What the tests' modules import first and what takes long: without it every mutant would wait for it again.
PRELOAD = (
    *("numpy", "nbformat.v4", "nbclient", "nbgrader.apps", "nbgrader.preprocessors", "jupytext"),
    *("IPython.core.interactiveshell", "ipykernel.kernelapp", "rapidfuzz", "PIL.Image", "matplotlib.figure", "safetensors"),
    *("markdown_it", "nh3"),
)
LEAST = 20.0  # seconds of computing that a mutant has, besides three times what its tests took without it
BUDGET = 60.0  # seconds of tests, as they took without a mutant, that one mutant is tried with
TESTS = "tests"


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


class Process:
    """A process that tries mutants, as `trials.code_mutants.worker` says.

    Args:
        copy: of the repository; it runs there.
        work: an empty folder of its own.
        tests: pytest's arguments for those that it collects; none: it imports the grader anew for each mutant.
        preload: modules that it imports before the first mutant, none of the grader's.
    """

    def __init__(self, copy: Path, work: Path, tests: Sequence[str], preload: Sequence[str]) -> None:
        work.mkdir()
        self._output = work / "output.txt"
        paths = [copy / "nbjudge" / "src", copy, copy / "assignment"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), "TMPDIR": str(work)}
        command = [sys.executable, "-m", "trials.code_mutants.worker", str(work)]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(command, cwd=copy, env=environment, **pipes)
        self._say({"tests": list(tests), "preload": list(preload)})

    def ask(self, **job: Any) -> dict[str, Any]:
        """Its answer to a job."""
        self._say(job)
        assert self._process.stdout
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The process that tries mutants has ended. {self.output()}")
        found: dict[str, Any] = json.loads(answer)
        return found

    def output(self) -> str:
        """The end of what the last job printed."""
        return self._output.read_text(errors="replace")[-2000:] if self._output.exists() else ""

    def _say(self, what: dict[str, Any]) -> None:
        assert self._process.stdin
        print(json.dumps(what), file=self._process.stdin, flush=True)

    def close(self) -> None:
        """Ends it."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


class Worker:
    """Tries mutants in a copy of the repository: those within a function in place, the others with an import.

    Args:
        root: of the repository.
        work: an empty folder of its own.
        rooms: whose tests there are.
        preload: see `Process`.
    """

    def __init__(self, root: Path, work: Path, rooms: Sequence[str], preload: Sequence[str] = PRELOAD) -> None:
        self.root, self.copy = root, work / "copy"
        _copy(root, self.copy)
        tests = ["-m", "not slow", *(f"{TESTS}/{room}" for room in rooms)]
        self._in_place = Process(self.copy, work / "in_place", tests, preload)
        self._anew = Process(self.copy, work / "anew", [], preload)

    def cover(self) -> Suite:
        """Runs the tests on the code as it is."""
        found = self._in_place.ask(cover=True, seconds=3600, waiting=7200)
        if "lines" not in found:
            raise RuntimeError(f"The tests could not be run on the code as it is:\n{self._in_place.output()}")
        return Suite(found)

    def run(self, mutant: CodeMutant, suite: Suite) -> MutantOutcome:
        """Tries one mutant."""
        chosen = suite.of(mutant)
        if not chosen:
            return MutantOutcome(mutant, "untested")
        old = (self.root / mutant.file).read_text(encoding="utf-8")
        seconds = LEAST + 3 * sum(suite.seconds[n] for n in chosen)
        job: dict[str, Any] = {"file": mutant.file, "old": old, "text": mutant.text, "tests": [suite.names[n] for n in chosen]}
        job |= {"seconds": seconds, "waiting": 3 * LEAST + 5 * seconds}
        found = self._in_place.ask(**job) if changed(old, mutant.text, mutant.file) else {"status": OTHERWISE}
        if found["status"] == OTHERWISE:
            found = self._anew.ask(**job)
        return MutantOutcome(mutant, found["status"], found.get("by", ""))

    def close(self) -> None:
        """Ends its processes."""
        self._in_place.close()
        self._anew.close()


def _copy(root: Path, to: Path) -> None:
    """Copies what git knows of, or would: no build, no data, no submissions."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (root / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, to / name)
    # Compiled files go by the content of their source: by time and size, one mutant could be taken for another.
    compileall.compile_dir(to, quiet=1, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
