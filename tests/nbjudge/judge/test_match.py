"""A mistake is named if it alone, or with one other, explains all the numbers."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
import pytest
from nbjudge.evidence import Evidence
from nbjudge.judge import mistake_matching
from nbjudge.judge.catalogue import Edit
from nbjudge.judge.compare import Case
from nbjudge.judge.criteria import Question

from .conftest import MISTAKES, evidence, mistake

SEED = 3


def case(*edits: Edit) -> Case:
    got, expected = evidence(SEED, edits), evidence(SEED)
    assert got is not None and expected is not None
    return Case(got, expected, SEED)


def test_a_right_answer_and_one_that_nobody_thought_of_have_no_name(line: Question) -> None:
    assert mistake_matching.recognise_mistake(line, case()) == ()
    assert mistake_matching.recognise_mistake(line, case(Edit("line", "3 * x", "2 * x"))) == ()


@pytest.mark.parametrize("known", MISTAKES, ids=lambda m: m.id)
def test_one_alone_is_named_alone(line: Question, known) -> None:
    assert mistake_matching.recognise_mistake(line, case(*known.edits)) == (known,)


def test_the_first_of_two_that_are_the_same_is_named(line: Question) -> None:
    twin = mistake("twin", "line", "+ 5", "+ 0")
    for order in ((MISTAKES[0], twin), (twin, MISTAKES[0])):
        asked = dataclasses.replace(line, mistakes=lambda order=order: order)
        assert mistake_matching.recognise_mistake(asked, case(*twin.edits)) == (order[0],)


@pytest.mark.parametrize("pair", [*combinations(MISTAKES[:3], 2)], ids=lambda pair: "+".join(m.id for m in pair))
def test_a_pair_is_named_in_the_catalogues_order(line: Question, pair) -> None:
    assert mistake_matching.recognise_mistake(line, case(*(edit for known in pair for edit in known.edits))) == pair


def test_a_mistake_that_does_not_fit_the_reference_explains_nothing(line: Question) -> None:
    stale = mistake("stale", "line", "nowhere", "somewhere")
    asked = dataclasses.replace(line, mistakes=lambda: (stale, *MISTAKES))
    assert mistake_matching.known_fingerprint(asked, SEED, (stale,)) is None
    assert mistake_matching.recognise_mistake(asked, case(*MISTAKES[1].edits)) == (MISTAKES[1],)
    assert mistake_matching.recognise_mistake(asked, case(*MISTAKES[0].edits, *MISTAKES[2].edits)) == (MISTAKES[0], MISTAKES[2])


def test_with_many_mistakes_the_likely_pairs_are_tried_and_no_more_than_a_few(line: Question) -> None:
    """Each mistake moves a number of its own: of all the pairs the one that moves the right two comes first."""
    count = 12

    def variant(seed: int, edits: tuple[Edit, ...]) -> Evidence:
        tried.append(edits)
        moved = {int(edit.new) for edit in edits}
        return Evidence({str(n): np.array(1.0 + (n in moved)) for n in range(count)})

    tried: list[tuple[Edit, ...]] = []
    known = tuple(mistake(f"m{n}", "line", "", str(n)) for n in range(count))
    asked = Question("many", "Many", (), borne_out=bool, variant=variant, mistakes=lambda: known)
    pair = (known[7], known[10])
    got = Case(variant(0, pair[0].edits + pair[1].edits), variant(0, ()), 0)
    tried.clear()
    assert mistake_matching.recognise_mistake(asked, got) == pair
    assert len(tried) == count + 1  # each alone, then the right pair
    nobody = Case(Evidence({str(n): np.array(9.0) for n in range(count)}), got.expected, 1)
    tried.clear()
    assert mistake_matching.recognise_mistake(asked, nobody) == ()
    assert len(tried) == count + mistake_matching.MAX_PAIRS


def test_the_likelier_pair_is_the_one_that_leaves_less_unexplained() -> None:
    """Under names of its own a mistake must show as it would alone, and what no mistake moves must be as it is."""
    right = {"a": 0.0, "b": 0.0, "c": 0.0}
    alone = {"moves_a": {"a": 1.0}, "moves_b": {"b": 1.0}, "moves_both": {"a": 5.0, "b": 5.0}, "moves_c": {"c": 1.0}}

    def print_of(moved: dict[str, float]) -> mistake_matching.Fingerprint:
        evidence = Evidence({name: np.array(value) for name, value in {**right, **moved}.items()})
        return mistake_matching.fingerprint(Question("q", "Q", (), borne_out=bool), evidence, 0)

    known = {mistake(name, "line", "", ""): print_of(moved) for name, moved in alone.items()}
    got = print_of({"a": 1.0, "b": 1.0})
    ordered = [{one.name, two.name} for one, two in mistake_matching._likely_pairs(got, print_of({}), known)]
    assert ordered[0] == {"moves a", "moves b"}
    assert ordered.index({"moves a", "moves both"}) < ordered.index({"moves both", "moves c"})
    assert len(ordered) == 6
