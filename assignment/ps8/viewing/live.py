"""The view of a training: in a notebook one output, written anew in its place; elsewhere tqdm's bar.

The notebook's is an ordinary display of HTML, no widget: a saved notebook holds what was shown last, and needs no kernel to
show it. It is written between two epochs, at most twice a second, and rests when drawing would take more than a small share of
the time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from html import escape
from typing import Any, Final, Protocol

from ps8.runtime import in_a_notebook

from .loss_curve import curve
from .reconstructions import Reconstructions, strip

OFTEN: Final = 0.5  # seconds between two drawings, at least
SHARE: Final = 0.03  # of the time, that drawing may take
STAY: Final = (1, 3, 10, 30, 100, 300)  # epochs whose reconstructions stay in view: most is learned early
CELL: Final = (
    "border:0;background:none;padding:1px 8px 1px 0;text-align:left;font-size:inherit;vertical-align:middle;white-space:nowrap"
)
_running: list[LiveView] = []


class View(Protocol):
    """What a training tells, and who shows it."""

    losses: list[float]
    lines: dict[str, float]

    def begin(self, done: int) -> None:
        """The training begins, or goes on after `done` epochs."""

    def report(self, numbers: Mapping[str, float]) -> None:
        """The numbers of the epoch that ends now."""

    def after(self, done: int) -> None:
        """So many epochs are done."""

    def say(self, text: str) -> None:
        """A sentence for the student."""

    def end(self) -> None:
        """The training is over, or was interrupted."""


def in_a_front_end() -> bool:
    """Whether what is displayed is seen: in a kernel."""
    return in_a_notebook()


def new_view(epochs: int, label: str) -> View:
    """The view that fits where this runs."""
    return LiveView(epochs, label) if in_a_front_end() else Bar(epochs, label)


def running() -> LiveView | None:
    """The view of the training that runs, if there is one in a notebook."""
    return _running[-1] if _running else None


class Bar:
    """A bar in a terminal."""

    def __init__(self, epochs: int, label: str) -> None:
        from tqdm import tqdm

        self.losses: list[float] = []
        self.lines: dict[str, float] = {}
        self._bar = tqdm(total=epochs, desc=label, unit="epoch", file=sys.stdout)

    def begin(self, done: int) -> None:
        """Sets the bar where the training goes on."""
        self._bar.n = self._bar.initial = done
        self._bar.refresh()

    def report(self, numbers: Mapping[str, float]) -> None:
        """Shows the numbers behind the bar."""
        self._bar.set_postfix({name: f"{value:.3f}" for name, value in numbers.items()})

    def after(self, done: int) -> None:
        """Moves the bar."""
        self._bar.update(done - self._bar.n)

    def say(self, text: str) -> None:
        """Prints it above the bar."""
        self._bar.write(text)

    def end(self) -> None:
        """Leaves the bar as it is."""
        self._bar.close()


class LiveView:
    """One display of a notebook: numbers, time left, a curve that grows, and reconstructions if there are any.

    Attributes:
        losses: of all epochs so far, also those of an earlier session.
        lines: losses to compare with, by name, drawn beside the curve.
    """

    def __init__(self, epochs: int, label: str) -> None:
        from IPython.display import display

        self.epochs, self.label = epochs, label
        self.losses: list[float] = []
        self.lines: dict[str, float] = {}
        self._done = self._begun_at = 0
        self._over = False
        self._numbers: dict[str, float] = {}
        self._pictures: Reconstructions | None = None
        self._rows: dict[str, str] = {}  # heading -> its strip of images; those that stay, then the latest
        self._latest = ""
        self._begun = self._drawn = time.monotonic()
        self._cost = 0.0
        self._handle: Any = display(self, display_id=True)
        _running.append(self)

    def begin(self, done: int) -> None:
        """Starts the clock."""
        self._done = self._begun_at = min(done, self.epochs)
        self._begun = time.monotonic()
        self._draw()

    def report(self, numbers: Mapping[str, float]) -> None:
        """Notes the numbers of the epoch that ends now."""
        self._numbers = dict(numbers)
        if "loss" in numbers:
            self.losses.append(float(numbers["loss"]))

    def picture(self, reconstructions: Reconstructions) -> None:
        """Notes what there is to be seen at the end of this epoch."""
        self._pictures = reconstructions

    def after(self, done: int) -> None:
        """Draws, if it is time."""
        self._done = done
        due = time.monotonic() - self._drawn >= max(OFTEN, self._cost / SHARE)
        stays = done in STAY
        if self._pictures is not None and (due or stays or done >= self.epochs):
            self._look(self._pictures, stays)
        self._pictures = None
        if due:
            self._draw()

    def say(self, text: str) -> None:
        """Prints it below the display."""
        print(text)

    def end(self) -> None:
        """Draws for the last time."""
        self._over = True
        if self in _running:
            _running.remove(self)
        self._draw()

    def _look(self, pictures: Reconstructions, stays: bool) -> None:
        """Adds a row of reconstructions; the latest gives way unless it is one that stays."""
        inputs = pictures.inputs
        self._rows.setdefault("image", strip(inputs))
        self._rows.pop(self._latest, None)
        loss = f"loss {self.losses[-1]:.3g}" if self.losses else ""
        heading = f"epoch {self._done}\n{loss}"
        self._rows[heading] = strip(pictures.outputs(inputs))
        self._latest = "" if stays else heading

    def _draw(self) -> None:
        begun = time.monotonic()
        if self._handle is not None:
            self._handle.update(self)
        self._drawn = time.monotonic()
        self._cost = self._drawn - begun

    def _times(self) -> str:
        """Seconds an epoch, and how long it takes still."""
        here = self._done - self._begun_at
        passed = time.monotonic() - self._begun
        if self._over or not here:
            return f"in {_clock(passed)}" if self._over and here else ""
        left = passed / here * (self.epochs - self._done)
        return f"{_rate(passed / here)}, {_clock(left)} left"

    def _said(self) -> str:
        numbers = "".join(f", {name} {value:.3f}" for name, value in self._numbers.items())
        return f"{self.label}: {self._done} of {self.epochs} epochs{numbers}"

    def _html(self) -> str:
        times, named = self._times(), escape(f"{self.label}: epochs done")
        return (
            f'<div style="max-width:100%;overflow-x:auto"><div>'
            f'<progress max="{max(self.epochs, 1)}" value="{self._done}" aria-label="{named}"></progress>'
            f" {escape(self._said())}{f'<span class=ps8-time>, {times}</span>' if times else ''}</div>"
            f"{curve(self.losses, self.epochs, self.lines)}{self._table()}</div>"
        )

    def _table(self) -> str:
        if not self._rows:
            return ""
        rows = ""
        for heading, source in self._rows.items():
            name, _, loss = heading.partition("\n")
            what = "Eight images" if name == "image" else f"The same images as painted after {name}"
            rows += (
                f'<tr style="background:none"><th scope="row" style="{CELL}">{name}<br>{loss}</th><td style="{CELL}">'
                f'<img src="{source}" alt="{escape(what)}" style="display:block;max-width:none"></td></tr>'
            )
        return f'<table style="border:0;border-collapse:collapse;margin:4px 0">{rows}</table>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        times = self._times()
        return {"text/plain": self._said() + (f", {times}" if times else ""), "text/html": self._html()}


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _rate(seconds: float) -> str:
    return f"{seconds:.2g} s an epoch" if seconds >= 0.1 else f"{1 / max(seconds, 1e-6):.0f} epochs a second"
