"""Evidence on disk, so that nothing is run twice: by what the submission does, what it is asked, and what it runs in."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from nbformat import NotebookNode

from nbjudge.assignment import Assignment
from nbjudge.gather.gathered import Gathered, Incident, OrdinaryTest
from nbjudge.ground.atomic_files import write_whole
from nbjudge.ground.code_digest import digest_of, imported
from nbjudge.ground.notebooks import new_node
from nbjudge.inputs import files_of, installed, shown_digest
from nbjudge.jail.mounts import INSIDE

_META = "gathered.json"
_DIGEST = hashlib.sha256().digest_size  # bytes at the start of a file


# What runs a notebook. What is shown to it is read by the jail's processes or by students, and not imported here.
_CODE = ("nbjudge.gather.notebook_run", "nbjudge.jail.provisioner", "nbjudge.jail.manager")
_PACKAGES = ("ipython", "ipykernel", "nbclient")


@functools.cache
def environment(assignment: Assignment) -> str:
    """A digest of all that evidence depends on besides the submission.

    That is what kernels are shown, what decides which cells run and where, what runs them, and the versions they run on.
    """
    jail = assignment.jail()
    if jail.data is not None and jail.data_counts:
        assignment.make_ready()  # what is made now would be another input later
    files = [*imported(_CODE), *INSIDE.rglob("*.py"), *files_of(jail)]
    parts = [digest_of(files), sys.version, shown_digest(jail), *installed(assignment, *_PACKAGES)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def evidence_key(content: bytes, seeds: Mapping[str, int | None], assignment: Assignment) -> str:
    """The name under which a submission's evidence is kept: 64 hexadecimal digits."""
    asked = json.dumps([dict(seeds), asdict(assignment.limits()), environment(assignment)], sort_keys=True, default=str)
    return hashlib.sha256(content + asked.encode()).hexdigest()


class EvidenceCache:
    """A folder of evidence. A file is there as a whole or not at all; a damaged one is removed, and gathered anew.

    Each file is a digest of its name and of the rest, and the rest: a zip archive.

    Args:
        folder: made when something is first kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name[:2] / f"{name}.evidence"

    def load(self, name: str) -> Gathered | None:
        """What was kept under a name, None if nothing whole was."""
        try:
            content = self.path(name).read_bytes()
        except FileNotFoundError:
            return None
        if content[:_DIGEST] != _digest(name, content[_DIGEST:]):
            self.path(name).unlink()
            return None
        with zipfile.ZipFile(io.BytesIO(content[_DIGEST:])) as archive:
            meta = json.loads(archive.read(_META))
            evidence = {question: archive.read(question) for question in meta.pop("evidence")}
        outputs = {cell: [_node(o) for o in outs] for cell, outs in meta.pop("outputs").items()}
        tests = {name: OrdinaryTest(**test) for name, test in meta.pop("tests").items()}
        incidents = [Incident(**incident) for incident in meta.pop("incidents")]
        return Gathered(evidence=evidence, outputs=outputs, tests=tests, incidents=incidents, **meta)

    def keep(self, name: str, gathered: Gathered) -> None:
        """Keeps what was gathered, in one step."""
        meta = {
            "evidence": list(gathered.evidence),
            "problems": gathered.problems,
            "outputs": gathered.outputs,
            "tests": {name: asdict(test) for name, test in gathered.tests.items()},
            "incidents": [asdict(incident) for incident in gathered.incidents],
            "seconds": gathered.seconds,
        }
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(_META, json.dumps(meta))
            for question, blob in gathered.evidence.items():
                archive.writestr(question, blob)
        self._write(self.path(name), _digest(name, packed.getvalue()) + packed.getvalue())

    def _write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)


def _digest(name: str, content: bytes) -> bytes:
    return hashlib.sha256(name.encode() + content).digest()


def _node(value: object) -> NotebookNode:
    if isinstance(value, dict):
        return new_node({k: _node(v) for k, v in value.items()})
    return [_node(v) for v in value] if isinstance(value, list) else value  # type: ignore[return-value]
