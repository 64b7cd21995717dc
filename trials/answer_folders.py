"""Answers in a folder before the judge and the student's check: `python -m trials answers DIR`.

An answer is a file `KIND/QUESTION/NAME.py`: its first line says what is the matter, its second what seems fair
("# fair: 5 to 8 points"), then come the cells, each under `# %% own cell before`, `# %% answer`, `# %% methods` or
`# %% own cell after`. KIND is `right` (should lose nothing), `wrong` (should lose something) or `odd`.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest.mock import patch

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbjudge.evidence import Evidence
from nbjudge.judge.compare import Case
from nbjudge.judge.judge import judge_case
from ps8.checks import CheckFailed, NotStarted, check
from ps8.cuda import CudaOnCpu
from ps8.probes import Namespace
from ps8.runtime import one_thread

from autograder.judge import reference
from autograder.questions import QUESTIONS

SEED = 20_261
_CELL = re.compile(r"^# %% *([^\n]*)\n", re.MULTILINE)
_PLACES = {"answer": "answer", "methods": "methods"}  # kind of a cell -> how the grade id of its place ends
_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)
_FAIR = re.compile(r"# fair: ([\d.]+) to ([\d.]+)")


@dataclass(frozen=True)
class AnswerFile:
    """An answer that somebody wrote.

    Attributes:
        kind: `right`, `wrong` or `odd`.
        question: which it answers.
        name: of its file.
        what: what is the matter with it.
        fair: least and most points that seem fair.
        cells: the code of its cells, in order.
        kinds: of each cell: `answer`, `methods`, or a cell of the student's own.
    """

    kind: str
    question: str
    name: str
    what: str
    fair: tuple[float, float]
    cells: tuple[str, ...]
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """What the grader says of an answer.

    Attributes:
        kind, question, name, what, fair: of the answer.
        score, points: what the judge gave, and could have given.
        mistakes: the known mistakes that were named.
        reasons: why points were lost, a line a criterion or mistake.
        checked: `passed`, or the cause that the student's check found.
    """

    kind: str
    question: str
    name: str
    what: str
    fair: tuple[float, float]
    score: float
    points: float
    mistakes: tuple[str, ...]
    reasons: tuple[str, ...]
    checked: str

    @property
    def within(self) -> bool:
        return self.fair[0] <= self.score <= self.fair[1]


def read(folder: Path) -> list[AnswerFile]:
    """The answers in a folder.

    Raises:
        ValueError: if a file says no fair range, or holds no cell.
    """
    return [_parsed(path) for path in sorted(folder.glob("*/*/*.py"))]


def _parsed(path: Path) -> AnswerFile:
    text = path.read_text(encoding="utf-8")
    head, *parts = _CELL.split(text)
    kinds, cells = parts[::2], parts[1::2]
    fair = _FAIR.search(head)
    if fair is None or not cells:
        raise ValueError(f"{path}: expected a line like `# fair: 5 to 8 points`, and a cell under `# %% answer`")
    what = head.splitlines()[0].removeprefix("# what:").strip()
    kind, question = path.parent.parent.name, path.parent.name
    return AnswerFile(kind, question, path.stem, what, (float(fair[1]), float(fair[2])), tuple(cells), tuple(kinds))


def namespace(answer: AnswerFile) -> Namespace:
    """A notebook's globals after the answer's cells ran; as in a notebook, a cell that raises does not stop the next."""
    names = reference.namespace()
    names["feat_dim"] = names["cfg"].feat_dim
    for number, cell in enumerate(answer.cells):
        with contextlib.suppress(Exception):
            exec(compile(_MAGIC.sub("", cell), f"<{answer.name} {number}>", "exec", dont_inherit=True), names)
    return names


def in_kernel(answer: AnswerFile, seed: int = SEED) -> Evidence:
    """What a grading gathers: the answer stands in its notebook, among the reference's, and runs in a jailed kernel.

    Raises:
        JailUnavailable: if this machine cannot jail student code.
    """
    from nbjudge.assignment import Answer
    from nbjudge.gather import gather

    from autograder.grading_config import jail_settings, limits
    from autograder.judging import read_evidence
    from trials.classroom.submissions import solved  # what grades a class is imported only where it is wanted

    notebook = solved("nce" if answer.question == "nce" else "ps8")
    place(answer, notebook)
    gathered = gather(notebook, {answer.question: seed}, limits(), jail_settings())
    problem = gathered.problems.get(answer.question, "")
    evidence, problem = read_evidence(Answer("", seed, None if problem else gathered.evidence.get(answer.question), problem))
    return evidence or Evidence({}, {"forward": problem})


def place(answer: AnswerFile, notebook: NotebookNode) -> None:
    """Puts an answer into its cells of a notebook, with own cells around them. Changes the notebook."""
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id", ""): cell for cell in notebook.cells}
    at = notebook.cells.index(cells[f"{answer.question}-answer"])
    for kind, code in zip(answer.kinds, answer.cells, strict=True):
        if kind in _PLACES:
            cell = cells[f"{answer.question}-{_PLACES[kind]}"]
            cell.source, at = code, notebook.cells.index(cell) + 1
        else:
            notebook.cells.insert(at, new_code_cell(code))
            at += 1


def here(answer: AnswerFile, seed: int = SEED) -> Evidence:
    """What the probe records in this process: faster, and not jailed."""
    with _aside(answer):
        return reference.probed(answer.question, namespace(answer), seed)


@contextlib.contextmanager
def _aside(answer: AnswerFile) -> Iterator[None]:
    """While an answer runs in this process: it prints nothing, and needs no GPU."""
    device = CudaOnCpu() if "cuda" in "".join(answer.cells) else contextlib.nullcontext()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), device:
        yield


@one_thread()
def tell(answer: AnswerFile, seed: int = SEED, kernel: bool = False) -> Told:
    """Probes and judges an answer, and runs the student's check on it."""
    with patch.dict(os.environ, PS8_PROFILE="grade"):  # for the while: others in this process have theirs
        evidence = in_kernel(answer, seed) if kernel else here(answer, seed)
        with _aside(answer):
            checked = _checked(answer)
    case = Case(evidence, reference.evidence(answer.question, seed), seed)
    verdict = judge_case(QUESTIONS[answer.question], case)
    reasons = tuple(f"{line.name}: {line.reason}" for line in verdict.lines if line.reason)
    about = (answer.kind, answer.question, answer.name, answer.what, answer.fair)
    return Told(*about, verdict.score, verdict.points, verdict.mistakes, reasons, checked)


def _checked(answer: AnswerFile) -> str:
    try:
        check(answer.question, namespace=namespace(answer))
    except CheckFailed as failed:
        return failed.finding.cause
    except NotStarted:
        return "not started"
    return "passed"


def summary(told: list[Told]) -> list[str]:
    """The numbers that matter, a line each."""
    right, wrong = ([t for t in told if t.kind == kind] for kind in ("right", "wrong"))
    lost = [t.name for t in right if t.score < t.points]
    full = [t.name for t in wrong if t.score >= t.points]
    outside = [f"{t.question}.{t.name} ({t.score:g}, fair {t.fair[0]:g} to {t.fair[1]:g})" for t in told if not t.within]
    apart = [f"{t.question}.{t.name}" for t in told if (t.checked == "passed") != (t.score >= t.points)]
    return [
        f"{len(told)} answers: {len(right)} right, {len(wrong)} wrong",
        f"right answers that lose points: {len(lost)} {lost or ''}",
        f"wrong answers with full marks: {len(full)} {full or ''}",
        f"outside the fair range: {len(outside)} {outside or ''}",
        f"wrong answers with a known mistake's name: {sum(bool(t.mistakes) for t in wrong)}",
        f"check and judge disagree: {len(apart)} {apart or ''}",
    ]


def main(arguments: list[str] | None = None) -> int:
    """Prints a row for each answer, then the summary; 1 if a right answer loses points."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--question", help="only this question's")
    parser.add_argument("--json", type=Path, help="also write what was said into this file")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument(
        "--kernel", action="store_true", help="gather in a jailed kernel, as a grading does (minutes, not seconds)"
    )
    asked = parser.parse_args(arguments)
    answers = [a for a in read(asked.folder) if asked.question in (None, a.question)]
    with ProcessPoolExecutor(asked.workers) as pool:
        told = list(pool.map(tell, answers, [asked.seed] * len(answers), [asked.kernel] * len(answers), chunksize=4))
    for t in told:
        mark = " " if t.within else "!"
        score = f"{t.score:g}/{t.points:g} fair {t.fair[0]:g}-{t.fair[1]:g}"
        print(f"{mark} {t.kind:5} {t.question}.{t.name}: {score}; {', '.join(t.mistakes) or 'no name'}; check: {t.checked}")
        print(f"      is: {t.what}")
        for reason in t.reasons:
            print(f"      {reason[:200]}")
    print("\n".join(summary(told)))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(t) for t in told], indent=1) + "\n")
    return int(any(t.kind == "right" and t.score < t.points for t in told))
