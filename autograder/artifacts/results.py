"""Reads `results.json`. Any bytes give results, with a sentence for each thing in them that cannot be used."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

from nbjudge.ground.listing import listed
from ps8.runtime import PROFILES

from autograder.artifacts.networks import ROWS
from autograder.artifacts.words import named

HISTORY = ("loss", "prob_l", "prob_ab")
MAX_BYTES = 2**20  # a hundred epochs take 10 kB
MAX_EPOCHS = 10_000


@dataclass
class Results:
    """A student's numbers.

    Attributes:
        data: the data set's name; empty if there is none.
        profile: one of `ps8.runtime.PROFILES`; empty if there is none.
        accuracy: row -> test accuracy in [0, 1], for the rows of `ROWS` only.
        standardised: the same with standardised features, as far as there are any.
        ae_losses: sums of the autoencoder's loss, an entry an epoch.
        cmc_history: `loss`, `prob_l`, `prob_ab`, an entry an epoch.
        problems: what could not be used, a sentence each.
    """

    data: str = ""
    profile: str = ""
    accuracy: dict[str, float] = field(default_factory=dict)
    standardised: dict[str, float] = field(default_factory=dict)
    ae_losses: list[float] = field(default_factory=list)
    cmc_history: dict[str, list[float]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_results(data: bytes) -> Results:
    """The numbers in the file's bytes. Raises nothing for what they may be."""
    results = Results()
    if len(data) > MAX_BYTES:
        results.problems.append(f"results.json has {len(data) / 2**20:.1f} MB and was not read: a whole run needs 10 kB.")
        return results
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, a number of thousands of digits, too deep
        results.problems.append(f"results.json could not be read ({type(error).__name__}).")
        return results
    if not isinstance(raw, dict):
        results.problems.append("results.json holds no dictionary of results.")
        return results
    _names(raw, results)
    _accuracies("accuracy", raw.get("accuracy", {}), results.accuracy, results)
    _accuracies("standardised", raw.get("standardised", {}), results.standardised, results)
    results.ae_losses = _numbers("ae_losses", raw.get("ae_losses", []), results)
    history = raw.get("cmc_history", {})
    if isinstance(history, dict):
        results.cmc_history = {name: _numbers(f"cmc_history {name}", history.get(name, []), results) for name in HISTORY}
    else:
        results.problems.append("cmc_history in results.json is no dictionary.")
    return results


def _names(raw: dict[str, Any], results: Results) -> None:
    data, profile = raw.get("data"), raw.get("profile")
    if isinstance(data, str) and data:
        results.data = data
    else:
        results.problems.append("results.json does not say which data set it is from.")
    if profile in PROFILES:
        results.profile = str(profile)
    else:
        results.problems.append(f"results.json does not name a profile that there is ({', '.join(PROFILES)}).")


def _accuracies(name: str, table: object, taken: dict[str, float], results: Results) -> None:
    if not isinstance(table, dict):
        results.problems.append(f"{name} in results.json is no dictionary.")
        return
    what = "accuracy" if name == "accuracy" else "standardised accuracy"
    for row in ROWS:
        if row not in table:
            continue
        value = _number(table[row])
        if value is not None and 0 <= value <= 1:
            taken[row] = value
        else:
            results.problems.append(
                f"The {what} of {row} in results.json is {named(table[row])}: expected a number from 0 to 1."
            )
    unknown = [named(row) for row in table if row not in ROWS]
    if unknown:
        many = what.replace("accuracy", "accuracies")
        results.problems.append(f"results.json has {many} that were not asked for: {listed(unknown, 5)}.")


def _numbers(name: str, values: object, results: Results) -> list[float]:
    """A list of finite numbers, up to the first that is not."""
    if not isinstance(values, list) or len(values) > MAX_EPOCHS:
        results.problems.append(f"{name} in results.json is no list of numbers, one an epoch.")
        return []
    taken: list[float] = []
    for value in values:
        number = _number(value)
        if number is None or not math.isfinite(number):
            results.problems.append(
                f"{name} in results.json has {named(value)} at epoch {len(taken)}: that training came apart."
            )
            break
        taken.append(number)
    return taken


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return None
