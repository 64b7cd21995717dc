"""Grading: plain `nbgrader autograde` and ours, on the same submissions; and ours against itself."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import nbformat
from nbgrader.utils import is_solution
from nbjudge.gather.evidence_cache import EvidenceCache
from nbjudge.reports.scores import Sheet, read_scores

from autograder.course_notebooks import NOTEBOOKS, release
from autograder.definition import at
from autograder.paths import ASSIGNMENT, COURSE
from benchmarks.grade_once import grade
from benchmarks.results_file import record
from trials.classroom.mutations import cell_of
from trials.classroom.submissions import solved

BIN = Path(sys.executable).parent
CORES = os.cpu_count() or 1


def new_course(folder: Path, ours: bool) -> Path:
    """A course directory of its own, with our configuration or nbgrader's."""
    folder.mkdir(parents=True)
    (folder / "source").symlink_to(COURSE / "source")
    config = (COURSE / "nbgrader_config.py").read_text("utf-8") if ours else ""
    (folder / "nbgrader_config.py").write_text(config + 'get_config().CourseDirectory.release_directory = "release"\n')
    return folder


def write_submissions(course: Path, count: int, seed: int = 0) -> list[str]:
    """Submissions in which some answers are left out at random: right or nothing, so that stock nbgrader can score them alike.

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
            started: dict[str, bool] = {}  # by question: an answer may have two cells
            for cell in notebook.cells:
                if is_solution(cell) and cell.cell_type == "code":
                    stub = cell_of(blank, cell.metadata.nbgrader.grade_id)
                    question = cell.metadata.nbgrader.grade_id.rpartition("-")[0]
                    left_out = not started.setdefault(question, draw.random() >= 0.1)
                    cell.source = f"{stub.source if left_out and stub else cell.source}\n# {name}"
            (folder / f"{notebook_name}.ipynb").write_text(nbformat.writes(notebook))
    return names


def scores(course: Path) -> dict[str, dict[str, float | None]]:
    here = at(course)
    return {row.student: row.scores for row in read_scores(here, Sheet.of(here))}


def grade_ours(course: Path, count: int, jobs: int = CORES, cores: int | None = None) -> dict[str, Any]:
    """What it takes to grade a class with our command's machinery.

    Raises:
        RuntimeError: if not every submission was graded.
    """
    took = grade(course, jobs, cores=cores)
    if took["graded"] != count:
        raise RuntimeError(f"graded {took['graded']} of {count}: {took['failed']} {took['stopped']}")
    return took


def grade_plain(course: Path) -> dict[str, float]:
    """Wall and CPU seconds of `nbgrader autograde`, stock, and of what it starts."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"  # where nbgrader looks for the program alembic
    env = {**os.environ, "JUPYTER_PREFER_ENV_PATH": "1", "PATH": path}
    subprocess.run([BIN / "nbgrader", "generate_assignment", ASSIGNMENT], cwd=course, env=env, check=True, capture_output=True)
    start, before = time.perf_counter(), os.times()
    subprocess.run([BIN / "nbgrader", "autograde", ASSIGNMENT], cwd=course, env=env, check=True, capture_output=True)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"seconds": time.perf_counter() - start, "cpu": cpu}


def vs_nbgrader(folder: Path, count: int) -> None:
    """`grade.vs_nbgrader`: throughput over stock nbgrader, which is run between two runs of ours; raises if any score differs.

    Records also `grade.regrade` and `grade.rejudge`, on the same class.
    """
    plain, ours = new_course(folder / "plain", False), [new_course(folder / f"ours{i}", True) for i in (1, 2)]
    for course in (plain, *ours):
        names = write_submissions(course, count)
    first = grade_ours(ours[0], count)
    stock = grade_plain(plain)
    second = grade_ours(ours[1], count)
    for course in ours:
        if scores(plain) != scores(course):
            raise RuntimeError(f"scores differ for {[n for n in names if scores(plain)[n] != scores(course)[n]]}")
    seconds, cpu = ((first[what] + second[what]) / 2 for what in ("seconds", "cpu"))
    record(
        "grade.vs_nbgrader",
        {
            "value": round(stock["seconds"] / seconds, 2),
            "submissions": count,
            "seconds_nbgrader": round(stock["seconds"], 1),
            "seconds_ours": round(seconds, 1),
            "cpu_seconds_nbgrader": round(stock["cpu"], 1),
            "cpu_seconds_ours": round(cpu, 1),
            "scores": "equal",
        },
    )
    regrade(ours[1], count, second["seconds"])


def regrade(course: Path, count: int, first: float) -> None:
    """`grade.regrade`: an unchanged class over its first grading; `grade.rejudge`: the same when only the judge changed."""
    again = [grade(course, 1) for _ in range(3)]
    if any(run["unchanged"] != count for run in again):
        raise RuntimeError("an unchanged submission was graded again")
    seconds = median(run["seconds"] for run in again)
    record(
        "grade.regrade",
        {"value": round(first / seconds, 1), "seconds_first": round(first, 1), "seconds_again": round(seconds, 3)},
    )
    judged = grade(course, 1, judge_again=True)
    figure = {"value": round(first / judged["seconds"], 1), "seconds_again": round(judged["seconds"], 1), "submissions": count}
    record("grade.rejudge", {**figure, "cpu_seconds_again": round(judged["cpu"], 1)})


def overhead(folder: Path, count: int = 24) -> None:
    """`grade.overhead`: seconds a submission on one core beyond what the student's own cells and the probes took.

    Two classes are graded; what the larger took more is what its additional submissions cost, without the start of the warm
    parent and the reference's own evidence: the smaller one has met nearly all of the inputs already.
    """
    took, own = [], []
    for size in (count, 3 * count):
        course = new_course(folder / f"overhead{size}", True)
        write_submissions(course, size, seed=1)
        took.append(grade_ours(course, size, jobs=1, cores=1)["seconds"])
        own.append(sum(_own_seconds(course)))
    seconds, own_seconds = ((values[1] - values[0]) / (2 * count) for values in (took, own))
    figure = {"value": round(seconds - own_seconds, 3), "unit": "s", "own": round(own_seconds, 3), "submissions": 2 * count}
    record("grade.overhead", figure)


def _own_seconds(course: Path) -> list[float]:
    """For each notebook, what the student's cells and the probes of the answers took in its kernel."""
    cache = EvidenceCache(at(course).evidence)
    runs = [cache.load(path.stem) for path in cache.folder.rglob("*.evidence")]
    return [run.seconds.get("cells", 0.0) + run.seconds.get("probes", 0.0) for run in runs if run]


def growth(folder: Path, small: int, large: int) -> None:
    """`grade.growth`: time a submission in a large class over a small one, graded before and after; peak memory of both."""
    runs = []
    for number, count in enumerate((small, large, small)):
        course = new_course(folder / f"growth{number}", True)
        write_submissions(course, count, seed=2)
        took = grade_ours(course, count)
        runs.append({**took, "seconds": took["seconds"] / count, "cpu": took["cpu"] / count})
    before, whole, after = runs
    few = {name: (before[name] + after[name]) / 2 for name in ("seconds", "cpu", "peak_memory_mb")}
    record(
        "grade.growth",
        {
            "value": round(whole["seconds"] / few["seconds"], 3),
            "value_of_cpu_seconds": round(whole["cpu"] / few["cpu"], 3),
            "submissions": [small, large],
            "seconds_a_submission": [round(few["seconds"], 3), round(whole["seconds"], 3)],
            "peak_memory_mb": [round(few["peak_memory_mb"]), round(whole["peak_memory_mb"])],
        },
    )


def main(count: int = 40, large: int = 400) -> None:
    """All figures of grading but the soak's."""
    with tempfile.TemporaryDirectory(prefix="ps8-bench-") as name:
        folder = Path(name)
        overhead(folder)
        vs_nbgrader(folder, count)
        growth(folder, count, large)
