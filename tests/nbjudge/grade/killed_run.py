"""A grading that ends itself by SIGKILL at a point: `python killed_run.py COURSE GOLDEN POINT [again]`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbconvert.writers import FilesWriter
from nbgrader.preprocessors import SaveAutoGrades, SaveCells
from nbjudge.gather import ask
from nbjudge.gather.evidence_cache import EvidenceCache
from nbjudge.grade import class_run
from nbjudge.grade.state import Graded
from nbjudge.judge import rounds


def die(*args: Any, **kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(owner: Any, name: str, call: int, instead: Callable[..., None] | None = None) -> None:
    """Has the grader die at the given call of a function: after it, or while `instead` of it runs."""
    original, calls = getattr(owner, name), 0

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and instead is not None:
            instead(*args, **kwargs)
            die()
        result = original(*args, **kwargs)
        if calls == call:
            die()
        return result

    setattr(owner, name, counted)


def half_of_a_round(path: Path, noted: dict) -> None:
    (path.parent / "half.part").write_text('{"ps8": {')


def half_of_the_evidence(cache: EvidenceCache, path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "half.part").write_bytes(content[: len(content) // 2])


def half_of_the_notebook(writer: FilesWriter, output: str, resources: dict, notebook_name: str, **kwargs: Any) -> None:
    Path(writer.build_directory, f"{notebook_name}.ipynb").write_text(output[: len(output) // 2])


def half_of_the_note(graded: Graded, student: str, note: dict) -> None:
    (graded.workspace.graded / f".{student}.part").write_text('{"dig')


POINTS: dict[str, Callable[[], None]] = {
    "when the secret is made": lambda: kill_at(class_run, "load_secret", 1),
    "while a round is noted": lambda: kill_at(rounds, "_write", 2, half_of_a_round),
    "while the gradebook is made": lambda: kill_at(SaveCells, "preprocess", 1),
    "while a submission is prepared": lambda: kill_at(class_run, "stage", 2),
    "while evidence is kept": lambda: kill_at(EvidenceCache, "_write", 3, half_of_the_evidence),
    "when evidence is kept": lambda: kill_at(EvidenceCache, "_write", 4),
    "in the middle of the scores": lambda: kill_at(SaveAutoGrades, "_add_score", 20),
    "while a graded notebook is written": lambda: kill_at(FilesWriter, "write", 4, half_of_the_notebook),
    "before what a human graded is settled": lambda: kill_at(class_run, "keep_settled", 2, die),
    "while it is noted": lambda: kill_at(Graded, "_write", 4, half_of_the_note),
}

if __name__ == "__main__":
    from small_class import NAMES, grade, one_set, recorded

    course, golden, point, *again = sys.argv[1:]
    class_run.gather_text = recorded(Path(golden), [])  # type: ignore[assignment]
    ask.challenge_set = one_set
    POINTS[point]()
    grade(Path(course), NAMES, again=bool(again))
