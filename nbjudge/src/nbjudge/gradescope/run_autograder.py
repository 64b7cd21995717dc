#!/usr/bin/env python3
"""Gradescope starts this for each submission. Whatever happens, there is a results.json afterwards that says what happened.

The grading itself is a process of its own, in the environment that setup.sh has made. Only the standard library is imported
here, so that this works where that environment does not.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SETTINGS = "gradescope.json"  # in the zip
GRADER = "nbjudge.gradescope.one_submission"
FAULT = (
    "Your submission was not graded: {what} The 0 is no grade, and no fault of yours. Your instructor can see why, and has it "
    "graded again: you need not submit it again."
)
TOO_LONG = (
    "Your submission was not graded: that took more than {minutes:g} minutes, and was stopped. If your code waits for "
    "something, such as sleep() or a download, take that out and submit again; if not, tell your instructor."
)
# To run student code where it cannot be jailed, with the rights of this script: it can then read the solution in the zip
# and write its own results. Take the # away if you accept that.
# os.environ["NBJUDGE_UNJAILED"] = "1"


def failed(says: str) -> dict[str, Any]:
    """The results of a submission of which nothing is known. Gradescope wants a number: the text says why it is 0."""
    return {
        "score": 0.0,
        "visibility": "visible",
        "stdout_visibility": "hidden",  # for instructors only
        "output_format": "text",
        "output": says,
        "extra_data": {"state": "not graded"},
    }


def main(arguments: list[str]) -> int:
    """Grades the submission in a tree as Gradescope has it, by default /autograder; with `--prepare` makes ready for that."""
    prepare = "--prepare" in arguments
    tree = Path(next((given for given in arguments if given != "--prepare"), "/autograder")).resolve()
    if prepare:
        env = _environment(tree, _settings(tree))
        return subprocess.run(_command(tree, "--prepare"), cwd=_packages(tree), env=env, check=False).returncode
    results = tree / "results" / "results.json"
    results.parent.mkdir(parents=True, exist_ok=True)
    _write(results, failed(FAULT.format(what="the grader was ended before it had come to its end.")))
    scratch = Path(tempfile.mkdtemp(prefix="gradescope-"))
    try:
        told = _graded(tree, scratch)
    except Exception as error:
        print(f"run_autograder: {type(error).__name__}: {error}", flush=True)
        told = failed(FAULT.format(what="the autograder is not set up as it should be."))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _write(results, told)
    return 0


def _graded(tree: Path, scratch: Path) -> dict[str, Any]:
    """Has the submission graded by another process, which is not waited for too long."""
    settings = _settings(tree)
    out, seconds = scratch / "results.json", float(settings["seconds"])
    process = subprocess.Popen(
        _command(tree, str(out)),
        cwd=_packages(tree),  # Python looks for modules there
        env=_environment(tree, settings) | {"TMPDIR": str(scratch)},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        print(
            f"run_autograder: stopped after {seconds:g} seconds; `--minutes` of `nbjudge gradescope` says how long it may take"
        )
        return failed(TOO_LONG.format(minutes=round(seconds / 60, 1)))
    finally:
        _end(process)
    if status:
        how = signal.Signals(-status).name if status < 0 else f"status {status}"
        print(f"run_autograder: the grader ended with {how}", flush=True)
        return failed(FAULT.format(what="the grader ended before it had come to its end."))
    told = json.loads(out.read_text("utf-8"))
    if not isinstance(told.get("score"), (int, float)) or not math.isfinite(told["score"]):
        raise ValueError(f"the grader gave {told.get('score')!r} as the score")
    return dict(told)


def _settings(tree: Path) -> dict[str, Any]:
    return dict(json.loads((tree / "source" / SETTINGS).read_text("utf-8")))


def _packages(tree: Path) -> Path:
    return tree / "source" / "packages"


def _command(tree: Path, *arguments: str) -> list[str]:
    return [str(tree / "venv" / "bin" / "python"), "-m", GRADER, str(tree), *arguments]


def _environment(tree: Path, settings: dict[str, Any]) -> dict[str, str]:
    """That of the grader: of this script's, what is neither Python's nor nbgrader's."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NBGRADER"))}
    env["PYTHONPATH"] = os.pathsep.join(str(_packages(tree) / folder) for folder in settings["import_from"])
    return env | {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the grader and what it has left behind."""
    with contextlib.suppress(OSError):  # nothing is left
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _write(path: Path, told: dict[str, Any]) -> None:
    """Writes the file in one step, in the place of whatever lies there."""
    partial = path.with_name(f".{os.urandom(8).hex()}.part")
    partial.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    os.replace(partial, path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
