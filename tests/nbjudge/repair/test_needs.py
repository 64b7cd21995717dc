"""Which definitions are brought above an answer, and in which order."""

from __future__ import annotations

from nbrepair.needs import MAX_SUPPLIED, bound_by, pool_of, supply


class TestNeeds:
    def test_what_is_needed_stands_before_what_needs_it(self) -> None:
        pool = pool_of(["a = b\nb = c", "c = 1\nd = a + b\nb = 9", "print(a)\ne = f()"], {"d"})
        assert pool == {"a": "a = b", "b": "b = c", "c": "c = 1"}
        assert list(supply(["a"], [], set(), set(), pool)) == ["c", "b", "a"]
        assert list(supply(["a"], [], {"b"}, set(), pool)) == ["a"]
        assert supply(["x"], ["y"], set(), set(), pool) == {}

    def test_at_once_means_above_and_later_means_above_the_test(self) -> None:
        pool = {"a": "a = b", "b": "b = 1"}
        assert list(supply([], ["a"], set(), {"a"}, pool)) == []
        assert list(supply(["a"], ["a"], set(), {"a"}, pool)) == ["b", "a"]
        assert list(supply([], ["a"], set(), {"b"}, pool)) == ["b", "a"]  # `a` stands above the answer, where `b` is not yet
        assert list(supply(["b", "a"], [], {"a", "b"}, set(), pool)) == []

    def test_a_circle_is_brought_whole_and_a_long_chain_up_to_a_bound(self) -> None:
        circle = {"odd": "def odd(n): return even(n)", "even": "def even(n): return odd(n)"}
        assert supply(["odd"], [], set(), set(), circle) == circle
        chain = {f"n{k:02}": f"n{k:02} = n{k + 1:02}" for k in range(40)}
        assert len(supply(["n00"], [], set(), set(), chain)) == MAX_SUPPLIED

    def test_what_texts_bind(self) -> None:
        assert bound_by(["a = 1\nimport b.c", "def d(): e = 1"]) == {"a", "b", "d"}
