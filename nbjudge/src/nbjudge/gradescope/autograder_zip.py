"""The zip that an instructor uploads to Gradescope. It holds the solution and the judge: it is for instructors only."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import shlex
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

import nbrepair
from packaging.requirements import Requirement

import nbjudge
from nbjudge import CONFIG
from nbjudge.assignment import Refusal
from nbjudge.gradescope.run_autograder import SETTINGS
from nbjudge.ground.atomic_files import write_whole
from nbjudge.ground.characters import one_line
from nbjudge.judge.secret import load_secret
from nbjudge.workspace import SECRET, Workspace

OWN = Path(__file__).parent
LARGEST = 100 * 2**20  # bytes that Gradescope takes
PUBLIC = ("public", "public-draft", "release")  # folders whose files students get
PUBLISHED = ".published"  # stands in a public tree
_LEFT_OUT = ("__pycache__", "checkpoints", "earlier_runs")  # made by programs, besides all that begins with a dot
_SUFFIXES = (".pyc", ".pth", ".part")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # so that the same course gives the same zip
CODE = "`code()` of the assignment, or lie beside nbgrader_config.py"
MARGIN = 30.0  # seconds before Gradescope's limit at which the grader stops, to say so


@dataclass
class AutograderZip:
    """The files of the zip.

    Attributes:
        files: contents by their path in it.
        programs: those that are started.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    programs: tuple[str, ...] = ("setup.sh", "run_autograder")

    @classmethod
    def of(cls, here: Workspace, minutes: float) -> AutograderZip:
        """That of an assignment.

        Args:
            here: the assignment, whose course directory may hold submissions and grades: none of it is taken.
            minutes: Gradescope's limit of an autograder's time.
        """
        made, code = cls(), here.assignment.code()
        for program, source in zip(made.programs, ("setup.sh", "run_autograder.py"), strict=True):
            made.files[program] = (OWN / source).read_bytes()
        made._add("course", here.root, (CONFIG, f"source/{here.id}", *_beside(here.root, code is not None)))
        made.files[f"course/{SECRET}"] = f"{derived(load_secret(here.secret))}\n".encode()
        for package in (nbjudge, nbrepair):
            folder = Path(str(package.__file__)).parent
            made._add("packages", folder.parent, (folder.name,))
        made._add_distribution("nbjudge")
        if code is not None:
            made._add("packages", code.root, code.parts)
        asked = dict.fromkeys(each for name in ("nbjudge", *here.assignment.distribution[:1]) for each in requirements_of(name))
        made.files["requirements.txt"] = "".join(f"{each}\n" for each in asked).encode()
        import_from = list(dict.fromkeys(["", *(code.import_from if code else ())]))
        settings = {"assignment": here.id, "seconds": 60.0 * minutes - MARGIN, "import_from": import_from}
        made.files[SETTINGS] = (json.dumps(settings, indent=1) + "\n").encode()
        return made

    def try_out(self) -> None:
        """Unpacks the files somewhere and has the course read there, as setup.sh does at its end.

        Raises:
            Refusal: if it cannot be, as where the course's configuration imports what is not among the files.
        """
        with tempfile.TemporaryDirectory(prefix="gradescope-", ignore_cleanup_errors=True) as folder:
            tree = Path(folder)
            python = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n'.encode()
            files = {f"source/{name}": data for name, data in self.files.items()} | {"venv/bin/python": python}
            for name, data in files.items():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                (tree / name).write_bytes(data)
            (tree / "venv" / "bin" / "python").chmod(0o755)
            command = [sys.executable, "-I", str(tree / "source" / "run_autograder"), "--prepare", str(tree)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            why = one_line("".join(done.stderr.strip().splitlines()[-1:])) or f"it ends with {done.returncode}"
            raise Refusal(f"With what is in the zip the course cannot be read: {why}. What it imports must be named by {CODE}.")

    def write(self, path: Path) -> None:
        """Writes the zip, in one step; only its owner can read it.

        Raises:
            Refusal: if it is larger than Gradescope takes, or would lie where students' files are published from.
        """
        demand_private(path)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in sorted(self.files.items()):
                info = zipfile.ZipInfo(name, _EPOCH)
                info.external_attr = (0o100755 if name in self.programs else 0o100644) << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, data)
        if (size := packed.getbuffer().nbytes) > LARGEST:
            raise Refusal(f"The zip has {size >> 20} MB, and Gradescope takes {LARGEST >> 20}: keep data out of source/.")
        write_whole(path, packed.getvalue(), mode=0o600)

    def _add(self, place: str, root: Path, parts: tuple[str, ...]) -> None:
        """Adds files and folders of a folder, below a place."""
        for part in parts:
            for path in _files(root / part):
                self.files[f"{place}/{path.relative_to(root).as_posix()}"] = path.read_bytes()

    def _add_distribution(self, name: str) -> None:
        """Adds by what Python knows a distribution as installed."""
        found = distribution(name)
        folder = f"packages/{name}-{found.version}.dist-info"
        for file in ("METADATA", "entry_points.txt"):
            if text := found.read_text(file):
                self.files[f"{folder}/{file}"] = text.encode()


def derived(secret: bytes) -> str:
    """The secret of the zip: it follows from the course's, so that each zip asks the same, and the course's not from it.

    Who gets hold of a zip knows what is asked on Gradescope, and not what `nbjudge grade` asks.
    """
    return hmac.new(secret, b"gradescope", hashlib.sha256).hexdigest()


def requirements_of(name: str) -> Iterator[str]:
    """What a distribution asks pip for, without its extras.

    Raises:
        Refusal: if it is not installed.
    """
    try:
        found = requires(name) or []
    except PackageNotFoundError:
        raise Refusal(f"The distribution {name} is not installed, so what it needs is not known: install it first.") from None
    for each in found:
        if "extra" not in str(Requirement(each).marker or ""):
            yield each


def demand_private(path: Path) -> None:
    """Looks whether a path lies in a folder that students' files are published from.

    Raises:
        Refusal: if it does.
    """
    where = [folder for folder in path.resolve().parents if folder.name in PUBLIC or (folder / PUBLISHED).exists()]
    if where:
        raise Refusal(
            f"{path} lies in {where[0]}, whose files students get, and the zip holds the solution: choose another --out."
        )


def _beside(root: Path, packed: bool) -> tuple[str, ...]:
    """The modules and packages beside the configuration, which it may import; none where the assignment names its code."""
    if packed:
        return ()
    modules = [path.name for path in root.glob("*.py")]
    return tuple(sorted({*modules, *(path.parent.name for path in root.glob(f"*/{'__init__.py'}"))} - {CONFIG}))


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for found in sorted(path.rglob("*")):
        parts = found.relative_to(path).parts
        hidden = any(part.startswith(".") or part in _LEFT_OUT for part in parts)
        if found.is_file() and not hidden and found.suffix not in _SUFFIXES:
            yield found
