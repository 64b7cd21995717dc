"""Limits and settings as an instructor writes them."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from nbjudge.jail import Limits, Settings

from assignment.builder.schema import KEYS, LIMITS


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


@pytest.mark.parametrize("told", ["no", "false", "Off", "0", ""])
def test_no_is_not_yes(monkeypatch, told):
    """Any text was taken for a yes."""
    monkeypatch.setenv("PS8_UNJAILED", told)
    assert not Settings.from_mapping({}).unjailed


def test_what_is_neither_yes_nor_no_is_refused(monkeypatch):
    monkeypatch.setenv("PS8_UNJAILED", "perhaps")
    with pytest.raises(ValueError, match="PS8_UNJAILED is 'perhaps', but must be 1 for yes or 0 for no"):
        Settings.from_mapping({})
    monkeypatch.delenv("PS8_UNJAILED")
    for table in ({"unjailed": "no"}, {"unjailed": 1}, {"warm": "yes"}, {"readable": "/opt"}):
        with pytest.raises(ValueError, match="but must be"):
            Settings.from_mapping(table)


def test_course_toml_knows_the_limits_by_these_names():
    """What it does not know, it refuses before a limit is ever made."""
    assert set(LIMITS) == set(Limits().as_dict())
    keys = {key.name for key in KEYS if key.table == "grading"}
    assert keys == {"unjailed", "warm", "readable", "data"} <= {field.name for field in fields(Settings)}


def test_settings_from_the_course_file():
    settings = Settings.from_mapping({"warm": False, "readable": ["/opt/libs"], "data": "", "limits": {}})
    assert (settings.warm, settings.readable, settings.data) == (False, (Path("/opt/libs"),), None)
