"""Grades a class: prepare, gather in parallel, judge and commit one by one. Whatever one hand-in holds, the rest is graded."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, as_completed
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
from autograder.gather.cache import Cache
from autograder.grade.commit import Committer
from autograder.grade.pool import Executor, gather_text
from autograder.grade.prepare import prepare, stage
from autograder.grade.register import register
from autograder.grade.state import Graded
from autograder.judge.judge import Judge
from autograder.judge.secret import load_secret
from autograder.paths import ASSIGNMENT, COURSE, EVIDENCE, SECRET

Keep = Callable[[Any], None]  # puts a task's result into its cache


@dataclass
class Summary:
    """What a run did.

    Attributes:
        graded: students whose hand-ins were graded now.
        unchanged: students whose grades still hold.
        failed: student -> why nothing could be written for them.
    """

    graded: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


@dataclass
class _Waiting:
    digest: str
    missing: set[str]


class ClassRun:
    """One grading of a class.

    Args:
        students: whose hand-ins to grade.
        pool: makes the executor that gathers evidence; entered only if there is something to gather.
        again: grade unchanged hand-ins, too.
        course: nbgrader's course directory.
    """

    def __init__(
        self, students: Sequence[str], pool: AbstractContextManager[Executor], again: bool = False, course: Path = COURSE
    ) -> None:
        self.students, self.pool, self.again, self.course = students, pool, again, course
        self.summary, self.graded, self.cache = Summary(), Graded(course / "graded", course), Cache(course / EVIDENCE)
        self.findings = FindingsCache(course / EVIDENCE)
        self.judge, self.committer = Judge(load_secret(course / SECRET)), Committer(course)
        self.waiting: dict[str, _Waiting] = {}

    def run(self) -> Summary:
        """Grades them all, showing how far it is."""
        register(self.course)
        with tqdm(total=len(self.students), unit="hand-in", desc="grading") as self.bar, self.pool as executor:
            futures: dict[Future, tuple[str, str, Keep]] = {}
            for student in self.students:
                self._guarded(student, self._begin, executor, futures)
            for future in as_completed(futures):
                student, name, keep = futures[future]
                self._guarded(student, self._gathered, name, keep, future)
        return self.summary

    def _guarded(self, student: str, step, *args: object) -> None:  # type: ignore[no-untyped-def]
        """Runs a step for one student; what goes wrong there is that student's alone, and said."""
        try:
            step(student, *args)
        except Exception as error:
            self.waiting.pop(student, None)
            self.summary.failed[student] = f"{type(error).__name__}: {error}"
            tqdm.write(f"{student}: {traceback.format_exc()}")
            self._count()

    def _begin(self, student: str, executor: Executor, futures: dict[Future, tuple[str, str, Keep]]) -> None:
        if not self.again and self.graded.up_to_date(student):
            self.summary.unchanged.append(student)
            self._count()
            return
        digest = self.graded.digest(student)
        prepared = prepare(student, self.course)
        stage(prepared, self.course)
        tasks: dict[str, tuple[Keep, tuple]] = {}
        for name, notebook in prepared.notebooks.items():
            asked = ask(notebook, self.judge)
            if self.cache.load(asked.key) is None:
                asking = (gather_text, nbformat.writes(notebook), asked.seeds, grading.limits(), grading.jail_settings())
                tasks[name] = (partial(self.cache.keep, asked.key), asking)
        tasks.update(self._measuring(student))
        self.waiting[student] = _Waiting(digest, set(tasks))
        for name, (keep, call) in tasks.items():
            futures[executor.submit(*call)] = (student, name, keep)
        self._finish(student)

    def _measuring(self, student: str) -> dict[str, tuple[Keep, tuple]]:
        """The task of measuring a student's artifacts again, if there are any that were not yet."""
        hand_in, data = HandIn(self.course / "submitted" / student / ASSIGNMENT), data_folder()
        files = hand_in.files()
        if not files or self.findings.load(name := key(files, data)) is not None:
            return {}
        call = (examine_elsewhere, hand_in, data, grading.jail_settings(), images_id(files, data))
        return {"artifacts": (partial(self.findings.keep_if_any, name), call)}

    def _gathered(self, student: str, name: str, keep: Keep, future: Future) -> None:
        keep(future.result())
        if student in self.waiting:
            self.waiting[student].missing.discard(name)
            self._finish(student)

    def _finish(self, student: str) -> None:
        """Commits a student's grades once all the evidence is there."""
        if self.waiting[student].missing:
            return
        self.committer.commit(student)
        self.graded.note(student, self.waiting.pop(student).digest)
        self.summary.graded.append(student)
        self._count()

    def _count(self) -> None:
        self.bar.set_postfix(failed=len(self.summary.failed))
        self.bar.update()
