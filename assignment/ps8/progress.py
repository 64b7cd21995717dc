"""A progress bar over epochs, with the loss in it. Interrupting it keeps what was trained, and a doctor looks on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from ps8.doctor import Doctor, is_quiet
from ps8.runtime import is_grading


class progress:
    """Counts epochs and shows the last numbers reported.

    Interrupting the kernel inside the `with` block ends the training, not the notebook: the model and the losses so far are
    kept. While a hand-in is graded the bar is silent and an interrupt (a time-out) goes through.

    Args:
        epochs: how many to count.
        label: what is being trained.
        watched: what the training doctor may look at, such as `model=` and `contrast=`. See `ps8.doctor`.
    """

    def __init__(self, epochs: int, label: str, **watched: Any) -> None:
        self.epochs, self.label, self.watched = epochs, label, watched
        self.done = 0
        self.silent = is_grading() or is_quiet()
        self._bar: Any = None
        self._doctor: Doctor | None = None

    def __enter__(self) -> progress:
        if not self.silent:
            from tqdm.auto import tqdm

            self._bar = tqdm(total=self.epochs, desc=self.label, unit="epoch", file=sys.stdout)
            self._doctor = Doctor(say=self._bar.write, **self.watched)
        return self

    def __iter__(self) -> Iterator[int]:
        for epoch in range(self.epochs):
            yield epoch
            self.done += 1
            if self._bar is not None:
                self._bar.update()

    def report(self, **numbers: float) -> None:
        """Shows the numbers of the epoch that ends now."""
        if self._bar is not None:
            self._bar.set_postfix({name: f"{value:.3f}" for name, value in numbers.items()})
        if self._doctor is not None:
            self._doctor.look(**numbers)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if self._doctor is not None:
            self._doctor.leave()
        if self._bar is not None:
            self._bar.close()
            if hasattr(self._bar, "container"):  # a widget, which a saved notebook would show as it was at its start
                print(self._bar)
        if kind is not KeyboardInterrupt or self.silent:
            return False
        print(f"Interrupted after {self.done} of {self.epochs} epochs. The model goes on as it is now.")
        return True
