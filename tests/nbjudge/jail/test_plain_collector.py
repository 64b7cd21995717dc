"""The plain collector: what is asked of an answer comes back as plain JSON, whatever the answer does."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import textwrap
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy
import pytest
from nbjudge.jail import JailSettings
from nbjudge.jail.inside import plain_collector

from autograder.paths import ROOT


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The globals of a notebook, empty."""
    main = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    return vars(main)


def asked(folder: Path, *expressions: str) -> tuple[list[Any], dict[str, str]]:
    """Values and errors, as a judge reads them."""
    path = folder / "evidence"
    Path(f"{path}.ask").write_text(json.dumps(expressions))
    plain_collector.collect("question", str(path))
    assert [file.name for file in folder.iterdir()] == ["evidence"]  # neither the question nor half an answer is left
    told = json.loads(path.read_text(), parse_constant=pytest.fail)
    assert set(told) == {"values", "errors"}
    return told["values"], told["errors"]


def test_each_expression_has_its_value(tmp_path, answer):
    exec("def double(x): return 2 * x\nnames = {'a': [1, (2.5, None)], 'ü': True}", answer)
    assert asked(tmp_path, "double(4)", "double('é')", "names", "double(3) == 6") == (
        [8, "éé", {"a": [1, [2.5, None]], "ü": True}, True],
        {},
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (numpy.int64(3), 3), (numpy.float32(0.5), 0.5), (numpy.bool_(True), True), (numpy.str_("a"), "a"),
        (Fraction(1, 4), 0.25), (10**999, 10**999), ("\ud800", "\ud800"), (-0.0, -0.0), ([], []),
    ],
)  # fmt: skip
def test_numbers_of_other_kinds_are_numbers(tmp_path, answer, value, written):
    answer["value"] = value
    assert asked(tmp_path, "value") == ([written], {})


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("object()", "a value of type object; numbers, texts, booleans, lists and dicts can be compared"),
        ("{1, 2}", "a value of type set"),
        ("b'x'", "a value of type bytes"),
        ("1j", "a value of type complex"),
        ("{1: 2}", "a dict with a key of type int; JSON has texts only"),
        ("float('nan')", "the number nan, which JSON does not have"),
        ("[float('-inf')]", "the number -inf, which JSON does not have"),
        ("10**1001", "a whole number of more than 1000 digits"),
        ("'x' * 10**7", "the values are longer together than can be looked at"),
        ("list(range(10**6))", "the values are longer together than can be looked at"),
        ("forever()", "the values are longer together than can be looked at"),
        ("loop", "lists within lists, more than 32 deep"),
        ("none", "NameError: name 'none' is not defined"),
        ("1 +", "SyntaxError: "),
        ("exit(3)", "SystemExit: 3"),
        ("fail('two\\nlines')", "ValueError: two lines"),
        ("fail(Silent())", "ValueError: (its message cannot be read)"),
        ("fail('x' * 10**6)", "ValueError: xxx"),
        ("fail()", "ValueError"),
    ],
)
def test_what_cannot_be_written_down_is_said_and_costs_no_other(tmp_path, answer, source, told):
    exec(
        textwrap.dedent("""
            import sys
            loop = []; loop.append(loop)
            class forever(list):
                def __iter__(self):
                    while True: yield 1
            class Silent:
                def __str__(self): raise KeyError
            def fail(*told): raise ValueError(*told)
            def exit(status): sys.exit(status)
        """),
        answer,
    )
    values, errors = asked(tmp_path, "1", source, "'y' * 100_000")
    assert values == [1, None, "y" * 100_000]
    assert set(errors) == {"1"} and errors["1"].startswith(told) and len(errors["1"]) <= plain_collector.MAX_TEXT


def test_an_interrupt_keeps_what_came_before(tmp_path, answer):
    exec("def late(): raise KeyboardInterrupt", answer)
    values, errors = asked(tmp_path, "1", "late()", "2", "3")
    assert values == [1, None, None, None]
    assert errors == {"1": "time-out", "2": plain_collector.NOT_TRIED, "3": plain_collector.NOT_TRIED}


def test_what_is_asked_is_gone_before_anything_is_called(tmp_path, answer):
    answer["look"] = lambda: [path.name for path in tmp_path.iterdir()]
    assert asked(tmp_path, "look()") == ([[]], {})


def test_nothing_asked(tmp_path, answer):
    plain_collector.collect("question", str(tmp_path / "evidence"))
    assert json.loads((tmp_path / "evidence").read_text()) == {"values": [], "errors": {}}


@pytest.mark.parametrize("content", ['{"a": 1}', "[1]", '"f(1)"'])
def test_a_question_that_is_none_is_the_judges_fault(tmp_path, answer, content):
    (tmp_path / "evidence.ask").write_text(content)
    with pytest.raises(ValueError, match="must hold a JSON list of Python expressions"):
        plain_collector.collect("question", str(tmp_path / "evidence"))


def test_what_is_printed_meanwhile_goes_nowhere(tmp_path, answer, capsys):
    assert asked(tmp_path, "print('x' * 1000)") == ([None], {})
    assert capsys.readouterr().out == ""


def test_streams_that_are_none_are_put_back(monkeypatch):
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", object())
    plain_collector._streams_again(out, err)
    assert (sys.stdout, sys.stderr) == (out, err)
    other = io.StringIO()
    monkeypatch.setattr(sys, "stdout", other)  # a stream, if another: the student's own affair
    plain_collector._streams_again(out, err)
    assert sys.stdout is other


COLLECT = "__import__('nbjudge_inside.plain_collector', fromlist=['collect'])"


def test_in_a_kernel(start):
    """As the grader calls it: prepared, asked through the exchange, answered in a file, stopped by an interrupt."""
    box = start()
    assert box.run(f"{COLLECT}.prepare(cuda=True)").status == "ok"
    assert box.run("print(input('name?') == '')\n!ls").text == "True\n(not run while grading: ls)\n"
    assert box.run("import getpass; getpass.getpass('secret?')").text == "''"
    box.run("import time\ndef double(x): return 2 * x\ndef wait(): time.sleep(60)")
    exchange = box.manager.exchange
    exchange.lend("a.ask", json.dumps(["double(21)", "wait()", "double(1)"]).encode())
    request = box.ask(f"{COLLECT}.collect('double', '/exchange/evidence/a')")
    box.wait(_asked_for(box))
    assert box.wait(box.manager.stop_cell(box.client, request))["content"]["status"] == "ok"
    told = json.loads(exchange.take("a", 1000))
    assert told == {"values": [42, None, None], "errors": {"1": "time-out", "2": plain_collector.NOT_TRIED}}
    assert exchange.take("a.ask", 1000) is None


async def _asked_for(box) -> None:
    """Waits until the question has been taken away, and the endless expression has begun."""
    while box.manager.exchange.take("a.ask", 1000) is not None:
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)


BARE = """
import sys
import importlib, pathlib
for name in list(sys.modules):  # what is installed has been looked at already, for .pth files
    assert name.split(".")[0] not in {"torch", "numpy", "matplotlib", "IPython", "ps8", "nbjudge"}, name
for path in pathlib.Path(sys.argv[1]).glob("*.py"):
    importlib.import_module(f"inside.{path.stem}")
from inside import plain, warmup
warmup.figures(); warmup.shell(); plain.prepare(); plain.collect("q", sys.argv[2])
"""


def test_all_that_runs_inside_needs_python_alone(tmp_path):
    """A course without torch, and an environment that has nothing of ours."""
    folder = Path(plain_collector.__file__).parent
    argv = [sys.executable, "-S", "-c", BARE, str(folder), str(tmp_path / "a")]
    done = subprocess.run(
        argv, capture_output=True, text=True, cwd=folder.parent, env={"PYTHONPATH": str(folder.parent)}, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "a").read_text()) == {"values": [], "errors": {}}


def test_the_jail_names_no_course():
    """Neither its code nor what it says; the settings of a plain kernel do not either."""
    folder = ROOT / "nbjudge/src/nbjudge/jail"
    for path in [*folder.rglob("*.py"), *folder.rglob("*.json"), *folder.rglob("*.md")]:
        text = path.read_text().lower()
        found = [word for word in ("ps8", "autograder", "solution/", "torch_layers", "course.toml") if word in text]
        assert not found, f"{path.relative_to(folder)} names {found}"
    assert not JailSettings().packages and JailSettings().data is None and JailSettings().env == {}
