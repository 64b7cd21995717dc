"""Runs tests in forks of a process that has imported all that they need.

`python -m trials.code_mutants.worker FOLDER` runs in a copy of the repository that it may change, and keeps its own files in
the folder. Its first line of input says what to import, and which tests to collect: where there are any, the grader is imported
with them, and mutants are put into its functions in place; where there are none, each fork imports it anew. Every further line
is a job, and is answered with a line; all are JSON.
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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

import hypothesis
import pytest

from trials.code_mutants import inplace
from trials.code_mutants.covering import Coverer

MEMORY = 8 << 30  # bytes
PYTEST = ("-qq", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0", "--no-header", "--tb=line")
OTHERWISE = "otherwise"  # the mutant is not in a function that is there: try it with an import

Job = dict[str, Any]


class First:
    """A pytest plugin that keeps the first test that failed."""

    failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid


class Collected:
    """A pytest plugin that runs, in place of all collected tests, those that jobs ask for, each job in a fork."""

    def __init__(self, serve: Callable[[Callable[[Job], dict[str, Any]]], None]) -> None:
        self.serve = serve

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        self.serve(lambda job: self._run(session, items, job))
        return True

    def _run(self, session: pytest.Session, items: dict[str, pytest.Item], job: Job) -> dict[str, Any]:
        if file := job.get("file"):
            path = Path(file).resolve()
            if not inplace.put(inplace.changed(job["old"], job["text"], str(path)), str(path)):
                return {"status": OTHERWISE}
        first, coverer = First(), Coverer() if job.get("cover") else None
        for plugin in filter(None, (first, coverer)):
            session.config.pluginmanager.register(plugin)
        chosen = [items[name] for name in job.get("tests", items)]
        for item, after in zip(chosen, [*chosen[1:], None], strict=True):
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if first.failed and not coverer:
                break
        return _told(first) | (coverer.found() if coverer else {})


def imported_anew(job: Job, work: Path) -> dict[str, Any]:
    """Runs a job's tests as pytest would by itself."""
    first = First()
    pytest.main([*PYTEST, "-x", f"--basetemp={work / 'tmp'}", *job["tests"]], plugins=[first])
    return _told(first)


def _told(first: First) -> dict[str, Any]:
    return {"status": "killed" if first.failed else "survived", "by": first.failed}


def run(job: Job, work: Path, tests: Callable[[Job], dict[str, Any]]) -> dict[str, Any]:
    """Puts a mutant into its place, runs tests in a fork, and takes it out again.

    Args:
        job: `file`, `old` and `text` of a mutant, or none of them; `tests`, their names; `seconds` of computing after which it
            is stopped, and `waiting` for which it may take at most; `cover`: record which test runs which lines.
        work: a folder for temporary files.
        tests: runs them, in the fork.
    """
    place, answer = Path(job["file"]) if job.get("file") else None, work / "answer.json"
    answer.unlink(missing_ok=True)
    try:
        if place:
            place.write_text(job["text"], encoding="utf-8")
        status = _forked(job, work, lambda: answer.write_text(json.dumps(tests(job))))
    finally:
        if place:
            place.write_text(job["old"], encoding="utf-8")
    return {"status": status} | (json.loads(answer.read_text()) if answer.exists() else {})


def _forked(job: Job, work: Path, what: Callable[[], object]) -> str:
    """How a fork ended that did not come to answer: stopped, or killed by what it ran."""
    child = os.fork()
    if not child:
        _in_fork(job, work, what)
    end, ended, code = time.monotonic() + job["waiting"], 0, 0
    while not ended and time.monotonic() < end:
        ended, code = os.waitpid(child, os.WNOHANG)
        time.sleep(0.0 if ended else 0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if not ended:
        os.waitpid(child, 0)
    stopped = not ended or (os.WIFSIGNALED(code) and os.WTERMSIG(code) in (signal.SIGXCPU, signal.SIGKILL))
    return "timeout" if stopped else "killed"


def _in_fork(job: Job, work: Path, what: Callable[[], object]) -> None:
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (int(job["seconds"]), int(job["seconds"]) + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        with (work / "output.txt").open("w") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        what()
    finally:
        os._exit(0)


def prepare(preload: Sequence[str], work: Path) -> None:
    """Imports what every fork would, but nothing of the grader, and pytest's own plugins."""
    for name in preload:
        importlib.import_module(name)
    pytest.main(["--collect-only", "--rootdir", str(work), *PYTEST, str(work)])
    hypothesis.settings.register_profile("unhurried", deadline=None)  # else a busy machine kills mutants
    hypothesis.settings.load_profile("unhurried")


def main() -> None:
    """Answers jobs until there are no more."""
    work = Path(sys.argv[1])
    jobs, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else prints
    asked = json.loads(jobs.readline())
    prepare(asked["preload"], work)
    if asked["tests"]:
        serving = Collected(lambda tests: _serve(jobs, answers, work, tests))
        pytest.main([*PYTEST, f"--basetemp={work / 'tmp'}", *asked["tests"]], plugins=[serving])
    else:
        _serve(jobs, answers, work, lambda job: imported_anew(job, work))


def _serve(jobs: TextIO, answers: TextIO, work: Path, tests: Callable[[Job], dict[str, Any]]) -> None:
    for line in iter(jobs.readline, ""):
        print(json.dumps(run(json.loads(line), work, tests)), file=answers, flush=True)


if __name__ == "__main__":
    main()
