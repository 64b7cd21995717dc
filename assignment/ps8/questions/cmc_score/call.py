"""A call of `CMCScore` whose scores can be looked up.

The bank of L holds the first N unit vectors, the bank of ab the next N. A live feature's cosine with row r is then one of its
own coordinates, so each score says by itself which row of which bank it came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ps8.checks.running import SEED, fail, student
from ps8.probes import Namespace
from ps8.probes.tools import Numbers

QUESTION = "cmc_score"


N, K, B = 12, 5, 4


D = 2 * N + 2


T, MOMENTUM = 0.4, 0.25  # neither is the default, nor one minus the other


VIEWS = ("l", "ab")


DRAWING = "without idx"


OTHER = {"l": "ab", "ab": "l"}


ERRORS = {
    r"cannot be multiplied|Expected size for|size of tensor|must match|einsum|bmm|same number of elements": "product_shapes",
    r"inplace operation|modified by": "general.inplace",
    r"leaf Variable": "general.inplace_leaf",
    r"requires grad.*in-place": "bank_in_graph",
    r"second time": "bank_in_graph",
    r"cannot assign.*(Parameter|buffer)": "bank_assigned",
}


@dataclass
class Call:
    """What goes into a call of `CMCScore`, and what came. Made anew for each question that is put to it."""

    temperature: float = T
    momentum: float = MOMENTUM
    rows: int = N
    negatives: int = K
    batch: int = B
    seed: int = SEED
    scale: float = 1.0  # of the live features

    def __post_init__(self) -> None:
        numbers = Numbers(self.seed)
        self.d = 2 * self.rows + 2  # two dimensions more than rows: room for features that no row is near
        self.live = {v: numbers.normal(f"live {v}", self.batch, self.d) * self.scale for v in VIEWS}
        eye = torch.eye(self.d)
        self.banks = {"l": eye[: self.rows].clone(), "ab": eye[self.rows : 2 * self.rows].clone()}
        self.y = self.rows - 1 - torch.arange(self.batch) * 2 % self.rows  # 11, 9, 7, 5: none is its own position
        others = 1 + numbers.integers("others", self.rows - 1, self.batch, self.negatives)
        self.idx = torch.cat([self.y[:, None], (self.y[:, None] + others) % self.rows], dim=1)

    def cosines(self, view: str, bank: str = "") -> Tensor:
        """The cosines of a view's features with every row of a bank (of the other view's, unless named), (B, N): looked up."""
        unit: Tensor = self.live[view] / self.live[view].norm(dim=1, keepdim=True)
        return unit[:, : self.rows] if (bank or OTHER[view]) == "l" else unit[:, self.rows : 2 * self.rows]

    def run(self, namespace: Namespace, *, draw: bool = False, grad: bool = False, ahead: str = "") -> Call:
        """Calls the student's class; leaves the scores in `out` and the banks after the call in `after`."""
        expected = f"two tensors of shape ({self.batch}, {self.negatives + 1}, 1)"
        with student(QUESTION, expected, ERRORS, ahead):
            contrast = namespace["CMCScore"](
                self.d, self.rows, self.negatives, T=self.temperature, momentum=self.momentum
            ).cpu()
            for view in VIEWS:
                bank_of(contrast, view).data.copy_(self.banks[view])
            live = {v: x.clone().requires_grad_(grad) for v, x in self.live.items()}
            arguments = [live["l"], live["ab"], self.y.clone()]
            out = contrast(*arguments) if draw else contrast(*arguments, self.idx.clone())
        check_shapes(out, self, ahead)
        self.contrast, self.leaves = contrast, live
        self.out = dict(zip(VIEWS, out, strict=True))
        self.after = {view: bank_of(contrast, view) for view in VIEWS}
        return self

    def scores(self, view: str) -> Tensor:
        """The scores of a view without their last dimension and without a graph, (B, K+1)."""
        scores: Tensor = self.out[view].detach()[..., 0]
        return scores


def bank_of(contrast: Any, view: str) -> Tensor:
    bank = getattr(contrast, f"memory_{view}", None)
    if not isinstance(bank, Tensor):
        fail(QUESTION, "bank_missing", f"a buffer memory_{view}, as the given constructor makes it", "none")
    if isinstance(bank, torch.nn.Parameter):
        fail(QUESTION, "bank_as_parameter", f"a buffer memory_{view}, which no optimizer touches", "a parameter")
    return bank


def check_shapes(out: Any, call: Call, ahead: str) -> None:
    wanted = (call.batch, call.negatives + 1, 1)
    expected = f"two tensors of shape (batch_size, K+1, 1): here {wanted}" + (f", {ahead}" if ahead else "")
    if out is None:
        fail(QUESTION, "general.returns_nothing", expected, "forward gives None")
    if not isinstance(out, (tuple, list)) or len(out) != 2 or not all(isinstance(o, Tensor) for o in out):
        what = f"one tensor of shape {tuple(out.shape)}" if isinstance(out, Tensor) else type(out).__name__
        fail(QUESTION, "two_outputs", expected, what)
    for view, o in zip(VIEWS, out, strict=True):
        shape = tuple(o.shape)
        if shape == wanted:
            continue
        cause = "shape"
        if ahead == DRAWING and shape == (call.batch, call.negatives, 1):
            cause = "one_column_short"
        elif not ahead and shape == (call.batch, call.negatives, 1):
            cause = "idx_cropped"
        elif ahead and tuple(n for n in shape if n != 1) == tuple(n for n in wanted if n != 1):
            cause = "squeeze_breaks"
        elif shape == wanted[:2]:
            cause = "last_dimension"
        elif shape[:2] == (call.batch, call.batch):
            cause = "live_instead_of_bank"
        fail(QUESTION, cause, expected, f"out_{view}: {shape}")
