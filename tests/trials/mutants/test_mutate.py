"""Mutants: many, each another program with one thing changed inside a SOLUTION region, and the same ones each time."""

from __future__ import annotations

import ast

import pytest

from autograder.judge import reference
from autograder.questions import QUESTIONS
from trials.misconceptions.rewriting import ANSWERS, from_reference
from trials.mutants.mutate import mutants

SMALL = """
def train_ae(images, rate=0.5):
    outside = 1 + 2
    ### BEGIN SOLUTION
    total = images.sum(dim=1) / rate
    print(total)
    ### END SOLUTION
    return total - outside
"""


def test_there_are_many_and_each_is_another_program() -> None:
    found = [mutant for question in QUESTIONS for mutant in mutants(question)]
    assert len(found) >= 1_000 and {mutant.question for mutant in found} == set(QUESTIONS)
    assert len({(m.question, m.what) for m in found}) == len({(m.question, m.text) for m in found}) == len(found)
    assert not {m.text for m in found} & {from_reference(question).text for question in QUESTIONS}
    kinds = {
        "constant",
        "statement dropped",
        "argument",
        "operator",
        "comparison",
        "detach",
        "another function",
        "another name",
    }
    assert kinds <= {mutant.kind for mutant in found}


def test_the_same_mutants_each_time() -> None:
    assert mutants("nce") == mutants("nce")


def test_what_stands_around_a_region_stays() -> None:
    for mutant in mutants("train_ae", SMALL):
        (function,) = (node for node in ast.parse(mutant.text).body if isinstance(node, ast.FunctionDef))
        assert ast.unparse(function.body[0]) == "outside = 1 + 2" and ast.unparse(function.body[-1]) == "return total - outside"


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("another function", "images.mean(dim=1) / rate"),
        ("argument", "images.sum(dim=1, keepdim=True) / rate"),
        ("argument", "images.sum() / rate"),
        ("constant", "images.sum(dim=-1) / rate"),
        ("operator", "images.sum(dim=1) * rate"),
        ("operator", "rate / images.sum(dim=1)"),
        ("typed in", "images.sum(dim=1) / 0.5"),
        ("call dropped", "images / rate"),
        ("detach", "(images.sum(dim=1) / rate).detach()"),
    ],
)
def test_a_change_is_made_and_told(kind: str, what: str) -> None:
    old = "total = images.sum(dim=1) / rate"
    assert (kind, f"{old} -> total = {what}") in [(m.kind, m.what) for m in mutants("train_ae", SMALL)]


def test_statements_are_dropped_repeated_and_exchanged() -> None:
    told = {mutant.what for mutant in mutants("train_ae", SMALL)}
    one, two = "total = images.sum(dim=1) / rate", "print(total)"
    assert {f"{one} -> nothing", f"{two} -> {two}; {two}", f"{one}; {two} -> {two}; {one}"} <= told


@pytest.mark.parametrize("question", ANSWERS)
def test_an_edited_reference_has_mutants_too(question: str) -> None:
    module, _ = ANSWERS[question]
    assert mutants(question, reference.solution_source(module)) == mutants(question)
