from __future__ import annotations

import pytest
from nbjudge.ground.environment_variables import flag


@pytest.mark.parametrize(
    ("told", "says"), [("1", True), ("yes", True), (" TRUE ", True), ("on", True), ("0", False), ("no", False), ("Off", False)]
)
def test_a_flag_says_yes_or_no(told: str, says: bool) -> None:
    assert flag("X", {"X": told}) is says
    assert flag("Y", {"X": told}) is False


@pytest.mark.parametrize("told", ["2", "nein", "ja", "-"])
def test_what_says_neither_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match=r"must be 1 for yes or 0 for no\. Example: X=1"):
        flag("X", {"X": told})


@pytest.mark.parametrize("told", ["true", "on", "yes", "1", "\tOn\n"])
def test_of_the_process_environment(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_FLAG_OF_A_TEST", told)
    assert flag("A_FLAG_OF_A_TEST") is True and flag("A_FLAG_OF_A_TEST", {}) is False
    monkeypatch.delenv("A_FLAG_OF_A_TEST")
    assert flag("A_FLAG_OF_A_TEST") is False
    assert not any(flag("X", {"X": no}) for no in ("", " ", "0", "false", "no", "off"))
