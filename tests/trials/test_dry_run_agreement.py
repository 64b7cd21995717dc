"""The dry run's word beside the grader's: how answers are put together, what counts as agreeing, and a sample of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from jupyter_core.utils import run_sync
from ps8.handing_in.answers import State

from autograder.questions import QUESTIONS
from trials import dry_run_agreement as agreement
from trials.dry_run_agreement import EMPTY, FULL, LESS, BothWords, ComparedAnswer


def answer(question: str, name: str = "one") -> ComparedAnswer:
    return ComparedAnswer("a group", name, question)


def test_a_notebook_holds_one_answer_to_each_question_and_nce_is_a_notebook_of_its_own() -> None:
    found = agreement.bundles([answer("encoder"), answer("encoder", "two"), answer("decoder"), answer("nce")])
    told = [[(one.question, one.name) for one in bundle] for bundle in found]
    assert told == [[("encoder", "one"), ("decoder", "one")], [("encoder", "two")], [("nce", "one")]]


def test_every_word_of_the_dry_run_is_one_of_the_three() -> None:
    assert agreement.WORDS == {State.PASSES: FULL, State.EMPTY: EMPTY, State.FAILS: LESS, State.ABSENT: LESS}


def test_what_they_disagree_on_is_tried_again_alone_and_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    monkeypatch.setattr(agreement, "text_of", lambda bundle: tried.append(len(bundle)) or str(len(bundle)))
    monkeypatch.setattr(agreement, "dry_run", lambda text: {"encoder": (FULL, ""), "decoder": (FULL, "")})
    monkeypatch.setattr(
        agreement,
        "grader",
        lambda text, name: {"encoder": (FULL, 10.0, ""), "decoder": (LESS if text == "2" else FULL, 0.0, "")},
    )
    words = agreement.compare([answer("encoder"), answer("decoder")])
    assert [word.agree for word in words] == [True, True] and tried == [2, 1]


def test_a_file_that_the_dry_run_refuses_agrees_with_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert agreement.dry_run("<html>") == {}
    word = agreement._word("a group", "one", "encoder", {}, {"encoder": (EMPTY, 0.0, "")})
    assert not word.agree and word.dry_run == agreement.REFUSED


def test_the_summary_names_every_answer_on_which_they_disagree() -> None:
    words = [BothWords("a", "x", "encoder", FULL, FULL, 10, ""), BothWords("a", "y", "nce", FULL, LESS, 8, "passes | a reason")]
    lines = list(agreement.summary(words))
    assert lines[0] == "a, nce.y: dry run: full points; grader: points lost (8)" and "a reason" in lines[1]
    assert lines[2:] == ["a: agree on 1 of 2", "all: agree on 1 of 2"]


def test_a_sample_has_as_many_of_every_question_and_is_the_same_for_a_seed() -> None:
    known = agreement.known()
    chosen = agreement.sample(known, 2, 7)
    assert [one.question for one in chosen] == [question for question in QUESTIONS for _ in range(2)]
    assert chosen == agreement.sample(known, 2, 7) != agreement.sample(known, 2, 8)


@pytest.mark.slow
def test_they_agree_on_a_sample(capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    run_sync(asyncio.sleep)(0)  # as a process does that has run a kernel
    assert agreement.main(["--sample", "3", "--seed", "5", "--workers", "1"]) == 0, capsys.readouterr().out
