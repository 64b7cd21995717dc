"""Inner products with some rows of a table, without copying the rows."""

from __future__ import annotations

import warnings
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable


def row_products(vectors: Tensor, table: Tensor, rows: Tensor) -> Tensor:
    """Multiply each vector with its own choice of rows of a table.

    On a CPU, copying the rows out of the table first takes longer than multiplying them: here they are read where they are.
    The table may be changed in place afterwards, also before `backward`, which sees it as it was: it keeps the rows that were
    asked for, each once, so that neither time nor memory grow with N beyond B M.

    Args:
        vectors: float (B, d).
        table: float (N, d).
        rows: int64 (B, M), each 0..N-1; the same row may come more than once.

    Returns:
        (B, M): in line i the inner products of vector i with the rows of line i.

    Raises:
        IndexError: on a CPU, if a row is not there. On a GPU that is PyTorch's to say.
    """
    if table.requires_grad:
        return _copying(vectors, table, rows)
    products: Tensor = _RowProducts.apply(vectors, table, rows)
    return products


def _copying(vectors: Tensor, table: Tensor, rows: Tensor) -> Tensor:
    return torch.bmm(table[rows], vectors[:, :, None]).squeeze(2)


class _RowProducts(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, vectors: Tensor, table: Tensor, rows: Tensor) -> Tensor:
        if vectors.device.type == "cpu" and rows.numel() and not 0 <= int(rows.min()) <= int(rows.max()) < len(table):
            raise IndexError(f"rows should be 0 to {len(table) - 1}, they are {int(rows.min())} to {int(rows.max())}")
        if ctx.needs_input_grad[0]:
            table, rows = _kept(table, rows)
            ctx.save_for_backward(table, rows)
        if vectors.device.type == "cpu" and rows.shape[1] <= len(table):
            return _at_places(vectors, table, rows)
        return _copying(vectors, table, rows)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        table, rows = ctx.saved_tensors
        return F.embedding_bag(rows, table, mode="sum", per_sample_weights=grad.contiguous()), None, None


def _kept(table: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """A copy of the table, of no more of it than the rows need, and the rows' places in it."""
    if len(table) <= rows.numel():
        return table.clone(), rows
    used, places = rows.unique(return_inverse=True)
    return table.index_select(0, used), places


def _at_places(vectors: Tensor, table: Tensor, rows: Tensor) -> Tensor:
    """The product of all vectors with the whole table, computed at M places of each line: a sparse matrix of (B, N)."""
    starts = torch.arange(0, rows.numel() + 1, rows.shape[1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # PyTorch's, that sparse matrices are in beta
        places = torch.sparse_csr_tensor(starts, rows.flatten(), vectors.new_zeros(rows.numel()), (len(rows), len(table)))
        products: Tensor = torch.sparse.sampled_addmm(places, vectors, table.T, beta=0)
        return products.values().view(rows.shape)
