"""The same attacks against three graders: nbgrader as it comes, nbgrader with a jailed kernel, and ours.

The first two judge by assertions in the student's kernel, as nbgrader's users do. On the first of them student code runs with
the instructor's rights, so each of its submissions is graded in a bubblewrap of its own, where copies are all it can harm.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch
from nbformat import NotebookNode
from nbjudge.ground.atomic_files import write_whole
from nbjudge.jail import mounts, provisioner, reasons_unavailable

from autograder.course_notebooks import source
from autograder.judge.reference import namespace
from autograder.paths import ASSIGNMENT, DATA, ROOT
from benchmarks.results_file import machine
from trials.attacks import FAMILIES, Attack, catalogue
from trials.attacks.arena import plant
from trials.attacks.base import QUESTION
from trials.attacks.battle import battle
from trials.classroom.mutations import cell_of

RESULTS = Path(__file__).with_name("attacks.json")
GRADERS = {
    "stock": "nbgrader, its own kernel, assertions in it",
    "jailed": "nbgrader, our jail as its kernel, assertions in it",
    "ours": "jail, and the judge outside it",
}
SECONDS = 300.0  # for one disposable run, everything included
_CELLS = ("given-setup", "encoder-answer", "encoder", f"{QUESTION}-answer", QUESTION, "report_numbers")
_TESTS = {
    "encoder": """code = Encoder()(torch.linspace(-1, 1, 2 * 3 * 64 * 64).reshape(2, 3, 64, 64))
assert code.shape == (2, 24, 4, 4)
assert [tuple(p.shape) for p in Encoder().parameters()] == {encoder}
""",
    QUESTION: """scores = torch.sin(torch.arange(45.0)).reshape(5, 9, 1)
assert torch.allclose(SoftmaxLoss()(scores), torch.tensor({loss:.4f}), atol=1e-3)
assert torch.allclose(SoftmaxLoss()(torch.zeros(1, 4, 1)), torch.tensor({equal:.4f}), atol=1e-3)
""",
}


def asserting() -> NotebookNode:
    """The two questions that attacks are after, with hidden tests as one writes them for nbgrader: inputs, results, asserts."""
    right, notebook = namespace(), source(ASSIGNMENT)
    loss = right["SoftmaxLoss"]()
    known = {
        "encoder": [tuple(parameter.shape) for parameter in right["Encoder"]().parameters()],
        "loss": float(loss(torch.sin(torch.arange(45.0)).reshape(5, 9, 1))),
        "equal": float(loss(torch.zeros(1, 4, 1))),
    }
    notebook.cells = [cell for name in _CELLS if (cell := cell_of(notebook, name)) is not None]
    for name, test in _TESTS.items():
        cell = cell_of(notebook, name)
        assert cell is not None
        seen = cell.source.split("### BEGIN HIDDEN TESTS")[0]
        cell.source = f"{seen}### BEGIN HIDDEN TESTS\n{test.format(**known)}### END HIDDEN TESTS"
    return notebook


def planted(folder: Path) -> Path:
    """A course for nbgrader as it comes, its gradebook made, one honest submission graded. No hostile code is near."""
    plant(folder, asserting())
    course = folder / "course"
    (course / "source" / ASSIGNMENT / "nce.ipynb").unlink()
    config = "c = get_config()\nc.ExecutePreprocessor.timeout = 30\n"
    (course / "nbgrader_config.py").write_text(config + "c.CourseDirectory.release_directory = 'release'\n")
    for arguments in (["generate_assignment", ASSIGNMENT], ["autograde", ASSIGNMENT, "--student", "ada"]):
        command = [str(Path(sys.executable).with_name("nbgrader")), *arguments]
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # where nbgrader looks for the program alembic
        subprocess.run(command, cwd=course, env={**os.environ, "PATH": path}, check=True, capture_output=True)
    spec = folder / "jupyter" / "kernels" / "python3"  # for the jailed grader: the notebook's kernel is our jail
    spec.mkdir(parents=True)
    kernel = json.loads((Path(provisioner.__file__).parent / "kernelspec" / "nbjudge-jail" / "kernel.json").read_text())
    kernel["metadata"]["kernel_provisioner"]["config"] = {"settings_from": "autograder.kernel_setup:ps8_settings"}
    (spec / "kernel.json").write_text(json.dumps(kernel))
    return folder


def disposable_run(attack: Attack, template: Path, grader: str) -> dict[str, Any]:
    """What an attack achieves on nbgrader. Runs where there is no network, no file to change, and nothing to find.

    Args:
        attack: whose submission to grade.
        template: the planted course; copied inside.
        grader: `stock` or `jailed`.
    """
    return thrown_away("benchmarks.disposable", attack.id, template, _environment(grader))


def thrown_away(module: str, attack: str, template: Path, env: Mapping[str, str]) -> dict[str, Any]:
    """Runs a module for an attack in a bubblewrap that is gone afterwards, and gives the JSON that it prints last.

    Args:
        module: what to run there, as process 1.
        attack: its argument.
        template: a folder that it finds as `/planted`, and can only read.
        env: all that its environment holds.
    """
    argv = ["bwrap", "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--as-pid-1", "--clearenv"]
    argv += ["--uid", "0", "--gid", "0", "--cap-add", "ALL", "--proc", "/proc", "--dev", "/dev"]
    for place in ("/tmp", "/root", "/home", "/run"):
        argv += ["--size", str(1 << 30), "--tmpfs", place]
    for place in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc"):
        argv += ["--ro-bind-try", place, place]
    parts = ("autograder", "assignment", "nbjudge", "solution", "trials", "benchmarks")
    shown = [*mounts.python_places(), *(ROOT / part for part in parts)]
    for path in [*shown, ROOT / "pyproject.toml", DATA]:
        argv += ["--ro-bind", str(path), str(path)]
    argv += ["--ro-bind", str(template), "/planted", "--chdir", str(ROOT)]
    for name, value in env.items():
        argv += ["--setenv", name, value]
    argv += ["--", sys.executable, "-m", module, attack]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS, check=False)
    try:
        return dict(json.loads(done.stdout.rstrip().rsplit("\n", 1)[-1]))
    except ValueError:
        raise RuntimeError(f"{attack} in {module}: no outcome\n{done.stderr[-2000:]}") from None


PLAIN = {
    "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry and Path(entry).is_relative_to(ROOT)),
    "LANG": "C.UTF-8",
    "HOME": "/root",
    "OMP_NUM_THREADS": "1",
}


def _environment(grader: str) -> Mapping[str, str]:
    return PLAIN | ({"JUPYTER_PATH": "/planted/jupyter"} if grader == "jailed" else {})


def main(graders: Sequence[str] = tuple(GRADERS)) -> None:
    """Runs every attack on the graders, writes attacks.json after each of them, and prints the table."""
    if reasons_unavailable():
        sys.exit("This needs bubblewrap: " + "; ".join(reasons_unavailable()))
    attacks = catalogue()
    with tempfile.TemporaryDirectory(prefix="ps8-bench-") as name:
        template = planted(Path(name, "planted"))
        for grader in graders:
            print(f"{len(attacks)} attacks on {GRADERS[grader]}", flush=True)
            achieved = ours(Path(name, grader), attacks) if grader == "ours" else theirs(template, attacks, grader)
            rows = write(grader, attacks, dict(achieved))
    print(as_text(rows))
    beaten = [a["id"] for a in rows if a.get("ours", {}).get("gained") or a.get("ours", {}).get("leaked")]
    if beaten:
        sys.exit(f"Ours did not withstand {', '.join(beaten)}.")


def ours(folder: Path, attacks: tuple[Attack, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """All attacks in one class. What they changed outside, and whom they kept waiting, is said by their tests."""
    with battle(folder, attacks) as ended:
        for attack in attacks:
            gained = sum(max(0.0, points) for points in ended.gained(attack).values())
            yield attack.id, {"gained": gained, "leaked": ended.leaked(attack), "graded": attack.name in ended.scores}


def theirs(template: Path, attacks: tuple[Attack, ...], grader: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each attack on its own, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        tried = {a.id: pool.submit(disposable_run, a, template, grader) for a in attacks if grader != "stock" or not a.harmful}
        for attack in attacks:
            yield attack.id, tried[attack.id].result() if attack.id in tried else {"not tried": attack.harmful}


def write(grader: str, attacks: tuple[Attack, ...], achieved: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Puts a grader's column into attacks.json; gives all its rows."""
    before = json.loads(RESULTS.read_text(encoding="utf-8"))["attacks"] if RESULTS.exists() else []
    known = {row["id"]: {name: row[name] for name in GRADERS if name in row} for row in before}
    rows = [
        {
            "id": a.id,
            "family": a.family,
            "of": FAMILIES[a.family],
            "tries": a.tries,
            **known.get(a.id, {}),
            grader: achieved[a.id],
        }
        for a in attacks
    ]
    written = json.dumps({"graders": GRADERS, "attacks": rows, "machine": machine()}, indent=1, ensure_ascii=False)
    write_whole(RESULTS, written + "\n")
    return rows


def as_text(rows: list[dict[str, Any]]) -> str:
    """A line an attack: points gained and secrets leaked on each grader, and a last line that counts."""
    lines = [f"{'':4}{'attack':20}" + "".join(f"{grader:>8} gained  leaked" for grader in GRADERS)]
    for attack in rows:
        cells = "".join(
            f"{_short(attack.get(grader), 'gained'):>15}{_short(attack.get(grader), 'leaked'):>8}" for grader in GRADERS
        )
        lines.append(f"{attack['family']:>2}  {attack['id']:20}{cells}  {attack['tries']}")
    counts = [sum(bool(attack.get(g, {}).get(what)) for attack in rows) for g in GRADERS for what in ("gained", "leaked")]
    lines.append(f"{len(rows):>2}  {'succeeded':20}" + "".join(f"{n:>{15 if i % 2 == 0 else 8}}" for i, n in enumerate(counts)))
    return "\n".join(lines)


def _short(outcome: Mapping[str, Any] | None, what: str) -> str:
    if outcome is None or "not tried" in outcome:
        return "-"
    return f"{outcome[what]:g}" if what == "gained" else str(len(outcome[what]))
