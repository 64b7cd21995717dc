"""Which of a submission's files are looked at, under which names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbjudge.repair.candidates import stem
from nbjudge.repair.intake import artifacts
from ps8.artifacts import RESULTS

from autograder.artifacts.networks import ROWS

PROBES = {f"probe_{row}.pth": row for row in ROWS}
WEIGHTS = ("ae.pth", "encoder_cmc.pth", *PROBES)


@dataclass(frozen=True)
class Files:
    """The artifacts of one submission.

    Attributes:
        results: the bytes of `results.json`; None if it was not handed in.
        weights: name of `WEIGHTS` -> its bytes.
        remarks: what was not read, or not known, a sentence each.
    """

    results: bytes | None = None
    weights: Mapping[str, bytes] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.results is not None or bool(self.weights)

    def digest(self) -> str:
        """Of names and contents: 64 hexadecimal digits."""
        digest = hashlib.sha256()
        for name, data in [(RESULTS, self.results), *sorted(self.weights.items())]:
            if data is not None:
                digest.update(f"{name}\0{len(data)}\0".encode() + data)
        digest.update("\0".join(self.remarks).encode())
        return digest.hexdigest()


class ArtifactFolder:
    """A submission's folder, read when its turn has come, or when it is sent to another process: no class is held in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sent: Files | None = None

    def files(self) -> Files:
        return self._sent or take(self.folder)

    def __getstate__(self) -> dict[str, Any]:
        return {"folder": self.folder, "_sent": self.files()}


def take(folder: Path) -> Files:
    """Those in a submission's folder, its subfolders and zip archives. Follows no link, raises nothing for what is there."""
    found = artifacts(folder, expected=(RESULTS, *WEIGHTS))
    return known(found.files, found.remarks)


def known(files: Mapping[str, bytes], remarks: list[str] | None = None) -> Files:
    """Those of the files that the assignment asks for.

    `probe_cmc (1).pth`, as browsers write it, counts as `probe_cmc.pth`, and so does `probe_cmc.safetensors`.

    Args:
        files: name -> bytes.
        remarks: what was said about files before.
    """
    said = list(remarks or ())
    taken: dict[str, bytes] = {}
    for name in sorted(files, key=lambda name: (name != name.lower(), len(name), name)):
        meant = _meant(name)
        if meant is None:
            said.append(f"{name} is no file that the assignment asks for, and was not looked at.")
        elif meant in taken:
            if files[name] != taken[meant]:
                said.append(f"There were several files for {meant}: {name} was left out.")
        else:
            taken[meant] = files[name]
    results = taken.pop(RESULTS, None)
    return Files(results, taken, tuple(said))


def _meant(name: str) -> str | None:
    for ending, meant in ((".pth", ".pth"), (".safetensors", ".pth"), (".json", ".json")):
        if name.lower().endswith(ending):
            plain = stem(name[: -len(ending)]) + meant
            return plain if plain in (RESULTS, *WEIGHTS) else None
    return None
