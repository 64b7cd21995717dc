"""Repairs in sentences: those of a kind become one."""

from __future__ import annotations

import pytest
from nbrepair.remarks import MAX_LABELS, Remark, Remarks, costs


class TestRemarks:
    def test_those_of_a_kind_become_one_in_the_order_of_the_first(self) -> None:
        remarks = Remarks()
        for label in ("1", "2", "1"):
            remarks.add("The answer to {} was odd.", label)
        remarks.add("Once.", cost=True)
        remarks.add("Once.")
        remarks.add("The answer to {} was gone.", "1")
        said = remarks.sentences()
        assert said == ["The answer to 1 was odd. The same for 2.", "Once.", "The answer to 1 was gone."]
        assert [costs(remark) for remark in said] == [False, True, False]
        assert not costs("Once.") and costs(Remark("x", cost=True)) and not costs(Remark("x"))

    @pytest.mark.parametrize(
        ("count", "more"), [(MAX_LABELS, ""), (MAX_LABELS + 1, " and 1 more"), (MAX_LABELS + 3, " and 3 more")]
    )
    def test_a_few_are_named(self, count: int, more: str) -> None:
        remarks = Remarks()
        remarks.add("{} is odd.", *map(str, range(count)))
        (said,) = remarks.sentences()
        assert said == f"0 is odd. The same for {', '.join(map(str, range(1, MAX_LABELS)))}{more}."
