"""What a grading begins before it is wholly there."""

from __future__ import annotations

import subprocess
import sys

import pytest
from nbjudge.assignment import Assignment
from nbjudge.grade import warming
from nbjudge.jail import JailSettings, JailUnavailable
from nbjudge.jail.zygote_host import shared

from autograder.paths import ROOT


class Plain(Assignment):
    """An assignment whose kernels have nothing of their own."""

    def __init__(self, settings: JailSettings) -> None:
        super().__init__("plain")
        self.settings = settings

    def jail(self) -> JailSettings:
        return self.settings


def python(code: str) -> str:
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_the_warm_parent_is_there_when_it_was_begun() -> None:
    settings = JailSettings(env={"FOR": "test_warming"}, warm=False)
    warming.begin(Plain(settings)).join(60)
    assert shared(settings).alive
    shared(settings).close()


def test_where_there_is_no_jail_nothing_is_said_before_a_kernel_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "reasons_unavailable", lambda: ["no bubblewrap"])
    monkeypatch.setattr(warming, "warm_up", lambda settings: pytest.fail("there is nothing to be warmed"))
    warming.warm(Plain(JailSettings()))


def test_a_jail_that_cannot_be_had_is_the_first_kernels_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(settings: JailSettings) -> None:
        raise JailUnavailable("not here")

    monkeypatch.setattr(warming, "reasons_unavailable", list)
    monkeypatch.setattr(warming, "warm_up", refused)
    warming.warm(Plain(JailSettings()))


def test_the_commands_own_modules_need_neither_torch_nor_a_notebook() -> None:
    code = "import nbjudge.command, nbjudge.grade.warming, sys; print({'torch', 'nbformat', 'nbgrader'} & set(sys.modules))"
    assert python(code) == "set()"


def test_notebooks_are_checked_without_the_grammar_of_addresses() -> None:
    code = (
        "from nbjudge.grade.warming import without_address_grammar; without_address_grammar(); import nbformat, sys;"
        "nbformat.validate(nbformat.v4.new_notebook()); print('rfc3987_syntax' in sys.modules);"
        "import importlib.util; print(importlib.util.find_spec('rfc3987_syntax') is not None)"
    )
    assert python(code).split() == ["False", "True"]


SLOW = "import time; open('/run/nbjudge/host/up', 'w').close(); time.sleep(600)"
ENDS_AT_ONCE = f"""
import threading, time
from nbjudge.jail import JailSettings, usernames, zygote_host

spawn = usernames.spawn
usernames.spawn = lambda argv, program, *rest, **more: spawn(argv, [program[0], "-c", {SLOW!r}], *rest, **more)
parent = zygote_host.shared(JailSettings())
threading.Thread(target=parent.ensure, daemon=True).start()
while not (parent.alive and (parent.kernels / "up").exists()):
    time.sleep(0.01)
"""


def test_a_command_that_ends_at_once_does_not_wait_for_it() -> None:
    subprocess.run([sys.executable, "-c", ENDS_AT_ONCE], cwd=ROOT, capture_output=True, timeout=60, check=True)
