"""1.4, 1.5 and 2.3: steps of another size, and whether one change of pace explains all of them.

How far the first step goes says nothing of those after it. A rate, an optimizer or a loss on another scale changes all steps in
a way that the reference shows when it is trained so; whatever else is off in the later ones is a deviation of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from nbjudge.judge.catalogue import Edit
from nbjudge.judge.compare import Case

from autograder.judge import reference

from .loops import Loop

ALIKE = 0.998  # cosine of moves that one change explains; gradients that are never cleared come to 0.985
# Optimizers whose first step goes the way of Adam's, and another distance.
OPTIMIZERS = ("torch.optim.NAdam(", "(lambda parameters, betas=(), **settings: torch.optim.RMSprop(parameters, **settings))(")
MOST_STEPS = 4  # for one batch
_ADAM, _STEP, _BACKWARD = "torch.optim.Adam(", "optimizer.step()", "loss.backward()"


def explain(loop: Loop, case: Case, size: float, given: tuple[Edit, ...] = ()) -> bool:
    """Whether all that is off in the steps is a pace that makes the first one `size` times as long.

    Args:
        loop: which.
        case: the answer.
        size: of the first step.
        given: what is off besides, and paid for elsewhere: edits of the reference.
    """
    return any(_explains(loop, case, given + edits) for edits in _paces(loop, size))


def explain_scale(loop: Loop, case: Case, factor: float, given: tuple[Edit, ...] = ()) -> bool:
    """Whether a loss that is `factor` times as large explains the steps, be it in every batch, or by the size of a batch."""
    scales = (f"{factor!r}", f"{factor!r} * len(images) / 4", f"{factor!r} * 4 / len(images)")
    scaled = [(Edit(loop.module, _BACKWARD, f"({scale} * loss).backward()"),) for scale in scales]
    return any(_explains(loop, case, given + edits) for edits in scaled)


def _paces(loop: Loop, size: float) -> Iterator[tuple[Edit, ...]]:
    """Changes of the reference that make its first step longer or shorter, likely ones first."""
    yield (Edit(loop.module, f"lr={loop.rate}", f"lr={size:.4g} * {loop.rate}"),)
    times = round(size)
    if 2 <= times <= MOST_STEPS and abs(size - times) < 0.1 * times:
        yield (Edit(loop.module, _STEP, f"[{_STEP} for _ in range({times})]"),)
    yield from ((Edit(loop.module, _ADAM, other),) for other in OPTIMIZERS)


def _explains(loop: Loop, case: Case, edits: tuple[Edit, ...]) -> bool:
    """Whether the reference with these edits takes the same steps."""
    other = Case(case.actual, reference.evidence(loop.question, case.seed, edits), case.seed)
    return all(not m.there or m.right or m.cosine > ALIKE for m in loop.moves(other, "many"))
