"""Tasks on a pool that halts, loses what it has, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from nbjudge.grade import pool as pools
from nbjudge.grade import tasks
from nbjudge.grade.pool import Patience, Pool, PoolLost
from nbjudge.grade.tasks import Task, Tasks


class Cluster:
    """Does nothing before it is told to; what is wrong with it is told one look after the other."""

    def __init__(self, *troubles: str) -> None:
        self.troubles = list(troubles)
        self.given: list[Future] = []

    def submit(self, call: Callable, *arguments: Any) -> Future:
        self.given.append(Future())
        return self.given[-1]

    def trouble(self) -> str:
        told = self.troubles.pop(0) if self.troubles else ""
        if not told:
            for future in self.given:
                if not future.done():
                    future.set_result("evidence")
        return told


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_LOOK", 0.01)


def run(cluster: Cluster, said: list[str]) -> list[str]:
    pool = Pool(cluster.submit, 4, cluster.trouble)
    of_all = Tasks(lambda: None)
    for name, student in (("one", "ada"), ("two", "eve"), ("one", "mallory")):
        of_all.add(name, Task((print,), print), student)
    patience = Patience(pool, said.append)
    return [f"{name} for {', '.join(task.students)}: {f.result()}" for name, task, f in of_all.done(pool, patience, 0)]


ALL = ["one for ada, mallory: evidence", "two for eve: evidence"]


def test_a_pool_that_halts_is_waited_for_with_a_line_each() -> None:
    said: list[str] = []
    assert sorted(run(Cluster("it has no worker", "it has no worker", "it has no worker"), said)) == ALL
    assert said == ["Waiting for the cluster, up to 300 seconds: it has no worker.", "The cluster is at work again."]


def test_what_was_lost_is_given_out_again() -> None:
    class Loses(Cluster):
        def trouble(self) -> str:
            for future in self.given[:2]:
                future.cancel()
            return super().trouble()

    cluster, said = Loses("the scheduler does not answer", "the scheduler does not answer"), list[str]()
    assert sorted(run(cluster, said)) == ALL
    assert len(cluster.given) == 4 and len(said) == 2


def test_what_cannot_be_given_out_waits_too() -> None:
    class Closed(Cluster):
        def submit(self, call: Callable, *arguments: Any) -> Future:
            if self.troubles:
                raise RuntimeError("cannot schedule new futures after shutdown")
            return super().submit(call, *arguments)

    assert sorted(run(Closed("gone", "gone", "gone"), [])) == ALL


def test_what_nobody_could_take_fails_alone() -> None:
    class Picky(Cluster):
        def submit(self, call: Callable, *arguments: Any) -> Future:
            raise TypeError("cannot be pickled")

    with pytest.raises(TypeError, match="cannot be pickled"):
        run(Picky(), [])  # of who waits for it, as its future's result is asked for there


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "PATIENCE", 0.05)
    with pytest.raises(PoolLost, match=r"it has no worker, for 0\.05 seconds"):
        run(Cluster(*["it has no worker"] * 1000), [])
