"""Pictures of wrong answers: there when something differs, readable by an XML parser, small, whatever the evidence holds."""

from __future__ import annotations

import copy
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from nbjudge.judge.compare import Case, cleaned
from ps8.probes import Evidence

from autograder.catalogue import catalogue
from autograder.figures.panels import differs, short
from autograder.figures.selection import figure
from autograder.figures.svg import colours
from autograder.judge import reference
from autograder.questions import QUESTIONS, ROOMS

SEED = 8
KNOWN = {m.id: m for m in catalogue()}
SHOWN = {  # mistake -> what its picture must tell, as a pattern
    "encoder.padding": r"shape \[2, 24, 2, 2\]",
    "decoder.sigmoid_missing": r"differ by [0-9.]+ on average",
    "decoder.padding": r"shape \[2, 3, 94, 94\]",
    "encoder_cmc.views_swapped": "L wrong, ab wrong",
    "cmc_score.temperature_forgotten": r"scores of L: (\d+) of \1 entries",
    "cmc_score.own_bank": r"scores of ab: (\d+) of \1 entries",
    "cmc_score.momentum_wrong_side": r"memory_l \(L\): 4 rows",
    "cmc_score.all_rows_updated": r"memory_ab \(ab\): 18 rows",
    "softmax_loss.label_one": "16 of 80 entries",
    "nce.noise_only": "4 of 32 entries",
    "train_ae.no_step": r"after one step: (\d+) of 63 parameters",
    "train_classifier.frozen_encoder_trained": r"encoder, frozen: (\d+) of \1 parameters",
    "train_cmc.one_view": "after one step",
}
ODD = {
    "a number": np.array(3.0),
    "nothing": np.zeros((0, 3)),
    "no rows": np.zeros((2, 0, 4, 4)),
    "nan": np.full((4, 7, 1), np.nan),
    "infinite": np.full((2, 3, 64, 64), -np.inf),
    "huge": np.full((17,), 1e308),
    "long": np.arange(200_000, dtype=np.float64),
    "wide": np.random.default_rng(0).normal(size=(500, 500)),
    "many maps": np.random.default_rng(0).normal(size=(2, 96, 64, 64)),
    "deep": np.ones((1, 2, 1, 2, 1, 2)),
    "flags": np.ones((20, 16), dtype=bool),
}


def case(question: str, actual: Evidence) -> Case:
    return Case(cleaned(actual), reference.evidence(question, SEED), SEED)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_right_answer_has_no_picture(question: str) -> None:
    assert figure(question, case(question, reference.evidence(question, SEED))) is None


@pytest.mark.parametrize("mistake", SHOWN)
def test_a_mistake_is_to_be_seen(mistake: str) -> None:
    known = KNOWN[mistake]
    made = figure(known.question, case(known.question, reference.fresh_evidence(known.question, SEED, known.edits)))
    assert made is not None
    assert re.search(SHOWN[mistake], made.alt), made.alt
    assert made.caption
    assert len(made.svg) < 40_000
    check(made.svg)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("question", [question for question in QUESTIONS if ROOMS[question].pictures])
def test_whatever_the_evidence_holds(question: str, odd: str) -> None:
    actual = copy.deepcopy(reference.evidence(question, SEED))
    actual.arrays = dict.fromkeys(actual.arrays, ODD[odd])
    made = figure(question, case(question, actual))
    assert made is not None
    assert len(made.svg) < 120_000
    check(made.svg)


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_evidence_no_picture(question: str) -> None:
    assert figure(question, case(question, Evidence(errors={"build": "ValueError"}))) is None or question == "encoder_cmc"


ELEMENTS = {"svg", "g", "text", "rect", "line", "circle", "image"}


def check(svg: str) -> None:
    """Well-formed, of the few elements that we use, and nothing in it runs or loads."""
    for element in ElementTree.fromstring(svg).iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in ELEMENTS
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert "nan" not in value or name == "href"
            assert name != "href" or value.startswith("data:image/png;base64,")


def test_what_is_not_finite_differs_and_is_grey() -> None:
    actual = np.array([np.nan, np.inf, 1.0, 1.00001])
    assert differs(actual, np.array([np.nan, np.inf, 1.0, 1.0])).tolist() == [True, True, False, False]
    assert colours(actual, 1.0)[:2].tolist() == [[128] * 3] * 2


def test_colours_tell_sign_and_size() -> None:
    low, zero, high = colours(np.array([-5.0, 0.0, 5.0]), 1.0).astype(int)
    assert low[2] > low[0] and high[0] > high[2] and abs(zero[0] - zero[2]) < 8


@pytest.mark.parametrize(
    ("value", "told"), [(-0.004, "0.00"), (-1.234, "-1.23"), (12.34, "12.3"), (-123.4, "-123"), (2e7, "2e7")]
)
def test_numbers_fit_their_cells(value: float, told: str) -> None:
    assert short(value) == told
