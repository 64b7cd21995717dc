from __future__ import annotations

import pytest
from ps8.settings import RECIPE_VARIABLE, settings


def test_the_original_recipe_changes_what_it_names_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    course = vars(settings("full"))
    monkeypatch.setenv(RECIPE_VARIABLE, "original")
    original = vars(settings("full"))
    changed = {name for name in course if course[name] != original[name]}
    assert changed == {"lab_scale", "bank_rows", "bank_passes", "replace"}
    assert original["bank_rows"] == 100_000 and original["lab_scale"] == "raw"


def test_no_such_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RECIPE_VARIABLE, "secret")
    with pytest.raises(ValueError, match="no recipe 'secret': choose one of course, original"):
        settings()


def test_no_such_profile() -> None:
    with pytest.raises(ValueError, match="no profile 'tiny': choose one of full, quick, grade"):
        settings("tiny")
