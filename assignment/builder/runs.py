"""What the solved notebook gave with several seeds: the numbers that the lesson says to expect are ranges of these."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assignment.builder.problem import BuildError, Problem, shown

COMMAND = "python -m benchmarks seeds"  # writes the files


@dataclass(frozen=True)
class Runs:
    """The runs on one set of images with one profile.

    Attributes:
        data: what the set is called.
        profile: full or quick.
        seeds: of the runs, as text.
    """

    data: str
    profile: str
    seeds: tuple[str, ...]
    _runs: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, path: Path) -> Runs:
        """The runs that a file holds.

        Raises:
            BuildError: if it is not what the command writes.
        """
        try:
            table = json.loads(path.read_text(encoding="utf-8"))
            return cls(table["data"], table["profile"], tuple(table["runs"]), tuple(table["runs"].values()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise BuildError([Problem(shown(path), 0, f"not what `{COMMAND}` writes: {reason}")]) from None

    def accuracy(self, row: str, standardised: bool = False) -> str:
        """The test accuracies of a row of the table, from the lowest to the highest."""
        return between(self._all("standardised" if standardised else "accuracy", row), 2)

    def loss(self, name: str, epoch: int, digits: int = 2) -> str:
        """The losses of an epoch, counted from 1; `name` is `ae_losses`, `debug_losses` or, of CMC, `cmc_history.loss`."""
        return between([losses[epoch - 1] for losses in self._all(*name.split("."))], digits)

    def feature(self, when: str, *names: str, digits: int = 1) -> str:
        """What `look_at_features` printed, `untrained` or `trained`: of several names, such as both views', all together."""
        return between([value for name in names for value in self._all("features", when, name)], digits)

    def share(self, when: str, *names: str) -> str:
        """The same as percentages."""
        return f"{between([100 * value for name in names for value in self._all('features', when, name)], 0)} %"

    def _all(self, *keys: str) -> list[Any]:
        found = []
        for run in self._runs:
            value: Any = run
            for key in keys:
                value = value[key]
            found.append(value)
        return found


def between(values: Sequence[float], digits: int) -> str:
    """The lowest and the highest: `0.25 to 0.33`, or one number where both read alike."""
    low, high = (f"{value:.{digits}f}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def all_runs(folder: Path) -> dict[str, Runs]:
    """The runs of each file of a folder, by its name with `_` for what Jinja2 cannot have in a name."""
    return {path.stem.replace("-", "_"): Runs.read(path) for path in sorted(folder.glob("*.json"))}


def extremes(log: Path, probe: str) -> tuple[float, float]:
    """The lowest and the highest accuracy in a log of `python -m benchmarks.recipe.scales`."""
    values = [json.loads(line)["accuracy"][probe] for line in log.read_text(encoding="utf-8").splitlines()]
    return min(values), max(values)
