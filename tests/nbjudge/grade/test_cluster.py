"""Evidence gathered on a Dask cluster: a real scheduler, and workers in processes of their own that come and go."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed import Client
from nbjudge.grade import class_run, pool
from nbjudge.grade.class_run import ClassRun, RunSummary

from autograder.definition import PS8, at
from autograder.paths import ROOT

from .small_class import NAMES, read_all

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grade")]

BIN = Path(sys.executable).parent


class Cluster:
    """A scheduler of this machine, and its workers."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.processes = folder, list[subprocess.Popen]()
        self.address = self._address(self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"))

    def worker(self) -> subprocess.Popen:
        """One more worker, which nobody starts again when it dies."""
        options = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--local-directory", str(self.folder)]
        return self._start("worker", self.address, *options)

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()

    def _start(self, *arguments: str) -> subprocess.Popen:
        log = (self.folder / f"{len(self.processes)}.log").open("w")
        with log:
            command = [str(BIN / "dask"), *arguments]
            self.processes.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT))
        return self.processes[-1]

    def _address(self, scheduler: subprocess.Popen) -> str:
        log = self.folder / "0.log"
        for _ in range(600):
            if found := re.search(r"Scheduler at:\s+(tcp://\S+)", log.read_text()):
                return found[1]
            assert scheduler.poll() is None, log.read_text()
            time.sleep(0.1)
        raise AssertionError(log.read_text())


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "dask").mkdir()
    cluster = Cluster(tmp_path / "dask")
    yield cluster
    cluster.end()


def when_something_is_kept(course: Path, then: Callable[[], object]) -> None:
    """Does something as soon as the first evidence has come in."""

    def watch() -> None:
        while not list((course / "evidence").rglob("*.evidence")):
            time.sleep(0.02)
        then()

    threading.Thread(target=watch, daemon=True).start()


def kill_who_works(cluster: Cluster) -> None:
    """Ends the first of several workers that has something to do."""
    with Client(cluster.address, set_as_default=False) as client:
        while not (busy := [worker for worker, tasks in client.processing().items() if tasks]):
            time.sleep(0.02)
        os.kill(client.run(os.getpid)[busy[0]], signal.SIGKILL)


def grade(course: Path, cluster: Cluster) -> RunSummary:
    return ClassRun(at(course), NAMES, pool.cluster(cluster.address)).run()


def test_a_worker_dies_then_all_of_them(cluster: Cluster, golden: Path, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All workers die: the run ends and says so; with new ones it goes on. One of two dies: the other does its work."""
    only = cluster.worker()
    monkeypatch.setattr(pool, "PATIENCE", 1.0)
    monkeypatch.setattr(pool, "LOOK", 60.0)  # on a busy machine a scheduler may take its time to answer
    when_something_is_kept(course, lambda: only.send_signal(signal.SIGKILL))
    summary = grade(course, cluster)
    kept = set((course / "evidence").rglob("*.evidence"))
    assert "no worker" in summary.stopped
    assert summary.failed == {}
    assert 0 < len(kept) < len(list((golden / "evidence").rglob("*.evidence")))

    monkeypatch.setattr(pool, "PATIENCE", 120.0)
    cluster.worker(), cluster.worker()
    with Client(cluster.address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=120)
    times = {path: path.stat().st_mtime_ns for path in kept}
    killer = threading.Thread(target=kill_who_works, args=(cluster,))
    killer.start()
    summary = grade(course, cluster)
    killer.join(10)
    assert [worker.poll() for worker in cluster.processes].count(-signal.SIGKILL) == 2
    assert (summary.failed, summary.stopped) == ({}, "")
    assert {path: path.stat().st_mtime_ns for path in kept} == times  # not gathered twice
    assert read_all(course) == read_all(golden)


def test_no_scheduler_there(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "ANSWERS", 1.0)
    for address, why in (("tcp://127.0.0.1:9", "no Dask scheduler answers at tcp://127.0.0.1:9"), ("nonsense", "no address")):
        summary = ClassRun(at(course), NAMES, pool.cluster(address)).run()
        assert why in summary.stopped
        assert (summary.graded, summary.failed) == ([], {})


def test_a_worker_with_another_version_gathers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(pool.OtherEnvironment, match="another version"):
        pool.gather_text("{}", {}, PS8, "another environment")


def test_another_version_stops_the_class_and_costs_nobody_a_grade(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_run, "environment", lambda assignment: "another environment")
    summary = ClassRun(at(course), NAMES, pool.local(1, PS8)).run()
    assert "make them the same" in summary.stopped
    assert (summary.graded, summary.failed) == ([], {})
    assert not list(at(course).graded.glob("*.error.txt"))
