"""The walk through a notebook: what is run and in which order, what a lost kernel costs, and what is kept of each cell."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from nbjudge.gather import notebook_run
from nbjudge.gather.evidence_file import MAX_FILE
from nbjudge.gather.gathered import Incident, OrdinaryTest
from nbjudge.gather.notebook_client import COMPUTED, WAITED
from nbjudge.jail import BadEvidenceFile, JailSettings, JailUnavailable, Limits

from .scripted import OK, Does, Walker, cell, failed, printed, result

SETTINGS = JailSettings(collector="my.collector", asks={"asked": ("f(1)", "f(2)")})
COLLECTOR = "__import__('my.collector', fromlist=['collect'])"


@pytest.fixture
def walk() -> Iterator[Walker]:
    with pytest.MonkeyPatch.context() as patch:
        yield Walker(patch)


def scripted(**does: Does):
    """A script by the source of a cell; what is not named does nothing."""
    return lambda source, before: does.get(source) if before == 0 else None


def test_cells_are_run_in_their_order_and_texts_and_needless_given_cells_are_not(walk: Walker) -> None:
    cells = [
        cell("text", "read"),
        cell("given", "needed = 1"),
        cell("given", "training = 2"),
        cell("answer", "f = needed"),
        cell("own", "mine"),
        cell("test", "assert f", "judged"),
        cell("own", "later"),
    ]
    found = walk(cells, seeds={"judged": 7}, settings=SETTINGS)
    assert found.machine.sources() == ["needed = 1", "f = needed", "mine", "later"]
    assert list(found.gathered.outputs) == ["needed-1", "f-needed", "mine", "later"]
    assert found.machine.calls[0].source == f"{COLLECTOR}.prepare(cuda=False)"
    assert found.gathered.problems == {"judged": "nothing was recorded: the code ended or replaced what calls it"}
    (manager,) = found.machine.managers
    assert manager.log == ["start", "stop channels", "shutdown now=True", "release"]
    assert manager.env == notebook_run.GRADING == {"CUDA_VISIBLE_DEVICES": ""} and manager.settings is SETTINGS


@pytest.mark.parametrize(("source", "cuda"), [("x.cuda()", True), ("x.cpu()", False)])
def test_the_collector_is_told_whether_anything_that_runs_names_cuda(walk: Walker, source: str, cuda: bool) -> None:
    cells = [cell("given", "cuda_of_a_cell_that_is_not_run = 1"), cell("own", source), cell("test", "cuda", "judged")]
    found = walk(cells, seeds={"judged": 1}, settings=SETTINGS)
    assert found.machine.calls[0].source.endswith(f".prepare(cuda={cuda})")
    assert found.machine.calls[0].cpu == Limits().cpu_seconds


def test_a_collector_that_does_not_work_is_said_and_one_that_is_late_is_no_ones_fault(walk: Walker) -> None:
    broken = {f"{COLLECTOR}.prepare(cuda=False)": Does(failed("ImportError", "none"))}
    with pytest.raises(JailUnavailable, match=r"^the collector my\.collector does not work in a kernel \(ImportError: none\)$"):
        walk([cell("own", "x")], scripted(**broken), settings=SETTINGS)
    late = {f"{COLLECTOR}.prepare(cuda=False)": Does(failed(), late="waited")}
    assert walk([cell("own", "x")], scripted(**late), settings=SETTINGS).machine.sources() == ["x"]
    nameless = {f"{COLLECTOR}.prepare(cuda=False)": Does({"status": "error"})}
    with pytest.raises(JailUnavailable, match=r"\(: \)"):
        walk([cell("own", "x")], scripted(**nameless), settings=SETTINGS)


def test_what_a_cell_gave_is_kept_clean_and_said_to_be_cut(walk: Walker) -> None:
    script = scripted(a=Does(outputs=[printed("\x1b[31mred")]), b=Does(outputs=[printed("much")], cut=True))
    outputs = walk([cell("own", "a"), cell("own", "b")], script).gathered.outputs
    assert [told.text for told in outputs["a"]] == ["red"]
    assert [told.text for told in outputs["b"]] == ["much", notebook_run.clean_outputs([], cut=True)[0].text]


def test_a_probe_is_lent_its_seed_and_takes_its_evidence(walk: Walker) -> None:
    cells = [cell("test", "", "plain"), cell("test", "", "asked"), cell("test", "", "read")]
    found = walk(
        cells,
        lambda source, before: Does(evidence=b"bytes of " + source.split("'")[5].encode() if "collect(" in source else None),
        {"plain": 11, "asked": 0, "read": None},
        settings=SETTINGS,
    )
    assert found.gathered.evidence == {"plain": b"bytes of plain", "asked": b"bytes of asked"}
    assert found.gathered.problems == {} and found.gathered.tests == {}
    plain, asked = found.machine.calls[1:]
    name = plain.source.removeprefix(f"{COLLECTOR}.collect('plain', '/inside/").removesuffix("')")
    assert name.startswith("plain-") and name.endswith(".safetensors") and len(name) == len("plain-.safetensors") + 16
    assert asked.source.startswith(f"{COLLECTOR}.collect('asked', '/inside/asked-")
    assert not plain.history and not asked.history
    exchange = found.machine.managers[0].exchange
    steps = [(step, what.removeprefix(name)) for step, what in exchange.log if what.startswith(name)]
    assert steps == [("lend", ".seed"), ("drop", ".seed"), ("drop", ".ask"), ("take", ""), ("drop", "")]
    assert sorted(exchange.lent.values()) == [b"0", json.dumps(["f(1)", "f(2)"]).encode()]
    assert exchange.files == {} and exchange.longest == MAX_FILE


def test_two_probes_never_share_a_name(walk: Walker) -> None:
    names = {walk([cell("test", "", "q")], seeds={"q": 1}).machine.calls[1].source for _ in range(5)}
    assert len(names) == 5


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (Does(evidence=BadEvidenceFile("too large a file")), "too large a file"),
        (Does(), "nothing was recorded: the code ended or replaced what calls it"),
        (Does(evidence=b"x", late="computed"), COMPUTED.format(seconds=5)),
        (Does(late="waited"), WAITED.format(seconds=60)),
    ],
)
def test_why_there_is_no_evidence(walk: Walker, does: Does, said: str) -> None:
    limits = Limits(cpu_seconds_per_cell=5, seconds_per_cell=60)
    found = walk([cell("test", "", "q")], lambda source, before: does if "collect(" in source else None, {"q": 1}, limits)
    assert found.gathered.problems == {"q": said}
    assert found.machine.managers[0].exchange.files == {} or isinstance(does.evidence, BadEvidenceFile)


def test_a_cell_that_was_stopped_is_an_incident_and_costs_nothing_else(walk: Walker) -> None:
    script = scripted(slow=Does(late="computed", outputs=[printed("begun")]))
    found = walk([cell("own", "slow"), cell("own", "next")], script)
    assert found.gathered.incidents == [Incident("slow", COMPUTED.format(seconds=Limits().cpu_seconds_per_cell))]
    assert found.gathered.outputs["slow"][0].text == "begun" and len(found.machine.managers) == 1
    assert found.machine.sources() == ["slow", "next"]


def test_after_a_lost_kernel_what_had_run_is_run_again_and_the_cell_that_lost_it_is_not(walk: Walker) -> None:
    script = scripted(dies=Does(raises=RuntimeError("gone")), slow=Does(late="computed"))
    cells = [cell("own", name) for name in ("one", "slow", "two", "dies", "three")]
    found = walk([*cells, cell("test", "assert x", "t")], script, cause_of_death="out of memory")
    assert found.machine.sources(0) == ["one", "slow", "two", "dies"]
    assert found.machine.sources(1) == ["one", "two", "three", "assert x"]
    assert found.gathered.incidents[1:] == [Incident("dies", "out of memory")]
    assert found.gathered.tests["t"] == OrdinaryTest(True)
    assert [manager.log[-1] for manager in found.machine.managers] == ["release"] * 2


def test_why_a_kernel_was_lost_is_told_as_well_as_it_is_known(walk: Walker) -> None:
    def incident(does: Does, cause: str = "") -> str:
        return walk([cell("own", "x")], scripted(x=does), cause_of_death=cause).gathered.incidents[-1].why

    assert incident(Does(raises=ValueError())) == notebook_run.DIED
    assert incident(Does(raises=ValueError()), "killed") == "killed"
    assert incident(Does(late="waited", lost=True), "killed") == WAITED.format(seconds=Limits().seconds_per_cell)


def test_a_test_that_loses_its_kernel_has_a_problem_and_no_result(walk: Walker) -> None:
    for seeds in ({}, {"t": 3}):
        found = walk(
            [cell("test", "dies", "t"), cell("test", "fine", "u")],
            lambda source, before: Does(raises=ValueError()) if "dies" in source or "'t'" in source else None,
            seeds,
        )
        assert found.gathered.problems == {"t": notebook_run.DIED}
        assert found.gathered.incidents == [Incident("t", notebook_run.DIED)]
        assert list(found.gathered.tests) == ["u"]


def test_a_stubborn_cell_takes_its_kernel_with_it(walk: Walker) -> None:
    stubborn = Does(late="computed", lost=True, evidence=b"x")
    found = walk([cell("own", "x"), cell("own", "y")], scripted(x=stubborn))
    assert found.machine.sources(0) == ["x"] and found.machine.sources(1) == ["y"]
    assert len(found.gathered.incidents) == 1
    for seeds in ({}, {"t": 1}):
        found = walk(
            [cell("test", "x", "t"), cell("own", "y")], lambda s, b: stubborn if s == "x" or "'t'" in s else None, seeds
        )
        assert found.machine.sources(1) == ["y"] and found.gathered.tests == {}
        assert found.gathered.problems == {"t": COMPUTED.format(seconds=Limits().cpu_seconds_per_cell)}


def test_nobody_can_be_graded_where_there_is_no_jail(walk: Walker) -> None:
    with pytest.raises(JailUnavailable):
        walk([cell("own", "x")], scripted(x=Does(raises=JailUnavailable("none"))))
    assert walk.machine.managers[0].log[-2:] == ["shutdown now=True", "release"]


def test_a_notebook_that_loses_kernel_after_kernel_is_given_up(walk: Walker) -> None:
    cells = [cell("own", f"dies {n}") for n in range(notebook_run.MAX_RESTARTS + 3)] + [
        cell("test", "", "t"),
        cell("test", "", "u"),
    ]
    found = walk(cells, lambda source, before: Does(raises=ValueError()) if "dies" in source else None, {"t": 1})
    lost = notebook_run.MAX_RESTARTS + 1
    assert len(found.machine.managers) == len(found.gathered.incidents) == lost
    assert found.gathered.problems == dict.fromkeys(("t", "u"), f"not reached: its kernel was lost {lost} times")


def test_what_a_notebook_computes_counts_over_all_its_kernels(walk: Walker) -> None:
    cells = [cell("own", "one"), cell("own", "two"), cell("own", "three"), cell("test", "", "t")]
    script = scripted(
        one=Does(raises=ValueError(), computes=4.5), two=Does(raises=ValueError(), computes=4.5), three=Does(computes=2)
    )
    found = walk(cells, script, {}, Limits(cpu_seconds=10))
    assert [manager.limits.cpu_seconds for manager in found.machine.managers] == [10, 6, 1]
    assert found.gathered.problems == {} and found.gathered.tests == {"t": OrdinaryTest(True)}
    found = walk(cells, script, {}, Limits(cpu_seconds=9))
    assert len(found.machine.managers) == 2
    assert found.gathered.problems == {"t": f"not reached: the notebook was {COMPUTED.format(seconds=9)}"}


def test_the_clock_bounds_each_cell_and_the_notebook_as_a_whole(walk: Walker) -> None:
    limits = Limits(seconds_per_cell=60, cpu_seconds_per_cell=3, seconds_per_notebook=100)
    cells = [cell("own", name) for name in ("one", "two", "three", "four")] + [cell("test", "", "t")]
    script = scripted(one=Does(takes=50), two=Does(takes=30, late="waited"), three=Does(takes=20.5, late="waited"))
    found = walk(cells, script, {}, limits)
    assert [(call.seconds, call.cpu) for call in found.machine.calls[1:]] == [(60, 3), (50, 3), (20, 3)]
    assert [incident.why for incident in found.gathered.incidents] == [WAITED.format(seconds=100)] * 3
    assert found.gathered.problems == {"t": f"not reached: the notebook was {WAITED.format(seconds=100)}"}
    assert found.gathered.seconds == {"start": 0, "cells": 100.5, "all": 100.5}


def test_where_the_time_is_over_while_a_kernel_starts_the_notebook_ends(walk: Walker) -> None:
    start = {f"{COLLECTOR}.prepare(cuda=False)": Does(takes=200, raises=notebook_run.CellTimeoutError("late"))}
    found = walk([cell("test", "", "t")], scripted(**start), {}, Limits(seconds_per_notebook=100), SETTINGS)
    assert found.gathered.problems["t"].startswith("not reached: the notebook was stopped after 100 s")
    start = {f"{COLLECTOR}.prepare(cuda=False)": Does(takes=10, raises=notebook_run.CellTimeoutError("late"))}
    with pytest.raises(notebook_run.CellTimeoutError):
        walk([cell("test", "", "t")], scripted(**start), {}, Limits(seconds_per_notebook=100), SETTINGS)


def test_seconds_are_told_by_what_they_were_spent_on(walk: Walker) -> None:
    def script(source: str, before: int) -> Does:
        return Does(takes=1 if "prepare" in source else 2 if "collect" in source else 4, evidence=b"x")

    cells = [cell("own", "x"), cell("test", "", "t"), cell("own", "y"), cell("test", "", "u")]
    assert walk(cells, script, {"t": 1, "u": 2}).gathered.seconds == {"start": 1, "cells": 8, "probes": 4, "all": 13}


@pytest.mark.parametrize(
    ("source", "does", "test"),
    [
        ("assert 1", Does(), OrdinaryTest(True)),
        ("assert 0", Does(failed("AssertionError", "why")), OrdinaryTest(False, "AssertionError: why")),
        ("assert 0", Does(failed("AssertionError", "")), OrdinaryTest(False, "AssertionError")),
        ("exit", Does({"status": "aborted"}), OrdinaryTest(False, "")),
        ("x", Does(late="computed"), OrdinaryTest(False, COMPUTED.format(seconds=5))),
        ("x", Does(outputs=[result("2.5")]), OrdinaryTest(True, "", 2.5)),
        ("x", Does(failed("E", "e"), outputs=[result("2.5")]), OrdinaryTest(False, "E: e", 2.5)),
        ("x", Does(heard_all=False), OrdinaryTest(False, notebook_run.RESULT_LOST)),
        ("x", Does(outputs=[result("1")], heard_all=False), OrdinaryTest(True, "", 1.0)),
        ("x = 1", Does(heard_all=False), OrdinaryTest(True)),
        ("x", Does(failed("E", "e"), heard_all=False), OrdinaryTest(False, "E: e")),
    ],
)
def test_an_ordinary_test_counts_by_its_end_and_its_result(walk: Walker, source: str, does: Does, test: OrdinaryTest) -> None:
    found = walk([cell("test", source, "t")], scripted(**{source: does}), {}, Limits(cpu_seconds_per_cell=5))
    assert found.gathered.tests == {"t": test}
    assert found.gathered.incidents == []


def test_before_an_ordinary_test_what_is_still_on_its_way_is_waited_for(walk: Walker) -> None:
    def script(source: str, before: int) -> Does:
        return Does(heard_all=(source == "pass" and before == 2) or source == "assert 1")

    assert walk([cell("own", "x"), cell("test", "assert 1", "t")], script).machine.sources() == ["x", *["pass"] * 3, "assert 1"]
    never = walk([cell("own", "x"), cell("test", "assert 1", "t")], lambda source, before: Does(heard_all=False))
    assert never.machine.sources() == ["x", *["pass"] * notebook_run.MAX_DRAINED, "assert 1"]


@pytest.mark.parametrize("kind", ["answer", "given"])
def test_a_cell_of_the_lesson_that_fails_is_tried_again_where_something_was_left_in_its_way(walk: Walker, kind: str) -> None:
    settle, unsettle = f"{COLLECTOR}.settle()", f"{COLLECTOR}.unsettle()"

    def script(source: str, before: int) -> Does | None:
        if source == "x":
            return Does(failed()) if before == 0 else Does(outputs=[printed("again")])
        return Does(outputs=[result(settled)]) if source == settle else None

    settled = "True"
    found = walk([cell(kind, "x", "x"), cell("own", "y")], script, settings=SETTINGS)
    assert [call.source for call in found.machine.calls[1:]] == ["x", settle, "x", unsettle, "y"]
    assert [call.history for call in found.machine.calls[1:]] == [True, False, True, False, True]
    assert found.gathered.outputs["x"][0].text == "again"
    settled = "False"
    found = walk([cell(kind, "x", "x"), cell("own", "y")], script, settings=SETTINGS)
    assert [call.source for call in found.machine.calls[1:]] == ["x", settle, unsettle, "y"]
    assert found.gathered.outputs["x"] == []


@pytest.mark.parametrize(
    ("kind", "does"),
    [
        ("own", Does(failed())),
        ("answer", Does(OK)),
        ("answer", Does(failed(), late="computed")),
        ("answer", Does(failed(), late="computed", lost=True)),
    ],
)
def test_no_other_cell_is_tried_again(walk: Walker, kind: str, does: Does) -> None:
    found = walk([cell(kind, "x", "x")], scripted(x=does), settings=SETTINGS)
    assert [call.source for call in found.machine.calls if call.kernel == 0][1:] == ["x"]


@pytest.mark.parametrize(
    ("texts", "share"),
    [
        ([], None),
        (["2"], 2.0),
        (["-1.5e0"], -1.5),
        (["'2'"], None),
        (["nan"], None),
        (["inf"], None),
        (["1", "2"], 1.0),
        (["x", "2"], None),
        ([""], None),
    ],
)
def test_a_share_is_the_first_result_if_it_is_a_number(texts: list[str], share: float | None) -> None:
    assert notebook_run._share([printed("7"), *map(result, texts)]) == share


@pytest.mark.parametrize(
    ("source", "has"), [("x", True), ("x = 1", False), ("x = 1\nf(x)", True), ("", False), ("f(x)\nx = 1", False), ("(", True)]
)
def test_whether_a_cell_has_a_result(source: str, has: bool) -> None:
    assert notebook_run._has_result(source) is has


def test_cells_without_ids_and_a_notebook_without_cells(walk: Walker) -> None:
    nameless = cell("own", "x")
    del nameless["id"]
    assert list(walk([nameless], scripted(x=Does(late="waited"))).gathered.outputs) == [""]
    assert walk([]).gathered.seconds == {"all": 0} and walk.machine.managers == []
