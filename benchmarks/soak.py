"""A thousand submissions, a tenth of them broken or hostile: every one is accounted for, with the score it should have."""

from __future__ import annotations

import io
import random
import tarfile
import tempfile
import zipfile
from pathlib import Path

import nbformat
from nbconvert.exporters import PythonExporter
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from autograder.course_notebooks import release
from autograder.paths import ASSIGNMENT
from autograder.questions import QUESTIONS
from benchmarks.grade_once import grade
from benchmarks.grading import CORES, new_course, scores
from benchmarks.results_file import record
from trials.broken_files import BREAKS
from trials.classroom.mutations import cell_of
from trials.classroom.submissions import solved

POINTS = {name: question.points for name, question in QUESTIONS.items()}
Files = dict[str, bytes]  # name -> contents
Scores = dict[str, float]  # question -> points

# What a hostile answer does besides being right, and the questions that it may lose by it.
HOSTILE = {
    "ends the kernel": ("import os\nos._exit(0)", True),
    "leaves by SystemExit": ("raise SystemExit", False),
    "forks": ("import os\nfor _ in range(5):\n    if os.fork() == 0:\n        import time\n        time.sleep(60)", False),
    "takes memory": ("hoard = []\nwhile True:\n    hoard.append(bytearray(1 << 26))", True),
    "floods": ("for _ in range(20_000):\n    print('x' * 1000)", False),
    "fills the disk": ("with open('/tmp/full', 'wb') as file:\n    while True:\n        file.write(bytes(1 << 20))", True),
    "loops": ("while True:\n    pass", True),
    "replaces torch": ("import torch\ntorch.allclose = torch.equal = lambda *a, **k: True\ntorch.manual_seed = print", False),
    "claims": ("print('10.0')\n10.0", False),
    "writes to the course": (
        "open('/exchange/evidence/encoder.safetensors', 'w').write('10')",
        False,
    ),
    "leaves modes behind": ("torch.set_grad_enabled(False)\ntorch.set_default_dtype(torch.float64)\ncfg = None", False),
    "replaces the probes": ("import ps8.questions\nps8.questions.PROBES.clear()\nimport sys\nsys.stdout = None", False),
    "waits": ("import time\ntime.sleep(10_000)", True),
    "burns in children": (
        "import os, signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "while True:\n    os.fork() or os._exit(sum(range(10**6)) * 0)",
        True,
    ),
}
# Files that hold no answer at all.
WRECKS: dict[str, Files] = {
    "nothing": {},
    "an error page": {"ps8.ipynb": b"<!doctype html><p>Your session has expired."},
    "zeros": {"ps8.ipynb": bytes(100_000)},
    "deep JSON": {"ps8.ipynb": b"[" * 200_000},
    "no notebook": {"ps8.ipynb": b'{"cells": 7, "nbformat": "x"}'},
    "another file": {"report.pdf": b"%PDF-1.4"},
    "a checkpoint": {".ipynb_checkpoints/ps8-checkpoint.ipynb": b"{}"},
    "five thousand files": {f"a{number}.txt": b"" for number in range(5_000)},
}
ODD_NAMES = ("{} *[x]?", "{}\nline", "{}\x1b[31m", "{} 李 é", " {} ", "=cmd|{}", "{}" + "n" * 200)


def possible() -> Scores:
    """What the main notebook's judged questions can earn; the optional one is not handed in."""
    notebook = release(ASSIGNMENT)
    return {question: most for question, most in POINTS.items() if cell_of(notebook, question) is not None}


def plain(name: str, draw: random.Random) -> tuple[Files, Scores]:
    """An ordinary submission: each answer right, or left out at random."""
    notebook, blank, expected = solved("ps8"), release("ps8"), possible()
    for question in possible():
        cell, stub = (cell_of(nb, f"{question}-answer") for nb in (notebook, blank))
        if cell is not None and stub is not None:
            left_out = draw.random() < 0.1 and question != "train_classifier"  # that one has two cells
            cell.source = (stub.source if left_out else cell.source) + f"\n# {name}"
            expected[question] *= not left_out
    return {"ps8.ipynb": nbformat.writes(notebook).encode()}, expected


def broken(name: str, draw: random.Random) -> tuple[Files, Scores]:
    """A right one, broken in one of the corpus's ways, or handed in as something else than a notebook."""
    way = draw.choice([*sorted(BREAKS), *sorted(PACKED)])
    files = {"ps8.ipynb": BREAKS[way](solved("ps8"))} if way in BREAKS else PACKED[way](solved("ps8"))
    return files, possible()


def nested(notebook: NotebookNode) -> Files:
    """A zip in a zip."""
    data = {"ps8.ipynb": nbformat.writes(notebook).encode()}
    for name in ("inner.zip", "submission.zip"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for file, content in data.items():
                archive.writestr(file, content)
        data = {name: packed.getvalue()}
    return data


def tarred(notebook: NotebookNode) -> Files:
    packed, content = io.BytesIO(), nbformat.writes(notebook).encode()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("work/ps8.ipynb")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return {"submission.tar.gz": packed.getvalue()}


def exported(notebook: NotebookNode) -> Files:
    return {"ps8.py": PythonExporter().from_notebook_node(notebook)[0].encode()}


def beside_a_blank(notebook: NotebookNode) -> Files:
    files = {"ps8.ipynb": release("ps8"), "my work final.ipynb": notebook}
    return {name: nbformat.writes(one).encode() for name, one in files.items()}


def among_many(notebook: NotebookNode) -> Files:
    return {**WRECKS["five thousand files"], "ps8.ipynb": nbformat.writes(notebook).encode()}


def with_stubs_left(notebook: NotebookNode) -> Files:
    """Each answer finished, and the stub's line left at its end."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and is_solution(cell) and not is_grade(cell) and "def " in cell.source:
            last = cell.source.rstrip().split("\n")[-1]
            indent = last[: len(last) - len(last.lstrip())]
            cell.source = f"{cell.source.rstrip()}\n{indent}raise NotImplementedError\n"
    return {"ps8.ipynb": nbformat.writes(notebook).encode()}


PACKED = {
    "zip in zip": nested,
    "tar.gz": tarred,
    "script": exported,
    "beside a blank one": beside_a_blank,
    "among many": among_many,
    "stubs left": with_stubs_left,
}


def wrecked(name: str, draw: random.Random) -> tuple[Files, Scores]:
    """Nothing that could be graded."""
    return WRECKS[draw.choice(sorted(WRECKS))], dict.fromkeys(possible(), 0.0)


def hostile(name: str, draw: random.Random) -> tuple[Files, Scores]:
    """A right one with something hostile in the cell of `softmax_loss`, which may cost that question."""
    code, costs = HOSTILE[draw.choice(sorted(HOSTILE))]
    notebook, expected = solved("ps8"), possible()
    cell = cell_of(notebook, "softmax_loss-answer")
    assert cell is not None
    cell.source = f"{code}\n{cell.source}\n# {name}" if costs else f"{cell.source}\n# {name}\n{code}"
    expected["softmax_loss"] *= not costs
    return {"ps8.ipynb": nbformat.writes(notebook).encode()}, expected


def write_class(course: Path, count: int) -> dict[str, Scores]:
    """Writes the submissions; returns the scores that each must get. One in ten is broken, wrecked or hostile, in turn."""
    odd, expected = (broken, wrecked, hostile), {}
    for number in range(count):
        name, draw = f"student{number:04}", random.Random(number)
        kind = odd[number // 10 % 3] if number % 10 == 0 else plain
        called = ODD_NAMES[number // 10 % len(ODD_NAMES)].format(name) if number % 10 == 5 else name
        folder = course / "submitted" / called / ASSIGNMENT
        folder.mkdir(parents=True)
        files, expected[called] = kind(name, draw)
        for file, content in files.items():
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_bytes(content)
    return expected


def main(count: int = 1000) -> None:
    """`grade.soak`: how many of the submissions are accounted for, in percent.

    Raises:
        RuntimeError: naming them, if any is missing or has another score than it should.
    """
    with tempfile.TemporaryDirectory(prefix="ps8-soak-") as name:
        course = new_course(Path(name) / "course", True)
        expected = write_class(course, count)
        took = grade(course, CORES)
        got = scores(course)
    wrong = {}
    for student, right in expected.items():
        scored = {question: got.get(student, {}).get(question) for question in right}
        if scored != right:
            wrong[student] = {name: (scored[name], right[name]) for name in right if scored[name] != right[name]}
    figure = {"value": round(100 * (count - len(wrong)) / count, 2), "unit": "%", "submissions": count}
    record("grade.soak", {**figure, **{what: round(took[what], 2) for what in ("seconds", "cpu", "peak_memory_mb")}})
    if wrong or took["failed"] or took["stopped"]:
        raise RuntimeError(f"not as expected: {wrong} {took['failed']} {took['stopped']}")
