"""The kit's tests where students are: the oldest and the newest Python and libraries that it says it works with.

`python tools/matrix.py` has uv make an environment for each, in .matrix/, and runs the tests in it. An environment that
cannot be had fails the run, and says why. With PyTorch's CUDA builds each takes some 3 GB; UV_TORCH_BACKEND=cpu has uv
take the CPU's instead.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
RUNS = (("-m", "not slow", "tests/ps8"), ("tests/assignment/test_new_student.py",))  # of pytest
RUNNERS = {"hatchling", "hypothesis", "pytest", "pytest-timeout", "pytest-xdist"}  # of the list `dev`: what these tests take
TOLD = ("torch", "torchvision", "numpy", "scikit-image", "matplotlib")


@dataclass(frozen=True)
class Environment:
    """A Python and which editions of what the kit needs: uv's `lowest-direct`, those that it declares, or `highest`."""

    python: str
    resolution: str

    @property
    def folder(self) -> Path:
        return ROOT / ".matrix" / f"{self.python}-{self.resolution}"

    def __str__(self) -> str:
        return f"Python {self.python}, {'the lowest declared' if self.resolution.startswith('lowest') else 'the newest'}"


ENVIRONMENTS = (Environment("3.10", "lowest-direct"), Environment("3.13", "highest"))


class CannotBeMade(Exception):
    """An environment could not be had."""


def make(environment: Environment, uv: str) -> str:
    """Makes an environment anew; gives the editions in it.

    Raises:
        CannotBeMade: with uv's own words.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    runners = [line for line in project["optional-dependencies"]["dev"] if re.match(r"[\w-]+", line)[0] in RUNNERS]  # type: ignore[index]
    python = str(environment.folder / "bin" / "python")
    pip = [uv, "pip", "install", "--quiet", "--python", python]
    _run([uv, "venv", "--quiet", "--clear", "--python", environment.python, str(environment.folder)])
    _run([*pip, "--resolution", environment.resolution, *project["dependencies"]])
    _run([*pip, "./nbjudge", "pip", *runners])  # what is there already stays; Colab has pip, and uv makes none
    listed = dict(line.split("==") for line in _run([uv, "pip", "freeze", "--python", python]).split() if "==" in line)
    return ", ".join(f"{name} {listed.get(name, 'is missing')}" for name in TOLD)


def _run(command: Sequence[str]) -> str:
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if ran.returncode:
        raise CannotBeMade(f"{' '.join(command)} ended with {ran.returncode}:\n{(ran.stderr or ran.stdout).strip()}")
    return ran.stdout


def tested(environment: Environment, variables: Mapping[str, str]) -> bool:
    """Whether all tests pass in an environment; pytest says which do not."""
    path = os.pathsep.join(map(str, (ROOT / "nbjudge" / "src", ROOT, ROOT / "assignment")))
    python = str(environment.folder / "bin" / "python")
    codes = [
        subprocess.run([python, "-m", "pytest", "-q", *run], cwd=ROOT, env={**variables, "PYTHONPATH": path}).returncode
        for run in RUNS
    ]
    return not any(codes)


def main() -> int:
    """Makes and tries all environments and returns the exit code: 0 only if every one was made and passed."""
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if uv is None:
        print("uv, which makes the environments, is not here: run  make setup , or  pip install uv .", file=sys.stderr)
        return 1
    told, right = [], True
    for environment in ENVIRONMENTS:
        begin = time.monotonic()
        print(f"{environment}: making {environment.folder}", flush=True)
        try:
            editions = make(environment, uv)
        except CannotBeMade as error:
            told.append(f"{environment}: NOT TESTED, its environment cannot be made here. {error}")
            right = False
            continue
        made = time.monotonic()
        print(f"{environment}: {editions}", flush=True)
        passed = tested(environment, os.environ)
        right &= passed
        seconds = f"{made - begin:.0f} s to make, {time.monotonic() - made:.0f} s to test"
        told.append(f"{environment}: {'passed' if passed else 'FAILED'} ({editions}; {seconds})")
    print("\n".join(["", *told]), file=sys.stdout if right else sys.stderr)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
