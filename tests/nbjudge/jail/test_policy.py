"""Limits and settings as an instructor writes them."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
from nbjudge.jail import JailSettings, Limits

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
    monkeypatch.delenv("NBJUDGE_UNJAILED", raising=False)
    assert not JailSettings().with_choices({}).unjailed
    assert JailSettings().with_choices({"unjailed": True}).unjailed
    monkeypatch.setenv("NBJUDGE_UNJAILED", "0")
    assert not JailSettings().with_choices({}).unjailed
    monkeypatch.setenv("NBJUDGE_UNJAILED", "1")
    assert JailSettings().with_choices({}).unjailed


@pytest.mark.parametrize("told", ["no", "false", "Off", "0", ""])
def test_no_is_not_yes(monkeypatch, told):
    """Any text was taken for a yes."""
    monkeypatch.setenv("NBJUDGE_UNJAILED", told)
    assert not JailSettings().with_choices({}).unjailed


def test_what_is_neither_yes_nor_no_is_refused(monkeypatch):
    monkeypatch.setenv("NBJUDGE_UNJAILED", "perhaps")
    with pytest.raises(ValueError, match="NBJUDGE_UNJAILED is 'perhaps', but must be 1 for yes or 0 for no"):
        JailSettings().with_choices({})
    monkeypatch.delenv("NBJUDGE_UNJAILED")
    for table in ({"unjailed": "no"}, {"unjailed": 1}, {"warm": "yes"}, {"readable": "/opt"}):
        with pytest.raises(ValueError, match="but must be"):
            JailSettings().with_choices(table)


def test_course_toml_knows_the_limits_by_these_names():
    """What it does not know, it refuses before a limit is ever made."""
    assert set(LIMITS) == set(Limits().as_dict())
    keys = {key.name for key in KEYS if key.table == "grading"}
    assert keys == {"unjailed", "warm", "readable", "data"} <= {field.name for field in fields(JailSettings)}


def test_settings_from_the_course_file():
    settings = JailSettings().with_choices({"warm": False, "readable": ["/opt/libs"], "data": "", "limits": {}})
    assert (settings.warm, settings.readable, settings.data) == (False, (Path("/opt/libs"),), None)


@pytest.mark.parametrize(
    "name", ["", "a.", ".a", "a/b", "../a", "a b", "1a", "nbjudge_inside", "nbjudge_inside.plain_collector"]
)
def test_a_package_has_a_name_that_can_be_imported(name):
    with pytest.raises(ValueError, match="is no name for a package of kernels, such as"):
        JailSettings(packages={name: Path("/")})


def test_a_package_lies_in_no_other():
    with pytest.raises(ValueError, match=r"kit\.tools lies within kit"):
        JailSettings(packages={"kit.tools": Path("/a"), "kit": Path("/b")})
    JailSettings(packages={"kit.tools": Path("/a"), "kit.data": Path("/b"), "kitchen": Path("/c")})


def test_a_course_chooses_on_top_of_its_own_settings():
    own = JailSettings(packages={"kit": Path("/a")}, data=Path("/b"), env={"A": "b"}, secret=(Path("/c"),))
    assert own.with_choices(None) == own
    assert own.with_choices({"warm": False, "data": "/d"}) == replace(own, warm=False, data=Path("/d"))


def test_who_can_share_a_warm_parent():
    one = JailSettings(packages={"a": Path("/a"), "b": Path("/b")}, env={"A": "a"})
    assert one.key() == replace(one, packages={"b": Path("/b"), "a": Path("/a")}, unjailed=True, collector="a").key()
    changed = [
        {"packages": {"a": Path("/a")}}, {"env": {"A": "b"}}, {"data": Path("/d")}, {"data_variable": "D"}, {"preload": ()},
        {"warm": False}, {"readable": (Path("/r"),)}, {"secret": (Path("/s"),)},
    ]  # fmt: skip
    assert len({one.key(), *(replace(one, **change).key() for change in changed)}) == 1 + len(changed)
