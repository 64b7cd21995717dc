"""Grades a course in a process of its own: `python -m benchmarks.grade_once COURSE [--jobs N] [--judge-again] [--cores N]`.

Prints JSON: wall seconds and CPU seconds (of the kernels, too) of the run, the grader's own peak memory, what came of it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from nbjudge.grade import class_run
from nbjudge.jail import close_all

from autograder.definition import at
from autograder.paths import ROOT


def grade(course: Path, jobs: int, judge_again: bool = False, cores: int | None = None) -> dict[str, Any]:
    """Grades a course in another process. Importing Python's packages is not in its times, all else is.

    Args:
        course: the course directory.
        jobs: kernels at once.
        judge_again: judge and commit every submission, whether it changed or not.
        cores: that it and its kernels may use; None for all.
    """
    options = ["--jobs", str(jobs), *(["--judge-again"] if judge_again else []), *(["--cores", str(cores)] if cores else [])]
    command = [sys.executable, "-m", "benchmarks.grade_once", str(course), *options]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Grades, and says what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("course", type=Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--judge-again", action="store_true")
    parser.add_argument("--cores", type=int, help="that it and its kernels may use (default: all)")
    options = parser.parse_args()
    if options.cores:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    start = time.perf_counter()
    before = _cpu()
    summary = class_run.grade(at(options.course), jobs=options.jobs, again=options.judge_again)
    seconds = time.perf_counter() - start
    close_all()  # then the kernels' CPU time is known
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu": _cpu() - before,
                "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "graded": len(summary.graded),
                "unchanged": len(summary.unchanged),
                "failed": summary.failed,
                "stopped": summary.stopped,
            }
        )
    )


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    main()
