"""Limits and settings as an instructor writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.jail import Limits, Settings


def test_what_is_left_out_keeps_its_default():
    limits = Limits.from_mapping({"seconds_per_cell": 7})
    assert limits.seconds_per_cell == 7
    assert limits.memory_bytes == Limits().memory_bytes
    assert Limits.from_mapping(None) == Limits.from_mapping({}) == Limits()


def test_a_misspelt_limit_is_named_with_the_right_ones():
    with pytest.raises(ValueError, match=r"no limit named seconds_per_sell.*seconds_per_cell"):
        Limits.from_mapping({"seconds_per_sell": 7})


@pytest.mark.parametrize("value", [0, -1, 1.5, "60", True, None])
def test_a_limit_is_a_positive_whole_number(value):
    with pytest.raises(ValueError, match="processes must be a whole number above 0"):
        Limits.from_mapping({"processes": value})


def test_opting_in_to_no_jail(monkeypatch):
    monkeypatch.delenv("PS8_UNJAILED", raising=False)
    assert not Settings.from_mapping({}).unjailed
    assert Settings.from_mapping({"unjailed": True}).unjailed
    monkeypatch.setenv("PS8_UNJAILED", "0")
    assert not Settings.from_mapping({}).unjailed
    monkeypatch.setenv("PS8_UNJAILED", "1")
    assert Settings.from_mapping({}).unjailed


def test_settings_from_the_course_file():
    settings = Settings.from_mapping({"warm": False, "readable": ["/opt/libs"], "data": "", "limits": {}})
    assert (settings.warm, settings.readable, settings.data) == (False, (Path("/opt/libs"),), None)
