"""Evidence on disk, so that nothing is run twice: by what the hand-in does, what it is asked, and what it runs in."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from nbformat import NotebookNode

from autograder.gather.run import Gathered
from autograder.jail import Limits
from autograder.paths import COLLECTOR, KIT

_META = "gathered.json"


@functools.cache
def environment() -> str:
    """A digest of all that evidence depends on besides the hand-in: the kit, the collector, and the versions they run on."""
    digest = hashlib.sha256()
    for root in (KIT, COLLECTOR):
        for path in sorted(root.rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    versions = [sys.version, *(f"{name} {version(name)}" for name in ("torch", "torchvision", "numpy", "ipykernel"))]
    digest.update("\n".join(versions).encode())
    return digest.hexdigest()


def key(content: bytes, seeds: Mapping[str, int], limits: Limits) -> str:
    """The name under which a hand-in's evidence is kept: 64 hexadecimal digits."""
    asked = json.dumps([dict(sorted(seeds.items())), asdict(limits), environment()], sort_keys=True, default=str)
    return hashlib.sha256(content + asked.encode()).hexdigest()


class Cache:
    """A folder of evidence. A file is there as a whole or not at all; a damaged one is gathered anew.

    Args:
        folder: made when something is first kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name[:2] / f"{name}.zip"

    def load(self, name: str) -> Gathered | None:
        """What was kept under a name, None if nothing (readable) was."""
        try:
            with zipfile.ZipFile(self.path(name)) as archive:
                meta = json.loads(archive.read(_META))
                evidence = {question: archive.read(question) for question in meta.pop("evidence")}
        except (OSError, zipfile.BadZipFile, KeyError, ValueError):
            return None
        outputs = {int(i): [_node(o) for o in outs] for i, outs in meta.pop("outputs").items()}
        return Gathered(evidence=evidence, outputs=outputs, **meta)

    def keep(self, name: str, gathered: Gathered) -> None:
        """Keeps what was gathered, in one step."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        meta = {
            "evidence": list(gathered.evidence),
            "problems": gathered.problems,
            "outputs": gathered.outputs,
            "remarks": gathered.remarks,
            "seconds": gathered.seconds,
        }
        descriptor, partial = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w") as archive:
                archive.writestr(_META, json.dumps(meta))
                for question, blob in gathered.evidence.items():
                    archive.writestr(question, blob)
            os.replace(partial, path)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise


def _node(value: object) -> NotebookNode:
    if isinstance(value, dict):
        return NotebookNode({k: _node(v) for k, v in value.items()})
    return [_node(v) for v in value] if isinstance(value, list) else value  # type: ignore[return-value]
