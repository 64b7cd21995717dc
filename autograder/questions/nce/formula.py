"""The optional part: the formula behind an NCE loss, as far as its values bear it out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from nbjudge.judge.compare import Case, close
from nbjudge.judge.severity import Severity
from ps8.probes.tools import Numbers
from ps8.questions.nce.probe import B, K, N, decay_of, scores_of

from autograder.questions.shared.losses import crossings, pull

from .forms import ESTIMATES, FORMS, Form, log_odds, mean_loss, terms

RTOL = 4e-3


class Nce:
    """What the two batches gave, and which estimate and which form of the loss their numbers bear out.

    Attributes:
        Z: after each batch, as the answer has it; None if it is not one finite number.
        estimate: a key of `ESTIMATES`; None if the first Z is none of them.
        form: of the first loss, with Z as the answer has it, or as it should be; None if it is none.
    """

    def __init__(self, case: Case) -> None:
        self.case, numbers = case, Numbers(case.seed)
        self.decay = decay_of(numbers)
        self.scores = {call: scores_of(numbers, call)[..., 0].double() for call in ("first", "second", "one")}
        self.Z = {call: self._number(f"{call}.Z") for call in ("first", "second")}
        self.right = {call: float(ESTIMATES[""](s)) for call, s in self.scores.items()}
        self.first_averaged = self._near(self.Z["first"], (1 - self.decay) * self.right["first"])
        self.estimate = next(
            (name for name, f in ESTIMATES.items() if self._near(self.Z["first"], float(f(self.scores["first"])))), None
        )
        self.form = self._form()

    def _number(self, key: str) -> float | None:
        actual = self.case.actual.arrays.get(key)
        return float(actual.ravel()[0]) if actual is not None and actual.size == 1 and np.isfinite(actual).all() else None

    @staticmethod
    def _near(actual: float | None, expected: float) -> bool:
        return actual is not None and bool(close(np.array(actual), np.array(expected), rtol=RTOL, atol=1e-5))

    def uses(self) -> list[float]:
        """The normalisers that the first loss may have been worked out with."""
        first = self.Z["first"]
        return [*([first] if first is not None and first > 0 else []), self.right["first"]]

    def _form(self) -> Form | None:
        actual = self.case.actual.arrays.get("first.loss")
        if actual is None or not np.isfinite(actual).all():
            return None
        s, pairs = self.scores["first"], [(form, Z) for form in FORMS for Z in self.uses()] if actual.size == 1 else []
        fits = [(form, Z) for form, Z in pairs if self._near(float(actual.mean()), float(form.formula(s, Z)))]
        if fits:  # two forms may give one value by chance, but not one gradient
            found = next((form for form, Z in fits if self.pulls_as(form, Z)), fits[0][0])
            chance = found.severity and np.any(self.case.actual.arrays.get("first.gradient", np.zeros(1)))
            return None if chance and not any(self.pulls_as(form, Z) for form, Z in fits) else found
        each = sum(terms(log_odds(s, self.uses()[0]))).numpy()  # type: ignore[union-attr]
        if actual.size == B and close(actual.ravel(), each, rtol=RTOL):
            return Form("a loss for each image, not their mean", Severity.OTHER_NUMBERS, FORMS[0].formula)
        return next((form for form in self._fitted(float(actual.mean())) if self.pulls_as(form, self.uses()[0])), None)

    def _fitted(self, value: float) -> Iterator[Form]:
        """Forms with one number found so that the first loss has this value: another scale of the loss, or another offset."""
        s, used = self.scores["first"], float(np.log(self.uses()[0]))
        right = used + np.log(K / N)
        factor = value / float(mean_loss(s - right))
        words = f"{factor:.4g} times the loss"
        yield Form(
            words,
            Severity.OTHER_NUMBERS if factor > 0 else Severity.NOTHING_LEARNS,
            lambda s, Z: factor * mean_loss(log_odds(s, Z)),
        )
        for offset in crossings(lambda c: float(mean_loss(s - c)) - value, np.linspace(-25, 25, 101)):
            more = offset - used
            words = f"beside log Z, {more:.4g} is taken from the scores, expected log(K / N) = {np.log(K / N):.4g}"
            yield Form(words, Severity.LEARNS_ELSE, lambda s, Z, c=more: mean_loss(log_odds(s, Z, np.exp(c))))  # type: ignore[misc]

    def pulls_as(self, form: Form, Z: float | None) -> bool:
        """Whether the first gradient is that of this form, with Z held fixed, or with None through the batch's own Z."""
        actual, s = self.case.actual.arrays.get("first.gradient"), self.scores["first"].clone().requires_grad_()
        form.formula(s, N * s.exp().mean() if Z is None else Z).sum().backward()
        assert s.grad is not None
        return (
            actual is not None
            and actual.size == s.numel()
            and close(actual.reshape(B, -1), s.grad.numpy(), rtol=1e-2, atol=1e-4)
        )

    def other_rows(self) -> str:
        """In words, if the first Z is that of another whole number of rows than N."""
        first = self.Z["first"]
        rows = (first or 0.0) / float(self.scores["first"].exp().mean())
        whole = rows > 1 and abs(rows - round(rows)) < 2e-3 * rows
        return f"as with {rows:,.0f} rows in place of N = {N}" if whole else ""

    def borne_out(self) -> bool:
        moved = self.Z["first"] != self.Z["second"]  # a constant may be an estimate by chance
        estimated = moved and (self.estimate is not None or self.first_averaged)
        return self.form is not None or pull(self.case, "first.gradient") > 0.6 or estimated
