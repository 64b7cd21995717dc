"""Mutants of a small repository of this one's form: which there are, which tests they meet, and what becomes of them."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.paths import ROOT
from trials.code_mutants import explained, measure, mutant_trial
from trials.code_mutants.make import ROOMS, SOURCE, CodeMutant, Source, sample, sources
from trials.code_mutants.mutant_trial import MutantOutcome, Suite, Worker

CODE = '''\
"""A room."""

from functools import cache

__all__ = ["count", "double"]
MOST: int = 7


@cache
def double(x: int = 1) -> int:
    """Twice."""
    return 2 * x


def count(n):
    steps = 0
    while steps < n:
        steps += 1
    return steps


def unused():
    return 3
'''
TESTS = """\
import pytest
from nbjudge.ground import small


@pytest.fixture(scope="module")
def eight():
    return small.double(4)


def test_double():
    assert small.double(2) == 4


def test_double_is_even(eight):
    assert eight % 2 == 0


def test_count():
    assert small.count(2) == 2


@pytest.mark.slow
def test_slow():
    assert False


def test_broken():
    assert False
"""
FILE = f"{SOURCE}/nbjudge/ground/small.py"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    for name, text in {
        FILE: CODE,
        f"{SOURCE}/nbjudge/__init__.py": "",
        f"{SOURCE}/nbjudge/ground/__init__.py": "",
        "tests/nbjudge/ground/test_small.py": TESTS,
        "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--import-mode=importlib"\nmarkers = ["slow: x"]\n',
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    shutil.copytree(ROOT / "trials" / "code_mutants", root / "trials" / "code_mutants")
    shutil.copy(ROOT / "trials" / "__init__.py", root / "trials" / "__init__.py")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


@pytest.fixture(scope="module")
def mutants(repository: Path) -> list[CodeMutant]:
    return list(sample(sources(repository, ("nbjudge/ground",)), 1_000, 0))


def change(mutants: list[CodeMutant], after: str, before: str = "") -> CodeMutant:
    return next(mutant for mutant in mutants if mutant.after == after and mutant.before.startswith(before))


def test_every_mutant_is_other_code_in_one_place(mutants: list[CodeMutant], repository: Path) -> None:
    whole = ast.dump(ast.parse(CODE))
    assert len({mutant.text for mutant in mutants}) == len(mutants) > 10
    for mutant in mutants:
        assert ast.dump(ast.parse(mutant.text)) != whole
        assert mutant.before in CODE.splitlines()[mutant.line - 1] and mutant.room == "nbjudge/ground" and mutant.file == FILE
    assert change(mutants, "MOST: int = 8").line == 6
    assert change(mutants, "return 2 / x").before == "return 2 * x"  # a decorated function's, too


def test_what_runs_nothing_is_left_alone(mutants: list[CodeMutant]) -> None:
    changed = {CODE.splitlines()[mutant.line - 1].strip() for mutant in mutants}
    assert not any(line.startswith(('"""', "from", "__all__", "@")) for line in changed)
    assert {"def double(x: int = 1) -> int:", "while steps < n:", "steps += 1", "return 3"} <= changed


def test_a_sample_follows_from_its_seed(repository: Path, mutants: list[CodeMutant]) -> None:
    def drawn(size: int, seed: int) -> list[CodeMutant]:
        return list(sample(sources(repository, ("nbjudge/ground",)), size, seed))

    assert drawn(8, 1) == drawn(8, 1) != drawn(8, 2)
    assert drawn(5, 1) == drawn(8, 1)[:5]
    assert Counter(drawn(1_000, 3)) == Counter(mutants)


@pytest.fixture(scope="module")
def worker(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    made = Worker(repository, tmp_path_factory.mktemp("work"), ["nbjudge/ground"], preload=())
    yield made
    made.close()


@pytest.fixture(scope="module")
def suite(worker: Worker) -> Suite:
    return worker.cover()


def test_which_tests_run_a_mutant_also_through_what_they_share(suite: Suite, mutants: list[CodeMutant]) -> None:
    def of(after: str, budget: float = 60) -> set[str]:
        return {suite.names[n].rpartition("::")[2] for n in suite.of(change(mutants, after), budget)}

    assert suite.broken == ["tests/nbjudge/ground/test_small.py::test_broken"]
    assert of("return 2 / x") == {"test_double", "test_double_is_even"}
    assert of("steps += 2") == {"test_count"}
    assert of("return 4") == of("steps += 2", -1) == set()


def test_what_becomes_of_a_mutant(
    worker: Worker, suite: Suite, mutants: list[CodeMutant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mutant_trial, "LEAST", 2.0)

    def tried(after: str, before: str = "") -> tuple[str, str]:
        outcome = worker.run(change(mutants, after, before), suite)
        return outcome.status, outcome.by.rpartition("::")[2]

    assert tried("return 2 / x")[0] == "killed"
    assert tried("return 3 * x") == ("killed", "test_double")
    assert tried("def double(x: int = 2) -> int:") == ("survived", "")
    assert tried("steps = 1", "steps = 0") == ("survived", "")
    assert tried("while steps <= n:") == ("killed", "test_count")
    assert tried("steps = 1", "steps += 1") == ("timeout", "")
    assert tried("return 4") == ("untested", "")
    assert (worker.copy / FILE).read_text() == CODE


def outcomes(killed: int, survived: int) -> list[MutantOutcome]:
    mutant = CodeMutant(FILE, 6, "MOST: int = 7", "MOST: int = 8", "")
    return [MutantOutcome(mutant, "killed")] * killed + [MutantOutcome(mutant, "survived")] * survived


def test_the_share_comes_with_its_interval() -> None:
    assert measure.interval(0, 10) == [0, 0.278]  # from the tables
    assert measure.interval(10, 10) == [0.722, 1]
    assert measure.interval(90, 100) == [0.826, 0.945]


def test_the_report_counts_what_is_killed_and_what_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"file": "nbjudge/ground/small.py", "before": "MOST: int = 7", "why": "so"}
    suite = Suite({"seconds": {"a": 1.0}, "broken": ["b"], "lines": {}})
    monkeypatch.setattr(explained, "entries", tuple)
    found = measure.report(outcomes(7, 3), suite, 5, {"nbjudge/ground": 20})
    assert (found["all"]["killed_share"], found["all"]["killed_or_explained"]) == (0.7, 0.7)
    assert "survived: nbjudge/src/nbjudge/ground/small.py:6: MOST: int = 7  ->  MOST: int = 8" in measure.text(found)
    monkeypatch.setattr(explained, "entries", lambda: (entry,))
    found = measure.report(outcomes(7, 3), suite, 5, {"nbjudge/ground": 20})
    assert (found["all"]["explained"], found["all"]["killed_share"], found["all"]["killed_or_explained"]) == (3, 0.7, 1)
    assert found["rooms"] == {"nbjudge/ground": found["all"]} and {one["why"] for one in found["survivors"]} == {"so"}
    assert "survived:" not in measure.text(found)


def test_a_reason_is_of_one_change_or_of_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    mutant = outcomes(0, 1)[0].mutant
    for entry, why in (
        ({"after": ["MOST: int = 8"]}, "so"),
        ({}, "so"),
        ({"after": ["MOST: int = 9"]}, ""),
        ({"before": "other"}, ""),
        ({"file": "nbjudge/judge/small.py"}, ""),
    ):
        whole = {"file": "nbjudge/ground/small.py", "before": "MOST: int = 7", "why": "so", **entry}
        monkeypatch.setattr(explained, "entries", lambda whole=whole: (whole,))
        assert explained.reason(mutant) == why


@pytest.mark.parametrize("entry", explained.entries(), ids=lambda entry: f"{entry['file']}: {entry['before'][:40]}")
def test_what_is_explained_is_still_there(entry: dict[str, str]) -> None:
    text = " ".join((ROOT / SOURCE / entry["file"]).read_text().split())
    assert " ".join(entry["before"].split()) in text
    assert len(entry["why"].split()) > 2


def test_every_file_of_the_rooms_can_be_mutated() -> None:
    assert all(list((ROOT / SOURCE / room).rglob("*.py")) for room in ROOMS)
    files = [path for path in (ROOT / SOURCE / "nbjudge" / "gather").rglob("*.py") if path.name != "__init__.py"]
    assert files and all(len(Source(ROOT, path.relative_to(ROOT).as_posix())) for path in files)
