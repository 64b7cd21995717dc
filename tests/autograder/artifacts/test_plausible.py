"""What a person would notice in the numbers alone."""

from __future__ import annotations

import math

import pytest
from ps8.settings import settings

from autograder.artifacts.plausible import epochs, plausibility_remarks
from autograder.artifacts.results import Results

CFG = settings("full")
COLLAPSE = 2 * math.log(CFG.K + 1)
TESTED = 8_000


def said(
    trained: int = CFG.n_unlabeled, loss: float = 7.0, p: float = 0.1, profile: str = "full", **accuracy: float
) -> list[str]:
    history = {"loss": [11.4, 11.2, *[loss] * 6], "prob_l": [p] * 8, "prob_ab": [p] * 8}
    return plausibility_remarks(Results("STL-10", profile, accuracy, ae_losses=[3.8] * 4, cmc_history=history), TESTED, trained)


def test_sound_numbers_need_no_word() -> None:
    assert said(cmc=0.47, random_lab=0.4, autoencoder=0.29) == []


def test_a_run_of_another_profile_is_said() -> None:
    (remark,) = said(profile="quick", cmc=0.47)
    assert "'quick'" in remark


def test_the_plateau_of_collapse_is_recognised() -> None:
    (remark,) = said(loss=COLLAPSE, p=1 / (CFG.K + 1), cmc=0.3)
    assert "collapse" in remark
    assert "temperature" not in remark


def test_the_plateau_without_temperature_and_with_a_large_bank() -> None:
    """The numbers of a real submission: 9.427 and 0.009."""
    (remark,) = said(loss=9.427, p=0.009, cmc=0.3)
    assert "not divided by the temperature" in remark
    assert "100,000 rows" in remark


@pytest.mark.parametrize(("loss", "p"), [(COLLAPSE * 0.99, 1 / (CFG.K + 1)), (COLLAPSE, 0.1)])
def test_near_the_plateau_is_not_on_it(loss: float, p: float) -> None:
    assert said(loss=loss, p=p, cmc=0.4) == []


def test_a_few_epochs_tell_nothing() -> None:
    short = Results("STL-10", "full", cmc_history={"loss": [COLLAPSE] * 4, "prob_l": [], "prob_ab": []})
    assert plausibility_remarks(short, TESTED, CFG.n_unlabeled) == []


def test_chance_depends_on_how_many_images_were_tested() -> None:
    (remark,) = said(cmc=0.104, autoencoder=0.29)
    assert "cmc 0.104" in remark
    assert said(cmc=0.12) == []
    assert plausibility_remarks(Results("STL-10", "full", {"cmc": 0.12}), 100, 3_000) != []


def test_epochs() -> None:
    assert epochs(Results(profile="full", ae_losses=[1.0] * 37)) == "Epochs trained, by results.json: autoencoder 37 of 100."
    assert epochs(Results()) == ""
