"""Grading: plain `nbgrader autograde` and ours, on the same hand-ins; and ours against itself."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbgrader.utils import is_solution

from autograder.classroom.build import NOTEBOOKS, release, solved
from autograder.classroom.surgery import cell_of
from autograder.grade import pool
from autograder.grade.prepare import plans
from autograder.grade.run import ClassRun
from autograder.paths import ASSIGNMENT, COURSE
from autograder.reports.scores import read_scores
from benchmarks.record import record

BIN = Path(sys.executable).parent


def new_course(folder: Path, ours: bool) -> Path:
    """A course directory of its own, with our configuration or nbgrader's."""
    folder.mkdir(parents=True)
    (folder / "source").symlink_to(COURSE / "source")
    config = "from autograder.nbgrader_ext.config import configure\nconfigure(get_config())\n" if ours else ""
    (folder / "nbgrader_config.py").write_text(config + 'get_config().CourseDirectory.release_directory = "release"\n')
    return folder


def write_hand_ins(course: Path, count: int, seed: int = 0) -> list[str]:
    """Hand-ins in which some answers are left out at random: right or nothing, so that stock nbgrader can score them alike.

    Each holds a line of its own, so that no two are the same to a cache.
    """
    draw, names = random.Random(seed), []
    for number in range(count):
        name = f"student{number:04}"
        names.append(name)
        folder = course / "submitted" / name / ASSIGNMENT
        folder.mkdir(parents=True, exist_ok=True)
        for notebook_name in NOTEBOOKS:
            notebook, blank = solved(notebook_name), release(notebook_name)
            for cell in notebook.cells:
                if is_solution(cell) and cell.cell_type == "code":
                    stub = cell_of(blank, cell.metadata.nbgrader.grade_id)
                    left_out = draw.random() < 0.1 and stub is not None
                    cell.source = f"{stub.source if left_out and stub else cell.source}\n# {name}"
            (folder / f"{notebook_name}.ipynb").write_text(nbformat.writes(notebook))
    return names


def scores(course: Path) -> dict[str, dict[str, float | None]]:
    return {row.student: row.scores for row in read_scores(f"sqlite:///{course}/gradebook.db")}


@contextmanager
def stopwatch() -> Iterator[list[float]]:
    taken: list[float] = []
    start = time.perf_counter()
    yield taken
    taken.append(time.perf_counter() - start)


def grade_ours(course: Path, names: list[str], jobs: int) -> float:
    """Wall seconds of grading a class with our command's machinery, everything included but Python's own start."""
    with stopwatch() as taken:
        summary = ClassRun(names, pool.local(jobs), course=course).run()
    if summary.failed:
        raise RuntimeError(f"not graded: {summary.failed}")
    return taken[0]


def grade_plain(course: Path) -> float:
    """Wall seconds of `nbgrader autograde`, stock."""
    env = {**os.environ, "JUPYTER_PREFER_ENV_PATH": "1"}
    subprocess.run([BIN / "nbgrader", "generate_assignment", ASSIGNMENT], cwd=course, env=env, check=True, capture_output=True)
    with stopwatch() as taken:
        subprocess.run([BIN / "nbgrader", "autograde", ASSIGNMENT], cwd=course, env=env, check=True, capture_output=True)
    return taken[0]


def vs_nbgrader(folder: Path, count: int) -> None:
    """`grade.vs_nbgrader`: throughput over stock nbgrader; raises if any score differs."""
    plain, ours = new_course(folder / "plain", False), new_course(folder / "ours", True)
    names = write_hand_ins(plain, count)
    write_hand_ins(ours, count)
    seconds_ours = grade_ours(ours, names, os.cpu_count() or 1)
    seconds_plain = grade_plain(plain)
    if scores(plain) != scores(ours):
        different = [n for n in names if scores(plain)[n] != scores(ours)[n]]
        raise RuntimeError(f"scores differ for {different}")
    record(
        "grade.vs_nbgrader",
        {
            "value": round(seconds_plain / seconds_ours, 2),
            "hand_ins": count,
            "seconds_nbgrader": round(seconds_plain, 1),
            "seconds_ours": round(seconds_ours, 1),
        },
    )
    regrade(ours, names, seconds_ours)


def regrade(course: Path, names: list[str], first: float) -> None:
    """`grade.regrade`: an unchanged class over its first grading."""
    with stopwatch() as taken:
        summary = ClassRun(names, pool.local(1), course=course).run()
    if summary.unchanged != names:
        raise RuntimeError("an unchanged hand-in was graded again")
    record(
        "grade.regrade",
        {"value": round(first / taken[0], 1), "seconds_first": round(first, 1), "seconds_again": round(taken[0], 3)},
    )


def overhead(folder: Path, count: int = 10) -> None:
    """`grade.overhead`: seconds a hand-in beyond what the student's own cells and the probes took, on one core."""
    from autograder.gather.cache import Cache

    course = new_course(folder / "overhead", True)
    names = write_hand_ins(course, count + 1, seed=1)
    grade_ours(course, names[:1], 1)  # warm: the parent process imports torch once
    with stopwatch() as taken:
        ClassRun(names[1:], pool.local(1), course=course).run()
    own = 0.0
    for path in (course / "evidence").rglob("*.zip"):
        gathered = Cache(course / "evidence").load(path.stem)
        own += gathered.seconds.get("cells", 0.0) + gathered.seconds.get("probes", 0.0) if gathered else 0.0
    record("grade.overhead", {"value": round((taken[0] - own) / count, 3), "hand_ins": count, "unit": "s"})


def growth(folder: Path, small: int, large: int) -> None:
    """`grade.growth`: time a hand-in in a large class over a small one, and the grader's own peak memory in both."""
    figures = {}
    for count in (small, large):
        course = new_course(folder / f"growth{count}", True)
        names = write_hand_ins(course, count, seed=2)
        seconds = grade_ours(course, names, os.cpu_count() or 1)
        figures[count] = (seconds / count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    record(
        "grade.growth",
        {
            "value": round(figures[large][0] / figures[small][0], 3),
            "hand_ins": [small, large],
            "peak_memory_mb": [round(figures[small][1]), round(figures[large][1])],
        },
    )


def main(count: int = 40, large: int = 400) -> None:
    """All figures of grading."""
    plans()  # the source is read once, before anything is timed
    with tempfile.TemporaryDirectory(prefix="ps8-bench-") as name:
        folder = Path(name)
        overhead(folder)
        vs_nbgrader(folder, count)
        growth(folder, count, large)
