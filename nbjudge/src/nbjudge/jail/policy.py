"""The bounds of one submission, and the choices an instructor has about the jail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from nbjudge.ground.environment_variables import flag

MiB = 1 << 20
RESERVED = "nbjudge_inside"  # the package of ours that kernels have


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Every bound holds for the submission as a whole unless it says "each".

    A course changes one by these names, in a table such as `[grading.limits]`.
    """

    cpu_seconds_per_cell: int = 5  # of all processes (see README.md)
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
        """Limits from a table such as `[grading.limits]`; what it leaves out keeps its default.

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


PLAIN = "nbjudge_inside.plain_collector"
PRELOAD = (
    "IPython",
    "nbjudge_inside.warmup:shell",
    "matplotlib_inline.backend_inline",
    PLAIN,
    "nbjudge_inside.warmup:figures",
)


@dataclass(frozen=True)
class JailSettings:
    """What every jail of one grader has in common. As it stands, a kernel has Python with all that is installed, and no more.

    Attributes:
        packages: dotted name -> folder of the host that kernels may import by it; mounted below `/packages`.
        collector: the module in the kernel that asks answers, with the functions of `inside/plain_collector.py`.
        asks: question -> the expressions that the plain collector evaluates; other collectors know what to do.
        data: a folder of the host that is mounted as `/data`; None for no data.
        data_counts: whether evidence depends on what is in it; False where nothing does that is graded.
        data_variable: the environment variable that tells kernels where it is; empty for none.
        secret: folders of the host that student code must never see, nor anything that holds one or lies in one.
        readable: further folders of the host that student code may read, mounted where they are.
        env: further environment variables of every kernel.
        preload: modules that the warm parent imports; `module:function` is a function of one that it calls.
        warm: fork kernels from a warm parent; False starts a Python for each.
        unjailed: the instructor accepts running without a jail where bubblewrap cannot work.
    """

    packages: Mapping[str, Path] = field(default_factory=dict)
    collector: str = PLAIN
    asks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    data: Path | None = None
    data_counts: bool = True
    data_variable: str = ""
    secret: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    preload: tuple[str, ...] = PRELOAD
    warm: bool = True
    unjailed: bool = False

    def __post_init__(self) -> None:
        for name in self.packages:
            if not all(part.isidentifier() for part in name.split(".")) or name.split(".")[0] == RESERVED:
                raise ValueError(f"packages: {name!r} is no name for a package of kernels, such as 'mycourse.tools'")
            above = [other for other in self.packages if name.startswith(f"{other}.")]
            if above:
                raise ValueError(f"packages: {name} lies within {above[0]}, which has a folder already; name one of them")

    def with_choices(self, grading: Mapping[str, Any] | None) -> JailSettings:
        """These settings with a course's own choices, a table such as `[grading]`: `unjailed`, `warm`, `readable`, `data`.

        `NBJUDGE_UNJAILED=1` in the environment opts in to running without a jail, too.

        Raises:
            ValueError: on a value of another type, in the table or in the environment.
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
        if flag("NBJUDGE_UNJAILED"):
            chosen["unjailed"] = True
        return replace(self, **chosen)

    def key(self) -> str:
        """Equal for settings that can share one warm parent."""
        parts = [getattr(self, part.name) for part in fields(self) if part.name not in ("collector", "asks", "unjailed")]
        return repr([sorted(part.items()) if isinstance(part, Mapping) else part for part in parts])


class JailUnavailable(RuntimeError):
    """This machine cannot jail student code, and nobody agreed to run it unjailed."""
