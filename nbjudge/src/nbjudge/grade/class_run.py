"""Grades a class: prepare, gather in parallel, judge and commit one by one. Whatever one of them holds, the rest is graded."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from nbjudge.gather.ask import ask
from nbjudge.gather.evidence_cache import EvidenceCache, environment
from nbjudge.grade import pool
from nbjudge.grade.by_hand import keep_settled, settled
from nbjudge.grade.commit import Committer
from nbjudge.grade.failures import Failures, SubmissionRefused, out_of_room, reason
from nbjudge.grade.interrupt import CtrlC
from nbjudge.grade.lock import only_grader
from nbjudge.grade.pool import Patience, Pool, PoolLost, gather_text
from nbjudge.grade.preconditions import check_agreement, check_built
from nbjudge.grade.prepare import Prepared, prepare_submission, stage
from nbjudge.grade.register import register_in_gradebook
from nbjudge.grade.state import Graded, students
from nbjudge.grade.status_line import Progress
from nbjudge.grade.student_names import refusal, shown_student
from nbjudge.grade.tasks import Task, Tasks
from nbjudge.ground import notebooks
from nbjudge.jail import JailUnavailable
from nbjudge.judge.rounds import FOLDER, Rounds
from nbjudge.judge.secret import load_secret
from nbjudge.workspace import GRADED, Workspace


@dataclass
class RunSummary:
    """What a run did.

    Attributes:
        graded: students whose submissions were graded now.
        unchanged: students whose grades still hold.
        failed: student -> why nothing could be written for them.
        stopped: why the run ended before all were graded; empty if it did not.
        interrupted: whether that was Ctrl-C.
    """

    graded: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    stopped: str = ""
    interrupted: bool = False


@dataclass
class _Waiting:
    """A student whose grades wait for what is missing, by its name in a cache."""

    digest: str
    missing: set[str]


class ClassRun:
    """One grading of a class.

    Args:
        workspace: where.
        students: whose submissions to grade.
        pool: makes who gathers evidence; see `nbjudge.grade.pool`.
        again: grade unchanged submissions, too.
    """

    def __init__(
        self, workspace: Workspace, students: Sequence[str], pool: AbstractContextManager[Pool], again: bool = False
    ) -> None:
        self.workspace, self.assignment = workspace, workspace.assignment
        self.students, self.pool, self.again = list(dict.fromkeys(students)), pool, again
        self.summary, self.graded, self.cache = RunSummary(), Graded(workspace), EvidenceCache(workspace.evidence)
        self.judge, self.committer = self.assignment.judge(load_secret(workspace.secret)), Committer(workspace)
        self.failures, self.rounds = Failures(workspace.graded), Rounds(workspace.root / GRADED / FOLDER)
        self.waiting: dict[str, _Waiting] = {}
        self.up_to_date: dict[str, bool] = {}  # as far as it was asked: the answer takes a look at all of a submission's files
        self.ctrl_c = CtrlC()
        self.tasks = Tasks(self.ctrl_c.check)

    def run(self) -> RunSummary:
        """Grades them all, showing how far it is.

        Raises:
            Busy: if another grader is at work in this course.
            NotBuilt: if source, release or points are not what the course says now.
            NotRegistered: if the gradebook cannot hold the assignment as it is now.
        """
        with self.ctrl_c.handled():
            try:
                with only_grader(self.workspace.root / GRADED):
                    check_built(self.workspace)
                    check_agreement(self.workspace)
                    with self.pool as pool:
                        if self._any_work():
                            pool.warm()
                        register_in_gradebook(self.workspace)
                        with Progress(len(self.students)) as self.progress:
                            self._all(pool)
            except KeyboardInterrupt:
                self.summary.stopped, self.summary.interrupted = "Ctrl-C", True
            except (PoolLost, JailUnavailable) as why:
                self.summary.stopped = str(why)
            except Exception as error:
                self.summary.stopped = out_of_room(error)
                if not self.summary.stopped:
                    raise
        return self.summary

    def _any_work(self) -> bool:
        """Whether somebody has to be graded, as far as that can be said before anything is looked at closely."""
        try:
            return self.again or not all(self._up_to_date(student) for student in self.students if not refusal(student))
        except Exception:  # whoever causes it is told of it
            return True

    def _up_to_date(self, student: str) -> bool:
        if student not in self.up_to_date:
            self.up_to_date[student] = self.graded.up_to_date(student)
        return self.up_to_date[student]

    def _all(self, pool: Pool) -> None:
        for student in self.students:
            self._guarded(student, self._look)
        seen = {*self.summary.unchanged, *self.summary.failed}
        self.progress.work_begins()
        patience = Patience(pool, self.progress.say)
        for student in self.students:
            if student not in seen:
                self._guarded(student, self._begin)
                self._take_in(pool, patience, most=pool.ahead)
        self._take_in(pool, patience, most=0)
        for student in list(self.waiting):
            self._failed(student, SubmissionRefused("nothing came of it: a fault of the grader"))

    def _guarded(self, student: str, step: Callable[[str], None]) -> None:
        """Runs a step for one student; what goes wrong there is that student's alone, and said."""
        self.ctrl_c.check()
        try:
            step(student)
        except (JailUnavailable, PoolLost):
            raise  # nobody can be graded here, or there
        except Exception as error:
            if out_of_room(error):
                raise  # nor here
            self._failed(student, error)

    def _failed(self, student: str, error: Exception) -> None:
        """Lists a student as failed. Nothing that caused the error is trusted here; what cannot be written is said."""
        self.waiting.pop(student, None)
        why = self.summary.failed[student] = reason(error)
        try:
            self.failures.keep(student, why, error)
        except Exception as another:
            if out_of_room(another):
                raise
            why = self.summary.failed[student] = f"{why} (and that could not be noted: {reason(another)})"
        self.progress.say(f"{shown_student(student, 80)}: {why}")
        self.progress.one_more(failed=True)

    def _look(self, student: str) -> None:
        """Whether there is anything to do for a student."""
        if why := refusal(student):
            raise SubmissionRefused(why)
        if not self.again and self._up_to_date(student):
            self.failures.drop(student)
            self.summary.unchanged.append(student)
            self.progress.one_more(worked=False)

    def _begin(self, student: str) -> None:
        waiting = _Waiting(self.graded.digest(student), set())
        prepared = prepare_submission(student, self.workspace)
        stage(prepared, self.workspace)
        more = self.assignment.tasks(self.workspace, student)
        for name, task in {**self._running_notebooks(prepared), **more}.items():
            waiting.missing.add(name)
            self.tasks.add(name, task, student)
        self.waiting[student] = waiting
        self._finish(student)

    def _running_notebooks(self, prepared: Prepared) -> dict[str, Task]:
        """The tasks of gathering a student's evidence: where none is kept, or, again, where a run was cut short."""
        tasks = {}
        for notebook in prepared.notebooks.values():
            asked = ask(notebook, self.assignment, self.judge, prepared.student, self.rounds, prepared.files)
            kept = self.cache.load(asked.key)
            if kept is None or (self.again and kept.lost_something):
                wanted = environment(self.assignment)
                call = (gather_text, notebooks.writes(notebook), asked.seeds, self.assignment, wanted, asked.files)
                tasks[asked.key] = Task(call, partial(self.cache.keep, asked.key))
        return tasks

    def _take_in(self, pool: Pool, patience: Patience, most: int) -> None:
        """Takes in what has been gathered, until no more than `most` is still under way."""
        for name, task, future in self.tasks.done(pool, patience, most):
            self._gathered(name, task, future)

    def _gathered(self, name: str, task: Task, future: Future[Any]) -> None:
        """Keeps what came of a task, and finishes who waited for nothing else."""

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
        with self.ctrl_c.held():
            opens = self.committer.gradebooks
            left = {**(self.graded.begun(student) or {}), **settled(self.workspace, student, opens)}
            self.graded.begin(student, left)
            self.committer.commit(student)
            keep_settled(self.workspace, student, left, opens)
            self.failures.drop(student)
            self.graded.note(student, self.waiting.pop(student).digest)
            self.summary.graded.append(student)
            self.progress.one_more()


def grade(
    workspace: Workspace, names: Sequence[str] | None = None, jobs: int = 0, cluster: str = "", again: bool = False
) -> RunSummary:
    """Grades a class, or some of it.

    Args:
        workspace: where.
        names: whose submissions; None for all that lie in `submitted/`.
        jobs: kernels at once on this machine; 0 for one a core.
        cluster: the address of a Dask cluster that gathers instead, such as `tcp://host:8786`.
        again: grade unchanged submissions, too.

    Raises:
        Busy: if another grader is at work in this course.
        NotBuilt: if source, release or points are not what the course says now.
        NotRegistered: if the gradebook cannot hold the assignment as it is now.
    """
    where = pool.cluster(cluster) if cluster else pool.local(jobs or os.cpu_count() or 1, workspace.assignment)
    return ClassRun(workspace, students(workspace) if names is None else names, where, again).run()
