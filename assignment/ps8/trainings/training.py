"""One training that goes on where it was cut short: what the progress bar asks at its beginning and after each epoch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from ps8.atomic_write import reason
from ps8.runtime import current_seed, is_grading
from ps8.shown import Shown
from ps8.training_doctor import Doctor, is_quiet

from . import checkpoints, snapshot
from .frames import is_function, read_locals, write_locals
from .world import ReachableObjects, Unkeepable

NAMED = 4  # changes that are named in a sentence
_current: list[Training] = []
_last: dict[str, TrainingProgress] = {}


class NotResumed(Shown, RuntimeError):
    """A training that was found and could not be put in place. Its text says what to do."""


@dataclass(frozen=True)
class TrainingProgress:
    """How far a training has come: `epochs` of `of`, and whether it was cut short."""

    epochs: int
    of: int

    @property
    def interrupted(self) -> bool:
        """Whether epochs are missing."""
        return self.epochs < self.of


class Training:
    """One training, kept in a file after each epoch.

    Args:
        name: of what is trained.
        folder: of this run's trainings.
        lines: losses to compare with, by name.
    """

    def __init__(self, name: str, folder: Path, lines: Mapping[str, float] | None = None) -> None:
        self.name, self.folder, self.lines = name, folder, dict(lines or {})
        self.outcome: TrainingProgress | None = None
        self._say: Callable[[str], object] = print
        self._frame: FrameType | None = None
        self._file: checkpoints.Checkpoint | None = None

    def begin(self, frame: FrameType, epochs: int, bar: object, doctor: Doctor | None, say: Callable[[str], object]) -> int:
        """Takes up an earlier training, if there is one.

        Args:
            frame: of the function that trains, about to begin its first epoch.
            epochs: how many it is to train.
            bar: that counts them.
            doctor: that looks on.
            say: takes sentences for the student.

        Returns:
            How many epochs are done.
        """
        self._frame, self._bar, self._doctor, self._say, self._epochs = frame, bar, doctor, say, epochs
        self.outcome = TrainingProgress(0, epochs)
        try:
            self._look_around()
        except Exception as error:  # whatever the student's objects raise where they are looked at: the training goes on
            self._give_up(_told(error))
            return 0
        done = self._take_up()
        self.outcome = TrainingProgress(done, epochs)
        return done

    def after(self, done: int) -> None:
        """Keeps the training as it is after `done` epochs."""
        self.outcome = TrainingProgress(done, self._epochs)
        if self._file is None:
            return
        try:
            self._keep(self._file, done)
        except OSError as error:
            self._give_up(f"{self._file.path} could not be written: {reason(error)}")
        except Exception as error:  # as in `begin`
            self._give_up(_told(error))

    def _keep(self, file: checkpoints.Checkpoint, done: int) -> None:
        variables = self._variables()
        leaves = self._world.leaves(variables)
        changed = {name for name, value in self._leaves.items() if leaves.get(name) != value}
        file.varying = sorted(changed.union(file.varying))
        file.epochs, file.of = done, self._epochs
        beside = self._doctor.memory() if self._doctor else None
        file.write(snapshot.dump(self._world, variables, variables.keys() - self._begun, beside))

    def end(self) -> None:
        """Lets go of the function."""
        if self._file is not None and self._file.epochs:
            checkpoints.prune(self.folder, self.name, self._file.path)
        self._frame = self._file = None

    def _look_around(self) -> None:
        assert self._frame is not None
        if not is_function(self._frame):
            raise Unkeepable("its loop stands in a cell of its own, not in a function")
        variables = self._variables()
        aside = (self._bar, *([self._doctor] if self._doctor else []))
        self._world = ReachableObjects(variables, self._frame.f_code, self._frame.f_globals, aside)
        self._begun = set(variables)
        snapshot.dump(self._world, variables, set())  # whether it can be done is known before hours have passed
        self._leaves = self._world.leaves(variables)

    def _variables(self) -> dict[str, Any]:
        """Those of the function. How many epochs it trains is no part of the training: one can go on for longer."""
        assert self._frame is not None
        found = read_locals(self._frame)
        mine = {name: value for name, value in found.items() if value is not self._bar}
        if isinstance(mine.get("epochs"), int) and mine["epochs"] == self._epochs:
            del mine["epochs"]
        return mine

    def _take_up(self) -> int:
        made = checkpoints.Made.of(self._world, self._leaves, current_seed())
        heads = checkpoints.found(self.folder, self.name)
        for head in heads:
            if not head.made.changed(made, set(head.varying)) and self._read(head):
                self._file = head
                return head.epochs
        if heads:
            self._say(self._afresh(heads[0], made))
        self._file = checkpoints.new(self.folder, self.name, made, self._epochs)
        return 0

    def _read(self, head: checkpoints.Checkpoint) -> bool:
        assert self._frame is not None
        try:
            loaded = snapshot.load_snapshot(self._world, head.payload())
        except Exception as error:  # of many kinds, for whatever the bytes may be
            self._say(f"{head.path} cannot be read ({reason(error)}), and stays as it is.")
            return False
        try:
            loaded.put()
            write_locals(self._frame, loaded.variables)
        except Exception as error:  # half of it is in place: neither the one training nor the other can go on
            why = f"{type(error).__name__}: {reason(error)}"
            raise NotResumed(
                f"The training in {head.path} could not be taken up ({why}). Delete that file or move it away, and run the "
                "notebook again from the top."
            ) from error
        if self._doctor is not None and loaded.beside is not None:
            self._doctor.remember(loaded.beside)
        done, path = head.epochs, head.path
        again = "To train afresh, delete that file and run this cell again."
        whole = f"This training is whole, with {_epochs(done)}, and was read from {path}. {again}"
        self._say(whole if done >= self._epochs else f"Going on after {done} of {_epochs(self._epochs)}, from {path}. {again}")
        return True

    def _afresh(self, head: checkpoints.Checkpoint, made: checkpoints.Made) -> str:
        names = head.made.changed(made, set(head.varying))
        if not names:  # it could not be read, and that was said
            return "This training starts at the beginning."
        named = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
        return (
            f"Since the training with {_epochs(head.epochs)} in {head.path}, this has changed: {named}. So this training "
            "starts at the beginning. The earlier one stays, and is gone on with once all is as it was."
        )

    def _give_up(self, why: str) -> None:
        self._file = None
        self._say(
            f"This training cannot be gone on with if it is cut short: {why}. It runs on as it is, and is saved at its end."
        )


@contextmanager
def resume(name: str, results: Mapping[str, Any], reference: Mapping[str, float] | None = None) -> Iterator[None]:
    """Makes the first training in the block one that goes on where an earlier session, or an interrupt, left it.

    Each epoch is written to a file when it ends. Of the training's function nothing is asked but that it counts its epochs by
    `ps8.progress`. While a submission is graded, nothing is written or read.

    Args:
        name: of what is trained.
        results: of this run: its data, profile and seed name the folder.
        reference: losses to compare with, by name: lines beside the curve that grows.
    """
    if is_grading() or is_quiet():
        yield
        return
    training = Training(name, checkpoints.root() / run_name(results), reference)
    _current.append(training)
    try:
        yield
    finally:
        if training in _current:
            _current.remove(training)
        training.end()
        if training.outcome is not None:
            _last[name] = training.outcome


def current() -> Training | None:
    """The training whose block is open and that has not begun; it is handed out once."""
    return _current.pop() if _current else None


def last(name: str) -> TrainingProgress | None:
    """How the last training of that name in this session ended."""
    return _last.get(name)


def run_name(results: Mapping[str, Any]) -> str:
    """The folder of a run: `photo_sample-quick-42`."""
    parts = [results.get(key, "") for key in ("data", "profile", "seed")]
    return "-".join(re.sub(r"\W+", "_", str(part))[:40].strip("_") or "unknown" for part in parts)


def _told(error: Exception) -> str:
    return (
        str(error)
        if isinstance(error, Unkeepable)
        else f"it cannot be looked through ({type(error).__name__}: {reason(error)})"
    )


def _epochs(count: int) -> str:
    return f"{count} epoch{'' if count == 1 else 's'}"


__all__ = ["Training", "TrainingProgress", "current", "last", "resume", "run_name"]
