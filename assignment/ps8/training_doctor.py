"""The training doctor: looks on while a student trains, and says once, in plain words, what a person would notice.

It sees the numbers reported at the end of each epoch, the first few batches of an epoch through a hook on the model, and the
contrast's own settings. It changes nothing, draws nothing at random, and training goes on whatever it says. While a submission
is graded, and in the short runs of a check, it is not there at all.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from .collapse import collapse_plateau

BATCHES = 4  # looked at in an epoch: enough to tell a dead unit from a rare one, little enough to cost nothing
DEAD = 0.9  # share of units that never fire, from which on it is said
PATIENCE = 5  # epochs without any progress
STEPS = 40  # and at least so many batches
NEAR = 3e-3  # of a loss to a plateau, relative
REST_STEPS = 100  # batches on a plateau: a training that works may rest there for fifty before it finds its way out
REST_EPOCHS = 25  # or so many epochs, when they have few batches
ALIKE = 1e-2  # of the largest feature: by how much those of different images differ at most where they hold nothing
MEMORY = ("said", "losses", "images", "steps", "classes")  # of a doctor, from one epoch to the next
BACK = 0.25  # share of what a loss had fallen by, from which on its way back is no unrest any more

_quiet = 0  # how many `quiet` blocks are open


@contextmanager
def quiet() -> Iterator[None]:
    """While it is open, progress bars and doctors are silent, and an interrupt goes through: for short runs of a check."""
    global _quiet
    _quiet += 1
    try:
        yield
    finally:
        _quiet -= 1


def is_quiet() -> bool:
    """Whether a `quiet` block is open."""
    return _quiet > 0


class Doctor:
    """Notices what goes wrong in one training, and says each thing once.

    Args:
        say: where its words go.
        model: what is trained. Its units are looked at through its `encoder` if it has one, else through its own output.
        contrast: a `CMCScore`, for the plateaus of its K, N and T.
        classifier: a linear classifier; its logits give away how many classes there are.
    """

    def __init__(
        self,
        say: Callable[[str], object] = print,
        model: nn.Module | None = None,
        contrast: nn.Module | None = None,
        classifier: nn.Module | None = None,
        **_others: Any,
    ) -> None:
        self.say, self.contrast = say, contrast
        self.said: set[str] = set()
        self.losses: list[float] = []
        self.images = 0  # of the first epoch
        self.steps = self.batches = self.classes = 0
        self.fired: dict[int, Tensor] = {}  # output -> which of its units fired in this epoch
        self.seen = 0  # images behind `fired`
        self._handles: list[Any] = []
        if isinstance(model, nn.Module):
            units = getattr(model, "encoder", model)
            self._handles.append(model.register_forward_hook(self._count))
            self._handles.append(units.register_forward_hook(self._look_at_units))
        self.alike = True  # whether all features that the classifier got in this epoch are
        self.classifier = classifier if isinstance(classifier, nn.Module) else None
        self._weights: list[Tensor] = []  # the classifier's, at the end of the epoch before
        if self.classifier is not None:
            self._handles.append(self.classifier.register_forward_hook(self._count))
            self._handles.append(self.classifier.register_forward_hook(self._look_at_features))

    def leave(self) -> None:
        """Takes its hooks away."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def memory(self) -> dict[str, Any]:
        """What it has noticed so far, for a training that is gone on with later."""
        return {name: getattr(self, name) for name in MEMORY}

    def remember(self, memory: dict[str, Any]) -> None:
        """Takes over what `memory` gave."""
        vars(self).update({name: memory[name] for name in MEMORY if name in memory})

    def loss_of_a_guess(self) -> float:
        """What a classifier that guesses would lose in the epoch that ends now, summed over its batches; 0 if there is none."""
        return self.batches * math.log(self.classes) if self.classifier is not None and self.classes > 1 else 0.0

    def look(self, **numbers: float) -> None:
        """Looks at the numbers of the epoch that ends now: `loss`, and of CMC `prob_l` and `prob_ab`."""
        loss = numbers.get("loss")
        if loss is not None:
            self.losses.append(float(loss))
            if self._finite(numbers):
                self._units()
                self._plateau(numbers)
                self._chance()
                self._progress()
        if self.classifier is not None:
            self._weights = [p.detach().clone() for p in self.classifier.parameters()]
        self.batches = self.seen = 0
        self.alike = True
        self.fired.clear()

    def _tell(self, what: str, text: str) -> None:
        if what in self.said:
            return
        self.said.add(what)
        epoch = len(self.losses)
        self.say(textwrap.fill(f"Doctor, after epoch {epoch}: {' '.join(text.split())}", 96, subsequent_indent="    "))

    def _count(self, module: nn.Module, inputs: Any, output: Any) -> None:
        if not module.training:
            return
        first = output[0] if isinstance(output, (tuple, list)) else output
        if isinstance(first, Tensor) and first.dim():
            self.batches += 1
            self.steps += 1
            if not self.losses:
                self.images += len(first)
            self.classes = first.shape[-1] if first.dim() == 2 else 0

    def _look_at_units(self, module: nn.Module, inputs: Any, output: Any) -> None:
        if not module.training or self.batches > BATCHES:
            return
        outputs = output if isinstance(output, (tuple, list)) else (output,)
        for k, out in enumerate(outputs):
            if not isinstance(out, Tensor) or out.dim() < 2:
                continue
            fired = (out.detach() != 0).flatten(1).any(dim=0)
            known = self.fired.get(k)
            self.fired[k] = fired if known is None or known.shape != fired.shape else known | fired
        self.seen += 1

    def _look_at_features(self, module: nn.Module, inputs: Any, output: Any) -> None:
        """Whether the features of different images differ."""
        first = inputs[0] if inputs else None
        if module.training and self.alike and self.batches <= BATCHES and isinstance(first, Tensor) and len(first) > 1:
            x = first.detach()
            self.alike = float((x - x[:1]).abs().max()) <= ALIKE * float(x.abs().max())

    def _finite(self, numbers: dict[str, float]) -> bool:
        wrong = [name for name, value in numbers.items() if not math.isfinite(value)]
        if wrong:
            value = numbers[wrong[0]]
            self._tell(
                "finite",
                f"{wrong[0]} is {value}. One number that is not finite spreads to every weight at the next step, so this "
                "training is over: interrupt it and start again. Look for a division by a length of 0 (that is what eps is "
                "for), the logarithm of 0, an exponential of large scores, or a learning rate that is far too high.",
            )
        return not wrong

    def _units(self) -> None:
        """Features that are zero whatever the image."""
        if not self.seen:
            return
        for k, fired in self.fired.items():
            dead = 1 - float(fired.float().mean())
            view = f" of {('L', 'ab')[k]}" if len(self.fired) == 2 else ""
            if dead == 1:
                self._tell(
                    f"zero {k}",
                    f"every feature{view} is 0 for every image: all units of the last ReLU are dead, and a dead unit gets no "
                    "gradient to come back with. More epochs will not help. Most often the learning rate is too high for "
                    "inputs of this size: are the images scaled?",
                )
            elif dead > DEAD:
                self._tell(
                    f"dead {k}",
                    f"{dead:.0%} of the features{view} were 0 for every image looked at. A third to a half is usual; with so "
                    "few units left, little can be told apart. A lower learning rate or smaller inputs keep more of them "
                    "alive.",
                )

    def _plateau(self, numbers: dict[str, float]) -> None:
        """CMC at rest where collapsed features must end, with its temperature or with none."""
        settings = self._settings()
        if settings is None:
            return
        K, n, N, T, d = settings
        for temperature in dict.fromkeys((T, 1.0)):
            probability, loss = collapse_plateau(K, n, N, temperature, d)
            rest = self._rest(2 * loss)
            steps = rest * self.batches if self.batches else REST_STEPS
            if rest < PATIENCE or (steps < REST_STEPS and rest < REST_EPOCHS):
                continue
            if not all(_near(numbers.get(name, probability), probability, 0.1) for name in ("prob_l", "prob_ab")):
                continue
            formula = (
                f"2 ln(K+1) = {2 * math.log(K + 1):.3f}"
                if n == N
                else f"{2 * loss:.3f} for K = {K}, {n:,} images, {N:,} rows and temperature {temperature:g}"
            )
            reason = "every image gets the same feature, so nothing tells the positive from the others"
            if n == N:
                reason += ", or every feature is 0"
            advice = "A training that works may pass by here early on, but it does not stay."
            if temperature != T:
                advice += f" The number fits a temperature of 1, not of {T:g}: are the scores divided by T?"
            elif n < N:
                advice += " The bank has rows that no image owns: it should have one for each image."
            else:
                advice += " Check forward of CMCScore first, then the learning rate."
            self._tell(
                "plateau",
                f"the loss has been at {self.losses[-1]:.3f} for {rest} epochs. That is the plateau of collapse, {formula}: "
                f"{reason}. {advice}",
            )

    def _rest(self, loss: float) -> int:
        """For how many epochs until now the loss has been near a value."""
        away = [k for k, value in enumerate(reversed(self.losses)) if not _near(value, loss, NEAR)]
        return away[0] if away else len(self.losses)

    def _settings(self) -> tuple[int, int, int, float, int] | None:
        bank = getattr(self.contrast, "memory_l", None)
        K, T = getattr(self.contrast, "K", None), getattr(self.contrast, "T", None)
        if not isinstance(bank, Tensor) or bank.dim() != 2 or K is None or T is None or not self.images:
            return None
        N, d = bank.shape
        return int(K), min(self.images, N), N, float(T), d

    def _chance(self) -> None:
        """A classifier whose loss stays that of a guess, for a reason that can be seen; learning slowly is none."""
        if self.classifier is None or self.classes < 2 or not self.batches:
            return
        if len(self.losses) < PATIENCE or self.steps < STEPS:
            return
        guess = math.log(self.classes)
        means = [loss / self.batches for loss in self.losses[-PATIENCE:]]
        weights = list(self.classifier.parameters())
        still = bool(self._weights) and all(map(torch.equal, self._weights, weights))
        if (self.alike or still) and all(_near(mean, guess, 0.005) for mean in means):
            reason = "no step reaches the classifier: its weights have not changed in the last epoch"
            if self.alike:
                reason = "the features hold nothing: they are alike for all images, or all 0"
            self._tell(
                "chance",
                f"the loss is still ln {self.classes} = {guess:.3f} a batch, that of a guess among {self.classes} classes, and "
                f"{reason}.",
            )

    def _progress(self) -> None:
        """A loss that is no lower than at the start, or much higher."""
        first, rest = self.losses[0], self.losses[1:]
        if {"plateau", "chance", "zero 0", "zero 1"} & self.said or len(rest) < PATIENCE:
            return
        if self.steps and self.steps < STEPS:
            return
        falling = all(now < before for before, now in pairwise(self.losses[-PATIENCE - 1 :]))
        if first > 0 and min(rest) > 0.995 * first and not falling:
            self._tell(
                "progress",
                f"in {len(rest)} epochs the loss has not gone below its first value, {first:.4g}. Does every batch take a "
                "step (zero_grad, backward, step), on the parameters of this model? Is the learning rate far too high, or "
                "far too low?",
            )
        elif self._back():
            self._tell(
                "worse",
                f"the loss was {min(self.losses):.4g} and has been more than twice that for {PATIENCE} epochs: training "
                "came apart. The learning rate may be too high.",
            )

    def _back(self) -> bool:
        """Whether the loss has gone up again, and stayed there: not only in shares of a lowest value near 0."""
        low, now = min(self.losses), min(self.losses[-PATIENCE:])
        return now > 2 * low and now > low + BACK * (self.losses[0] - low)


def look_at_accuracy(right: int, total: int, classes: int = 10, say: Callable[[str], object] = print) -> bool:
    """Says so if an accuracy is no better than a guess, within what chance allows for so many images.

    Args:
        right: images named right.
        total: images tried, > 0.
        classes: of about equal size.
        say: where the words go.

    Returns:
        Whether it was said. Silent while a submission is graded.
    """
    from ps8.runtime import is_grading

    guess = 1 / classes
    spread = math.sqrt(guess * (1 - guess) / total) if total else 0.0
    if is_grading() or is_quiet() or not total or right / total > guess + 2 * spread:
        return False
    text = (
        f"Doctor: {right / total:.3f} is what guessing among {classes} classes gives. The features hold nothing about the "
        "classes (collapsed, or all 0), the classifier was not trained, or the images here are prepared in another way than "
        "for training."
    )
    say(textwrap.fill(text, 96, subsequent_indent="    "))
    return True


def _near(value: float, wanted: float, share: float) -> bool:
    return abs(value - wanted) <= share * abs(wanted)


__all__ = ["Doctor", "is_quiet", "look_at_accuracy", "quiet"]
