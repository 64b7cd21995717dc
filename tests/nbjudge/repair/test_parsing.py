"""How cells of code are parsed, compared and remembered."""

from __future__ import annotations

from nbrepair.definitions import MAX_PARSED, dumped, forget_cells, names, parse, tidy


class TestDefinitions:
    def test_how_long_a_cell_is_parsed(self) -> None:
        assert parse("x".ljust(MAX_PARSED)) is not None and parse("x".ljust(MAX_PARSED + 1)) is None
        assert names("def f(): pass\nx = 1".ljust(MAX_PARSED + 1)).all == {"f", "x"}

    def test_trees_are_alike_but_for_comments_and_nothing_has_none(self) -> None:
        assert dumped("x = 1 # a") == dumped("\nx  = 1") != dumped("x = 2")
        assert dumped("") is dumped("# a") is dumped("(") is None

    def test_what_is_remembered_is_forgotten(self) -> None:
        assert parse("x = 1") is parse("x = 1")
        forget_cells()
        assert [each.cache_info().currsize for each in (parse, names, dumped)] == [0, 0, 0]

    def test_a_text_is_tidied_at_its_ends(self) -> None:
        assert tidy("\n  a  \n\n b\t\n\n") == "a\n\n b"
