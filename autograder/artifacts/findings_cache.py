"""Findings on disk, so that no weights are measured twice: by the files, the images, and the code that looks at them."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path

from nbjudge.gather.evidence_cache import environment
from nbjudge.ground.atomic_files import write_whole
from nbjudge.ground.code_digest import digest_of, imported
from ps8.data import DataError

from autograder.artifacts.artifact_files import Files
from autograder.artifacts.findings import Findings
from autograder.artifacts.held_out_images import held_out
from autograder.judge.reference import MODULES
from autograder.paths import SOLUTION

# What looks at the files here, and what reads weights in a jail of its own.
_CODE = ("autograder.artifacts.examination", "autograder.collector.weights")


@functools.cache
def code() -> str:
    """A digest of the code that findings follow from."""
    from autograder.definition import PS8  # which asks for findings itself

    files = [*imported(_CODE), *(SOLUTION / f"{module}.py" for module in MODULES)]
    return hashlib.sha256(f"{environment(PS8)}\0{digest_of(files)}".encode()).hexdigest()


def images_id(files: Files, data: Path) -> str:
    """What tells the images that a submission is measured on from others; empty if there is nothing to measure."""
    try:
        return held_out(data).id if files.weights else ""
    except DataError as error:
        return str(error)


def key(files: Files, data: Path) -> str:
    """The name under which a submission's findings are kept: 64 hexadecimal digits."""
    return hashlib.sha256(f"{files.digest()}\0{images_id(files, data)}\0{code()}".encode()).hexdigest()


class FindingsCache:
    """A folder of findings. A file is there as a whole or not at all; a damaged one is measured anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name[:2] / f"{name}.artifacts.json"

    def load(self, name: str) -> Findings | None:
        """What was kept under a name, None if nothing (readable) was."""
        try:
            return Findings.from_json(json.loads(self.path(name).read_text()))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep_if_any(self, name: str, findings: Findings | None) -> None:
        """Keeps findings, unless they could not be made where they were asked for."""
        if findings is not None:
            self.keep(name, findings)

    def keep(self, name: str, findings: Findings) -> None:
        """Keeps findings, in one step."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(findings.as_json()))
