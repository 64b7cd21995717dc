"""The files of trainings: one for each training and the code and settings that it is of, each written whole.

    checkpoints/photo_sample-quick-42/ae-1a2b3c4d.ckpt

A file is found again by what its training is made of: who changes the code and then
changes it back finds the earlier training again.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final
from zlib import crc32

from ps8.atomic_write import write_whole

from .world import ReachableObjects

WORK_VARIABLE: Final = "PS8_WORK"
DRIVE: Final = Path("/content/drive/MyDrive")  # where Colab mounts a student's Drive
FOLDER: Final = "checkpoints"
ENDING: Final = ".ckpt"
FORMAT: Final = 1  # one more with every change of what is in a file: an older one is then left alone
EARLIER: Final = 3  # files of the same training with other code that are kept, besides the one that was trained longest


@dataclass
class Made:
    """What a training is made of: with all of it the same, it comes to the same numbers.

    Attributes:
        seed: the last that `seed_everything` got.
        code: function or method -> digest of its code.
        leaves: plain values at the beginning, by where they stand.
        kinds: digest of what is put back, in order.
        python: the version, of which the code's digests are.
    """

    seed: int | None
    code: dict[str, str]
    leaves: dict[str, str]
    kinds: str
    python: str = f"{sys.version_info.major}.{sys.version_info.minor}"

    @classmethod
    def of(cls, world: ReachableObjects, leaves: dict[str, str], seed: int | None) -> Made:
        """Of a training that is about to begin."""
        return cls(seed, world.code, leaves, sha256("\n".join(world.kinds()).encode()).hexdigest()[:16])

    def changed(self, now: Made, varying: set[str]) -> list[str]:
        """What is different now, by name; what training itself changes, `varying`, may differ."""
        if self.python != now.python:
            return [f"Python {self.python}"]
        found = [f"{name}()" for name in sorted({*self.code, *now.code}) if self.code.get(name) != now.code.get(name)]
        names = sorted({*self.leaves, *now.leaves} - varying)
        found += [name for name in names if self.leaves.get(name) != now.leaves.get(name)]
        if self.seed != now.seed:
            found.append("the seed")
        return found or ["what the code builds"] if found or self.kinds != now.kinds else []


@dataclass
class Checkpoint:
    """The head of a file.

    Attributes:
        epochs: how many are done.
        of: how many there are to be.
        made: what it is made of.
        varying: names of plain values that training changes.
        path: of the file.
    """

    epochs: int
    of: int
    made: Made
    varying: list[str] = field(default_factory=list)
    path: Path = field(default_factory=Path)

    def write(self, payload: bytes) -> None:
        """Writes head and payload in the place of what was there.

        Raises:
            OSError: if they cannot be written.
        """
        head = {**asdict(self), "path": None, "format": FORMAT, "bytes": len(payload), "crc": crc32(payload)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, lambda partial: partial.write_bytes(json.dumps(head).encode() + b"\n" + payload))

    def payload(self) -> bytes:
        """What was written under the head.

        Raises:
            ValueError: if it is damaged.
        """
        line, _, data = self.path.read_bytes().partition(b"\n")
        head = json.loads(line)
        if len(data) != head["bytes"] or crc32(data) != head["crc"]:
            raise ValueError("it was cut short or changed")
        return data


def root() -> Path:
    """The folder of all trainings: in the folder that PS8_WORK names, else on a mounted Drive, else here."""
    if os.environ.get(WORK_VARIABLE):
        return Path(os.environ[WORK_VARIABLE]) / FOLDER
    return (DRIVE / "ps8" if DRIVE.is_dir() else Path()) / FOLDER


def read_head(path: Path) -> Checkpoint | None:
    """The head of a file; None if it is none of this edition, or damaged."""
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline())
        if head["format"] != FORMAT:
            return None
        return Checkpoint(int(head["epochs"]), int(head["of"]), Made(**head["made"]), list(head["varying"]), path)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def found(folder: Path, name: str) -> list[Checkpoint]:
    """The files of a training, the longest first."""
    heads = [head for path in sorted(folder.glob(f"{name}-*{ENDING}")) if (head := read_head(path)) is not None]
    return sorted(heads, key=lambda head: -head.epochs)


def new(folder: Path, name: str, made: Made, of: int) -> Checkpoint:
    """A file that is not there yet, for a training that begins."""
    digest = sha256(json.dumps(asdict(made), sort_keys=True).encode()).hexdigest()[:8]
    names = (f"{name}-{digest}{more}{ENDING}" for more in ("", *(f"-{n}" for n in range(2, 10_000))))
    return Checkpoint(0, of, made, path=next(path for each in names if not (path := folder / each).exists()))


def prune(folder: Path, name: str, current: Path) -> None:
    """Deletes the oldest files of a training with other code; never the current one, nor the one that was trained longest."""
    others = [head for head in found(folder, name)[1:] if head.path != current]
    others.sort(key=lambda head: head.path.stat().st_mtime, reverse=True)
    for head in others[EARLIER:]:
        head.path.unlink(missing_ok=True)
