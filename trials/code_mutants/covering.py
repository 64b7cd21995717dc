"""Which test runs which lines of the grader, as a pytest plugin."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import coverage
import pytest

from trials.code_mutants.make import SOURCE

_SHARED = "fixture "  # before the name of a fixture that several tests share


class Coverer:
    """Records the lines that each test runs; those of a fixture that several share count for every test that uses it."""

    def __init__(self) -> None:
        self.coverage = coverage.Coverage(data_file=None, source=[SOURCE], config_file=False)
        self.seconds: dict[str, float] = {}
        self.broken: set[str] = set()
        self.fixtures: dict[str, list[str]] = {}
        self.now = ""
        self.coverage.start()

    def _switch(self, context: str) -> None:
        self.now = context
        self.coverage.switch_context(context)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self.fixtures[item.nodeid] = list(getattr(item, "fixturenames", ()))
        self._switch(item.nodeid)
        try:
            return (yield)
        finally:
            self._switch("")

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        before = self.now
        if fixturedef.scope != "function":
            self._switch(_SHARED + fixturedef.argname)
        try:
            return (yield)
        finally:
            self._switch(before)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration
        if not report.passed:
            self.broken.add(report.nodeid)

    def found(self) -> dict[str, Any]:
        """What was recorded.

        Returns:
            The `seconds` that each test took that passed; those that are `broken`: failed or skipped; and for each file and
            line the numbers of the tests that run it, in the order of `seconds`.
        """
        self.coverage.stop()
        data = self.coverage.get_data()
        users: dict[str, set[str]] = {}
        for test, names in self.fixtures.items():
            for name in names:
                users.setdefault(_SHARED + name, set()).add(test)
        passed = {test: round(taken, 3) for test, taken in self.seconds.items() if test not in self.broken}
        number = {test: n for n, test in enumerate(passed)}
        lines = {
            Path(file).relative_to(Path.cwd()).as_posix(): {
                line: sorted({number[test] for c in contexts for test in users.get(c, {c}) if test in number})
                for line, contexts in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        return {"seconds": passed, "broken": sorted(self.broken), "lines": lines}
