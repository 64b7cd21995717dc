"""Products with rows of a table: the same numbers and gradients as copying the rows gives."""

from __future__ import annotations

import pytest
import torch
from ps8 import row_products
from torch import Tensor


def case(B: int, M: int, N: int, d: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor]:
    g = torch.Generator().manual_seed(B + M + N)
    vectors = torch.randn(B, d, generator=g, dtype=dtype).requires_grad_()
    return vectors, torch.randn(N, d, generator=g, dtype=dtype), torch.randint(N, (B, M), generator=g)


@pytest.mark.parametrize(
    ("B", "M", "N", "d"), [(128, 257, 3_000, 384), (2, 5, 900, 3), (1, 5, 9, 3), (4, 1, 1, 2), (3, 40, 7, 8), (2, 7, 7, 1)]
)
def test_same_as_copying_the_rows(B: int, M: int, N: int, d: int) -> None:
    vectors, table, rows = case(B, M, N, d)
    weights = torch.randn(B, M)
    actual, plain = row_products(vectors, table, rows), (table[rows] * vectors[:, None]).sum(2)
    assert actual.shape == (B, M) and torch.allclose(actual, plain, atol=1e-4)
    (ours,) = torch.autograd.grad((actual * weights).sum(), vectors)
    (theirs,) = torch.autograd.grad((plain * weights).sum(), vectors)
    assert torch.allclose(ours, theirs, atol=1e-3)


def test_gradients_are_the_slopes() -> None:
    vectors, table, rows = case(3, 4, 6, 5, torch.float64)
    assert torch.autograd.gradcheck(lambda v: row_products(v, table, rows), vectors)


def test_a_later_change_of_the_table_does_not_reach_backward() -> None:
    vectors, table, rows = case(5, 6, 20, 4)
    expected = table[rows].sum(1)
    out = row_products(vectors, table, rows)
    table.zero_()
    out.sum().backward()
    assert vectors.grad is not None and torch.allclose(vectors.grad, expected, atol=1e-5)


def test_no_more_is_kept_for_backward_than_the_rows_need() -> None:
    vectors, table, rows = case(2, 5, 9_000, 4)
    out = row_products(vectors, table, rows)
    kept, places = out.grad_fn.saved_tensors  # type: ignore[union-attr]
    assert len(kept) == len(rows.unique()) and torch.equal(kept[places], table[rows])


def test_rows_in_any_layout_and_a_weighted_sum_of_few() -> None:
    vectors, table, rows = case(6, 3, 20, 4)
    turned = rows.T.contiguous().T
    assert not turned.is_contiguous()
    assert torch.equal(row_products(vectors, table, turned), row_products(vectors, table, rows))
    row_products(vectors, table, rows)[:, :1].sum().backward()  # its gradient is no contiguous tensor
    assert vectors.grad is not None and torch.allclose(vectors.grad, table[rows[:, 0]], atol=1e-6)


@pytest.mark.parametrize("row", [-1, 20, 2**40])
@pytest.mark.parametrize("count", [3, 30])
def test_a_row_that_is_not_there_is_an_error(row: int, count: int) -> None:
    """Without it, what lies beside the table in memory would be read."""
    vectors, table, rows = case(6, count, 20, 4)
    rows[2, 1] = row
    with pytest.raises(IndexError, match="rows should be 0 to 19"):
        row_products(vectors, table, rows)


def test_nothing_is_kept_without_a_gradient() -> None:
    vectors, table, rows = case(5, 6, 20, 4)
    with torch.no_grad():
        assert row_products(vectors, table, rows).grad_fn is None


def test_a_table_that_learns_gets_its_gradient() -> None:
    vectors, table, rows = case(2, 2, 4, 3)
    row_products(vectors, table.requires_grad_(), rows).sum().backward()
    expected = torch.zeros(4, 3).index_add(0, rows.flatten(), vectors.detach().repeat_interleave(2, 0))
    assert table.grad is not None and torch.allclose(table.grad, expected)
