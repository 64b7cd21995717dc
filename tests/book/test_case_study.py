from __future__ import annotations

import math

import pytest

from book.case_study import case_study, draw


def test_the_two_runs_differ_in_the_recipe_alone():
    runs = case_study()
    ours, theirs = runs["course"], runs["original"]
    changed = {key for key, value in ours["settings"].items() if theirs["settings"][key] != value}
    assert changed == {"lab_scale", "replace", "bank_rows", "bank_passes"}
    assert (ours["seed"], ours["data"]) == (theirs["seed"], theirs["data"])


def test_what_the_page_claims():
    """The loss is lower all along, from the second epoch on; as its features come, random weights do better."""
    ours, theirs = (case_study()[recipe] for recipe in ("course", "original"))
    assert all(b < a for a, b in zip(ours["cmc_history"]["loss"][1:], theirs["cmc_history"]["loss"][1:], strict=True))
    assert theirs["accuracy"]["cmc"] < theirs["accuracy"]["random_lab"] < ours["accuracy"]["cmc"]
    assert theirs["standardised"]["cmc"] < ours["standardised"]["cmc"]
    assert theirs["cmc_history"]["loss"][-1] < theirs["plateau"] < ours["plateau"]


def test_where_every_row_belongs_to_an_image_collapse_is_chance():
    ours = case_study()["course"]
    assert ours["plateau"] == pytest.approx(2 * math.log(ours["settings"]["K"] + 1))
    assert ours["plateau_prob"] == pytest.approx(1 / (ours["settings"]["K"] + 1))


def test_the_figure_is_drawn(tmp_path):
    draw(case_study(), tmp_path / "figures" / "case_study.png")
    assert (tmp_path / "figures" / "case_study.png").read_bytes().startswith(b"\x89PNG")
