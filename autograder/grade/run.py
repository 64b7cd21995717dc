"""Grades a class: prepare, gather in parallel, judge and commit one by one. Whatever one hand-in holds, the rest is graded."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from tqdm import tqdm

from autograder import grading
from autograder.artifacts.cache import Cache as FindingsCache
from autograder.artifacts.cache import images_id, key
from autograder.artifacts.course import data_folder, examine_elsewhere
from autograder.artifacts.files import HandIn
from autograder.gather.ask import ask
from autograder.gather.cache import Cache, environment
from autograder.grade import pool as pools
from autograder.grade.by_hand import keep_settled, settled
from autograder.grade.commit import Committer
from autograder.grade.lock import only_grader
from autograder.grade.pool import Pool, PoolLost, gather_text
from autograder.grade.prepare import Prepared, prepare, stage
from autograder.grade.register import register
from autograder.grade.state import Graded
from autograder.jail import JailUnavailable
from autograder.judge.judge import Judge
from autograder.judge.rounds import FOLDER, Rounds
from autograder.judge.secret import load_secret
from autograder.nbgrader_ext.course import only
from autograder.paths import ASSIGNMENT, COURSE, EVIDENCE, SECRET
from autograder.repair.files import shown

_LOOK = 2.0  # seconds between two looks at whether anybody is gathering still
_BAR = "{desc} {n}/{total} hand-ins |{bar}| {elapsed} gone, {remaining} left{postfix}"


@dataclass
class Summary:
    """What a run did.

    Attributes:
        graded: students whose hand-ins were graded now.
        unchanged: students whose grades still hold.
        failed: student -> why nothing could be written for them.
        stopped: why the run ended before all were graded; empty if it did not.
    """

    graded: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    stopped: str = ""


@dataclass
class _Waiting:
    """A student whose grades wait for what is missing, by its name in a cache."""

    digest: str
    missing: set[str]


@dataclass
class _Task:
    """Something to be run: what, where its result is kept, and who waits for it. Equal hand-ins share one."""

    call: tuple
    keep: Callable[[Any], None]
    students: list[str] = field(default_factory=list)
    kept: bool = False


class ClassRun:
    """One grading of a class.

    Args:
        students: whose hand-ins to grade.
        pool: makes who gathers evidence; see `autograder.grade.pool`.
        again: grade unchanged hand-ins, too.
        course: nbgrader's course directory.
    """

    def __init__(
        self, students: Sequence[str], pool: AbstractContextManager[Pool], again: bool = False, course: Path = COURSE
    ) -> None:
        self.students, self.pool, self.again, self.course = students, pool, again, course
        self.summary, self.graded, self.cache = Summary(), Graded(course / "graded", course), Cache(course / EVIDENCE)
        self.judge, self.committer = Judge(load_secret(course / SECRET)), Committer(course)
        self.findings, self.rounds = FindingsCache(course / EVIDENCE), Rounds(course / "graded" / FOLDER)
        self.waiting: dict[str, _Waiting] = {}
        self.tasks: dict[str, _Task] = {}  # name in a cache -> what is under way for it
        self.running: dict[Future, str] = {}  # what is under way -> that name

    def run(self) -> Summary:
        """Grades them all, showing how far it is.

        Raises:
            Busy: if another grader is at work in this course.
        """
        with only_grader(self.course / "graded"):
            register(self.course)
            often = 0.1 if sys.stderr.isatty() else 10.0  # seconds; a log file needs a line now and then
            with tqdm(total=len(self.students), desc="grading", bar_format=_BAR, mininterval=often) as self.bar:
                try:
                    self._all()
                except (PoolLost, JailUnavailable) as why:
                    self.summary.stopped = str(why)
        return self.summary

    def _all(self) -> None:
        with self.pool as pool:
            for student in self.students:
                self._guarded(student, lambda name: self._begin(name, pool))
                self._take_in(pool, most=pool.ahead)
            self._take_in(pool, most=0)

    def _guarded(self, student: str, step: Callable[[str], None]) -> None:
        """Runs a step for one student; what goes wrong there is that student's alone, and said."""
        try:
            step(student)
        except JailUnavailable:
            raise  # nobody can be graded here
        except Exception as error:
            self.waiting.pop(student, None)
            self.summary.failed[student] = f"{type(error).__name__}: {error}"
            (self.graded.folder / f"{student}.error.txt").write_text(traceback.format_exc())
            tqdm.write(shown(f"{student}: {self.summary.failed[student]}", 500), file=sys.stderr)
            self._count()

    def _begin(self, student: str, pool: Pool) -> None:
        if not self.again and self.graded.up_to_date(student):
            self.summary.unchanged.append(student)
            self._count()
            return
        only(student)
        waiting = _Waiting(self.graded.digest(student), set())
        prepared = prepare(student, self.course)
        stage(prepared, self.course)
        for name, task in {**self._running_notebooks(prepared), **self._measuring_artifacts(student)}.items():
            waiting.missing.add(name)
            if name not in self.tasks:
                self.tasks[name] = task
                self.running[pool.executor.submit(*task.call)] = name
            self.tasks[name].students.append(student)
        self.waiting[student] = waiting
        self._finish(student)

    def _running_notebooks(self, prepared: Prepared) -> dict[str, _Task]:
        """The tasks of gathering a student's evidence: where none is kept, or, again, where a run was cut short."""
        tasks = {}
        for notebook in prepared.notebooks.values():
            asked = ask(notebook, self.judge, prepared.student, self.rounds)
            kept = self.cache.load(asked.key)
            if kept is None or (self.again and kept.lost_something):
                call = (gather_text, nbformat.writes(notebook, indent=None), asked.seeds, grading.limits(), environment())
                tasks[asked.key] = _Task(call, partial(self.cache.keep, asked.key))
        return tasks

    def _measuring_artifacts(self, student: str) -> dict[str, _Task]:
        """The task of measuring a student's artifacts again, if there are any that were not yet."""
        hand_in, data = HandIn(self.course / "submitted" / student / ASSIGNMENT), data_folder()
        files = hand_in.files()
        if not files or self.findings.load(name := key(files, data)) is not None:
            return {}
        call = (examine_elsewhere, hand_in, data, grading.jail_settings(), images_id(files, data))
        return {name: _Task(call, partial(self.findings.keep_if_any, name))}

    def _take_in(self, pool: Pool, most: int) -> None:
        """Takes in what has been gathered, and waits until no more than `most` is still under way.

        Raises:
            PoolLost: if nobody is gathering any more.
        """
        gone: float | None = None
        while self.running:
            crowded = len(self.running) > most
            done, _ = wait(self.running, timeout=_LOOK if crowded else 0, return_when=FIRST_COMPLETED)
            for future in done:
                if future.cancelled():
                    raise PoolLost("the cluster's scheduler is gone")
                self._gathered(self.running.pop(future), future)
            if not done and not crowded:
                return
            if done or pool.alive():
                gone = None
                continue
            gone = gone or time.monotonic()
            if time.monotonic() - gone > pools.PATIENCE:
                raise PoolLost(f"the cluster has had no worker for {pools.PATIENCE:g} seconds")

    def _gathered(self, name: str, future: Future) -> None:
        """Keeps what came of a task, and finishes who waited for nothing else."""
        task = self.tasks.pop(name)

        def take(student: str) -> None:
            if student not in self.waiting:
                return  # failed already, by another task
            if not task.kept:
                task.keep(future.result())
                task.kept = True
            self.waiting[student].missing.discard(name)
            self._finish(student)

        for student in task.students:
            self._guarded(student, take)

    def _finish(self, student: str) -> None:
        """Commits a student's grades once all the evidence is there."""
        if self.waiting[student].missing:
            return
        left = {**(self.graded.begun(student) or {}), **settled(self.course, student)}
        self.graded.begin(student, left)
        self.committer.commit(student)
        keep_settled(self.course, student, left)
        self.graded.note(student, self.waiting.pop(student).digest)
        self.summary.graded.append(student)
        self._count()

    def _count(self) -> None:
        self.bar.set_postfix_str(f"{len(self.summary.failed)} failed", refresh=False)
        self.bar.update()
