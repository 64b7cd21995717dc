"""What a student keeps and hands in besides the notebook: weights and `results.json`. Nothing here is replaced by less."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from ps8.atomic_write import reason, write_whole
from ps8.runtime import current_seed, get_device, is_grading, profile
from ps8.settings import settings
from ps8.shown import Shown
from ps8.trainings import last, run_name

Model = TypeVar("Model", bound=nn.Module)
RESULTS = "results.json"
ASIDE = "earlier_runs"  # folder of the runs on other data, with another profile or another seed


class Unreadable(Shown, RuntimeError):
    """A file that is missing or damaged."""


def save(model: nn.Module, path: str | Path) -> bool:
    """Writes a model's weights, whole or not at all. While a submission is graded nothing is written.

    Returns:
        Whether they are written. If not, why is printed, and the model goes on as it is.
    """
    if is_grading():
        return False
    written = _write_whole(path, lambda partial: torch.save(model.state_dict(), partial))
    if written:
        print(f"Saved {path}.")
    return written


def load(model: Model, path: str | Path) -> Model:
    """Reads weights that `save` wrote into a model of the same shape, on the device in use.

    Raises:
        Unreadable: if they were not saved yet, the file is damaged, or it holds the weights of another network.
    """
    device = get_device()
    if not Path(path).is_file():
        raise Unreadable(f"{path} is not there: run the training cell that saves it, or upload it beside the notebook.")
    try:
        weights = torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # torch raises one of many kinds, for whatever the bytes may be
        raise Unreadable(
            f"{path} is damaged and cannot be read ({type(error).__name__}): was it cut short while it was copied? "
            "Put a whole copy in its place, or delete it and run the training cell again."
        ) from error
    try:
        model.load_state_dict(weights)
    except Exception as error:  # what the file holds may be anything
        differs = str(error).split("\n\t")[-1].strip()
        raise Unreadable(
            f"{path} holds no weights of this {type(model).__name__}: {differs} Was your network changed since? "
            f"Make it as it was, or delete {path} and run the training cell again."
        ) from error
    return model.to(device)


def open_results(data: str) -> dict[str, Any]:
    """The numbers of this run: those of `results.json`, if they are of the same data, profile and seed; else new ones.

    Files of another run are moved into a folder of its own, and come back when that run is gone on with.

    Args:
        data: the data set's name.
    """
    seed = current_seed()
    results: dict[str, Any] = {
        "data": data,
        "profile": profile(),
        "seed": settings().seed if seed is None else seed,
        "accuracy": {},
        "standardised": {},
    }
    if is_grading():
        return results
    try:
        return _opened(results)
    except OSError as error:
        _not_written(RESULTS, error)
        return results


def _opened(results: dict[str, Any]) -> dict[str, Any]:
    here = _read(Path(RESULTS))
    if here is not None and _run(here) == _run(results):
        return {**results, **here}
    if here is not None:
        aside = _free(Path(ASIDE) / run_name({"seed": settings().seed, **here}))
        _move(Path(), aside)
        print(
            f"{RESULTS} is from other data, another profile or another seed: it and the weights beside it are in {aside} now."
        )
    back = Path(ASIDE) / run_name(results)
    if back.is_dir() and not any(_files(Path())):
        _move(back, Path())
        print(f"The earlier run {run_name(results)} is back from {back}.")
        return {**results, **(_read(Path(RESULTS)) or {})}
    return results


def save_results(results: Mapping[str, object], path: str | Path = RESULTS) -> None:
    """Writes the numbers of a run, to be handed in. While a submission is graded nothing is written."""
    if is_grading():
        return
    text = json.dumps(results, indent=2, sort_keys=True) + "\n"
    if _write_whole(path, lambda partial: partial.write_text(text)):
        print(f"Saved {path}: hand it in with the notebook.")


def save_run(results: dict[str, Any], name: str, model: nn.Module, **history: Sized) -> bool:
    """Keeps a training: its weights in NAME.pth, its history in `results`; unless a longer one lies there, or it had no epoch.

    Args:
        results: of the run; changed and written.
        name: of the model.
        model: as trained.
        **history: one: the key in `results`, and what was reported at each epoch.

    Returns:
        Whether this training is the one that counts now.
    """
    ((key, numbers),) = history.items()
    file, epochs, before = Path(f"{name}.pth"), _epochs(numbers), _epochs(results.get(key, ()))
    if not is_grading() and file.is_file() and epochs < before:
        print(
            f"{file} and its losses stay as they are: they come from {before} epoch{'s' * (before > 1)}, and this training "
            f"had {epochs}. "
            f"To train anew, delete {file} and run this cell again."
        )
        return False
    if not is_grading() and not epochs:
        print(f"No epoch was finished, so {file} is not written.")
        return False
    results[key] = numbers
    _note_outcome(results, name, epochs)
    save(model, file)
    save_results(results)
    return True


def _note_outcome(results: dict[str, Any], name: str, epochs: int) -> None:
    """Whether a training was interrupted, as far as that is known of this one."""
    told = {other: told for other, told in results.get("trainings", {}).items() if other != name}
    outcome = last(name)
    if outcome is not None and outcome.epochs == epochs:
        told[name] = {"epochs": outcome.epochs, "of": outcome.of, "interrupted": outcome.interrupted}
    results["trainings"] = told


def _epochs(history: object) -> int:
    """How many epochs a history tells of: a list, or a table of lists."""
    if isinstance(history, Mapping):
        return max(map(_epochs, history.values()), default=0)
    return len(history) if isinstance(history, Sequence) and not isinstance(history, str) else 0


def _read(path: Path) -> dict[str, Any] | None:
    """The numbers in a file; None if there is none. One that is damaged is set aside."""
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text("utf-8"))
        if isinstance(found, dict) and all(isinstance(found.get(key, {}), dict) for key in ("accuracy", "standardised")):
            return found
    except (ValueError, RecursionError):
        pass
    aside = _free(path.with_name(f"{path.name}.damaged"))
    path.replace(aside)
    print(f"{path} is damaged and is {aside} now; new results are begun. The weights stay where they are.", file=sys.stderr)
    return None


def _run(results: Mapping[str, Any]) -> tuple[object, ...]:
    """What a run is of. Results of an earlier kit do not name their seed: it was the course's."""
    return results.get("data"), results.get("profile"), results.get("seed", settings().seed)


def _free(path: Path) -> Path:
    """The path, or with a number if something is there."""
    return next(p for n in range(1, 10_000) if not (p := path if n == 1 else path.with_name(f"{path.name}-{n}")).exists())


def _files(folder: Path) -> Iterator[Path]:
    """What belongs to a run."""
    yield from (path for path in [*folder.glob("results*.json"), *folder.glob("*.pth")] if path.is_file())


def _move(folder: Path, to: Path) -> None:
    to.mkdir(parents=True, exist_ok=True)
    for path in list(_files(folder)):
        path.replace(to / path.name)
    if folder != Path() and not any(folder.iterdir()):
        folder.rmdir()


def _write_whole(path: str | Path, write: Callable[[Path], object]) -> bool:
    """Whether a file could be written, whole; if not, why is said."""
    try:
        write_whole(path, write)
    except (OSError, RuntimeError) as error:  # torch has an error of its own for a folder that cannot be written to
        return _not_written(path, error)
    return True


def _not_written(path: str | Path, error: Exception) -> bool:
    print(
        f"{path} could not be written: {reason(error)}. What was trained is kept in this session. Make room, or work in a "
        "folder that can be written to, and run this cell again before you leave.",
        file=sys.stderr,
    )
    return False
