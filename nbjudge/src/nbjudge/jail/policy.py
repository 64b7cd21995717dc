"""The bounds of one hand-in, and the choices an instructor has about the jail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from autograder.paths import COLLECTOR, DATA, KIT
from nbjudge.ground.environment import flag

MiB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one hand-in may use. Every bound holds for the hand-in as a whole unless it says "each".

    Change one in `course.toml` under `[grading.limits]`, by these names.
    """

    cpu_seconds_per_cell: int = 5  # of all processes; the slowest answer of the lesson takes 0.06 (see README.md)
    seconds_per_cell: int = 60  # wall clock, for cells that wait; after both, the cell is interrupted, then the kernel ended
    cpu_seconds: int = 120  # of the whole notebook: all processes of all its kernels, and each by itself
    seconds_per_notebook: int = 600  # wall clock of the whole notebook
    memory_bytes: int = 2048 * MiB  # of all processes, beyond files; each process has a hard bound of about this
    processes: int = 128  # processes and threads
    open_files: int = 512  # of each process
    written_bytes: int = 256 * MiB  # in each of /tmp, the home folder and /dev/shm; also the longest file
    evidence_bytes: int = 64 * MiB  # in the folder that the judge reads
    output_bytes: int = 32 * MiB  # of cell outputs that the grader accepts; what comes later is dropped
    message_bytes: int = 8 * MiB  # each message from the kernel; a longer one ends the kernel

    def __post_init__(self) -> None:
        for limit in fields(self):
            value = getattr(self, limit.name)
            if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
                raise ValueError(f"[grading.limits] {limit.name} must be a whole number above 0, not {value!r}")

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any] | None) -> Limits:
        """Limits from a table such as `course.toml`'s `[grading.limits]`; what it leaves out keeps its default.

        Raises:
            ValueError: on a name that is no limit, or a value that is not a whole number above 0.
        """
        given = dict(given or {})
        known = {limit.name for limit in fields(cls)}
        unknown = sorted(set(given) - known)
        if unknown:
            raise ValueError(
                f"[grading.limits] has no limit named {', '.join(unknown)}; choose from {', '.join(sorted(known))}"
            )
        return cls(**given)

    def as_dict(self) -> dict[str, int]:
        """Plain numbers by name, as they cross into the jail."""
        return asdict(self)


PRELOAD = (
    "torch",
    "torch.utils.data",
    "torchvision",
    "torchvision.transforms",
    "skimage",
    "skimage.color",
    "numpy",
    "matplotlib",
    "tqdm.auto",
    "safetensors.numpy",
    "IPython",
    "shell()",
    "matplotlib_inline.backend_inline",
    "ps8",
    "autograder.collector.inkernel",
    "torch_layers()",
    "lab_colors()",
    "figures()",
)


@dataclass(frozen=True)
class Settings:
    """What every jail of one grader has in common.

    Attributes:
        kit: the student kit's folder, mounted as `/ps8kit/ps8`.
        collector: the collector's folder, mounted as `/ps8grader/autograder/collector`.
        data: a folder laid out like `data_cache/`, mounted as `/data`; None for no data.
        readable: further folders of the host that student code may read, mounted where they are.
        env: further environment variables of every kernel.
        preload: modules the warm parent imports; a name with `()` is a function of `inside/warmup.py`.
        warm: fork kernels from a warm parent; False starts a Python for each.
        unjailed: the instructor accepts running without a jail where bubblewrap cannot work.
    """

    kit: Path = KIT
    collector: Path = COLLECTOR
    data: Path | None = DATA
    readable: tuple[Path, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    preload: tuple[str, ...] = PRELOAD
    warm: bool = True
    unjailed: bool = False

    @classmethod
    def from_mapping(cls, grading: Mapping[str, Any] | None) -> Settings:
        """Settings from `course.toml`'s `[grading]`: `unjailed`, `warm`, `readable`, `data`.

        `PS8_UNJAILED=1` in the environment opts in to running without a jail, too.

        Raises:
            ValueError: on a value of another type, in the table or in the environment; `load_course` has refused it before.
        """
        grading = dict(grading or {})
        chosen: dict[str, Any] = {name: grading[name] for name in ("warm", "unjailed") if name in grading}
        for name, value in chosen.items():
            if not isinstance(value, bool):
                raise ValueError(f"[grading] {name} is {value!r}, but must be true or false, without quotes")
        if "data" in grading:
            chosen["data"] = Path(grading["data"]) if grading["data"] else None
        if "readable" in grading:
            if isinstance(grading["readable"], str):
                raise ValueError(f"[grading] readable is {grading['readable']!r}, but must be a list of paths")
            chosen["readable"] = tuple(Path(path) for path in grading["readable"])
        if flag("PS8_UNJAILED"):
            chosen["unjailed"] = True
        return cls(**chosen)

    def key(self) -> str:
        """Equal for settings that can share one warm parent."""
        return repr((self.kit, self.collector, self.data, self.readable, self.preload, self.warm))


class JailUnavailable(RuntimeError):
    """This machine cannot jail student code, and nobody agreed to run it unjailed."""
