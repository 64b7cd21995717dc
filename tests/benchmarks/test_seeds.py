"""The solved notebook with several seeds: what is changed in it, and what is read from it."""

from __future__ import annotations

import ast

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from assignment.builder.lesson_notebooks import solved_notebook
from autograder.paths import ASSIGNMENT
from benchmarks.seeds import SETTINGS, doctor, features, rounded, with_seed

LOOKED = """untrained  views of an image: mean cosine  0.02
           L  of two images: mean cosine  0.83   dead units  50%
           ab of two images: mean cosine  0.98   dead units  41%
"""
TRAINED = """trained    views of an image: mean cosine  0.61
           L  of two images: mean cosine -0.01   dead units   8%
           ab of two images: mean cosine  0.21   dead units 100%
"""


def test_the_notebook_gets_another_seed_in_one_place() -> None:
    plain = solved_notebook(ASSIGNMENT)
    seeded = with_seed(solved_notebook(ASSIGNMENT), 7)
    changed = [new for old, new in zip(plain.cells, seeded.cells, strict=False) if old.source != new.source]
    assert len(changed) == 1 and "replace(ps8.settings(), seed=7)" in changed[0].source
    ast.parse(changed[0].source)
    assert len(seeded.cells) == len(plain.cells) + 1


@pytest.mark.parametrize("sources", [["cfg = other()"], [SETTINGS, SETTINGS], [f"{SETTINGS}\n{SETTINGS}"]])
def test_a_notebook_that_makes_its_settings_otherwise_is_refused(sources: list[str]) -> None:
    with pytest.raises(ValueError, match="does it read otherwise now"):
        with_seed(new_notebook(cells=[new_code_cell(source) for source in sources]), 7)


def test_what_was_looked_at_is_read() -> None:
    found = features(["other words", LOOKED + TRAINED])
    assert found["untrained"] == {"views": 0.02, "images_L": 0.83, "dead_L": 0.5, "images_ab": 0.98, "dead_ab": 0.41}
    assert found["trained"] == {"views": 0.61, "images_L": -0.01, "dead_L": 0.08, "images_ab": 0.21, "dead_ab": 1.0}


@pytest.mark.parametrize("text", ["", LOOKED, LOOKED + TRAINED.replace("dead units", "units that are dead")])
def test_what_reads_otherwise_is_no_figure(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        features([text])


def test_the_doctors_words_are_found_in_what_cells_print() -> None:
    said = "epoch 3\nDoctor, after epoch 6: in 5 epochs\n    the loss has not gone down.\nmore\nDoctor: 0.100 is a guess."
    assert doctor(["nothing", said]) == [
        "Doctor, after epoch 6: in 5 epochs the loss has not gone down.",
        "Doctor: 0.100 is a guess.",
    ]


def test_numbers_are_short() -> None:
    assert rounded({"a": [0.123456, 3], "b": {"c": 1.00001}}) == {"a": [0.1235, 3], "b": {"c": 1.0}}
