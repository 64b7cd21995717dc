"""The epochs of a training, counted and shown. Interrupting it keeps what was trained, and a doctor looks on.

Within `ps8.resume` it begins where the training was cut short, and has each epoch written to a file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from ps8.runtime import is_grading
from ps8.training_doctor import Doctor, is_quiet

if TYPE_CHECKING:
    from ps8.trainings import Training
    from ps8.viewing import View


class progress:
    """Counts epochs and shows the last numbers reported, with a curve of the loss where a notebook shows it.

    Interrupting the kernel inside the `with` block ends the training, not the notebook: the model and the losses so far are
    kept. While a submission is graded nothing is shown and an interrupt (a time-out) goes through.

    Args:
        epochs: how many to count.
        label: what is being trained.
        watched: what the training doctor may look at, such as `model=` and `contrast=`. See `ps8.training_doctor`.
    """

    def __init__(self, epochs: int, label: str, **watched: Any) -> None:
        self.epochs, self.label, self.watched = epochs, label, watched
        self.done = 0
        self.silent = is_grading() or is_quiet()
        self._view: View | None = None
        self._doctor: Doctor | None = None
        self._training: Training | None = None
        self._frame: FrameType | None = None

    def __enter__(self) -> progress:
        if not self.silent:
            from ps8.viewing import new_view

            self._view = new_view(self.epochs, self.label)
            self._doctor = Doctor(say=self._view.say, **self.watched)
            self._training, self._frame = _resumed(), sys._getframe(1)
        return self

    def __iter__(self) -> Iterator[int]:
        self._take_up()
        for epoch in range(self.done, self.epochs):
            yield epoch
            self.done += 1
            if self._view is not None:
                self._view.after(self.done)
            if self._training is not None:
                self._training.after(self.done)

    def _take_up(self) -> None:
        """Begins where an earlier session left the training, if it is to."""
        if self._view is None:
            return
        if self._training is not None and self._frame is not None:
            self._view.lines.update(self._training.lines)
            self.done = self._training.begin(self._frame, self.epochs, self, self._doctor, self._view.say)
            self._view.losses += self._doctor.losses if self._doctor is not None else []
        self._view.begin(min(self.done, self.epochs))

    def report(self, **numbers: float) -> None:
        """Shows the numbers of the epoch that ends now."""
        if self._view is not None and self._doctor is not None:
            if guess := self._doctor.loss_of_a_guess():
                self._view.lines.setdefault("a guess", guess)
            self._view.report(numbers)
            self._doctor.look(**numbers)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        self._frame = None
        if self._doctor is not None:
            self._doctor.leave()
        if self._view is not None:
            self._view.end()
        if kind is not KeyboardInterrupt or self.silent:
            return False
        print(f"Interrupted after {self.done} of {self.epochs} epochs. The model goes on as it is now.")
        return True


def _resumed() -> Training | None:
    """The training that is to be gone on with. Nobody has asked for one whose module is not there."""
    module = sys.modules.get("ps8.trainings.training")
    return None if module is None else module.current()
