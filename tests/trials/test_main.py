"""The door to all that tries the grader."""

from __future__ import annotations

from importlib import import_module

import pytest

from trials.__main__ import COMMANDS, main


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0 and "usage:" in capsys.readouterr().out
    assert import_module(COMMANDS[name]).__doc__


@pytest.mark.parametrize("arguments", [[], ["attack"]])
def test_another_word_is_refused_with_the_commands(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in COMMANDS)
