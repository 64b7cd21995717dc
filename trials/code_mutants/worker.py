"""Runs tests in forks of a process that has imported what they need, but nothing of the grader.

`python -m trials.code_mutants.worker FOLDER MODULE ...` runs in a copy of the repository that it may change, and keeps its own
files in the folder. It reads jobs as lines of JSON, and answers each with a line.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from trials.code_mutants.covering import Coverer

MEMORY = 8 << 30  # bytes
PYTEST = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0", "--no-header", "--tb=line")


class _First:
    """A pytest plugin that keeps the first test that failed."""

    failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid


def run(job: dict[str, Any], work: Path) -> dict[str, Any]:
    """Puts a mutant into its place, runs tests in a fork, and takes it out again.

    Args:
        job: `file` and `text` of a mutant, or neither; `tests`, pytest's arguments; `seconds` of computing after which it is
            stopped, and `waiting` for which it may take at most; `cover`: record which test runs which lines.
        work: a folder for temporary files.
    """
    place = Path(job["file"]) if job.get("file") else None
    held = place.read_bytes() if place else b""
    answer = work / "answer.json"
    answer.unlink(missing_ok=True)
    try:
        if place:
            place.write_text(job["text"], encoding="utf-8")
        status = _forked(job, work, answer)
    finally:
        if place:
            place.write_bytes(held)
    found = json.loads(answer.read_text()) if answer.exists() else {}
    return {"status": status, **found}


def _forked(job: dict[str, Any], work: Path, answer: Path) -> str:
    child = os.fork()
    if not child:
        _in_fork(job, work, answer)
    end = time.monotonic() + job["waiting"]
    while True:
        ended, code = os.waitpid(child, os.WNOHANG)
        late = time.monotonic() > end
        if ended or late:
            break
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if not ended:
        os.waitpid(child, 0)
        return "timeout"
    if os.WIFSIGNALED(code):
        return "timeout" if os.WTERMSIG(code) in (signal.SIGXCPU, signal.SIGKILL) else "killed"
    return "survived" if os.WEXITSTATUS(code) == pytest.ExitCode.OK else "killed"


def _in_fork(job: dict[str, Any], work: Path, answer: Path) -> None:
    code = 70
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (int(job["seconds"]), int(job["seconds"]) + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        with (work / "output.txt").open("w") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        first = _First()
        coverer = Coverer() if job.get("cover") else None
        options = [option for option in PYTEST if not (coverer and option == "-x")]
        plugins: list[Any] = [first, *([coverer] if coverer else [])]
        code = int(pytest.main([*options, f"--basetemp={work / 'tmp'}", *job["tests"]], plugins=plugins))
        found = {"by": first.failed, **(coverer.found() if coverer else {})}
        answer.write_text(json.dumps(found))
    finally:
        os._exit(code)


def main() -> None:
    """Answers jobs until there are no more."""
    work = Path(sys.argv[1])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else prints
    for name in sys.argv[2:]:
        importlib.import_module(name)
    hypothesis.settings.register_profile("unhurried", deadline=None)  # else a busy machine kills mutants
    hypothesis.settings.load_profile("unhurried")
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line), work)), file=answers, flush=True)


if __name__ == "__main__":
    main()
