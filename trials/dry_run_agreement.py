"""The dry run's word against the grader's: `python -m trials dry-run [FOLDER ...]`.

Every known mistake, every right answer, every answer in folders (see `trials.answer_folders`) and every student of the invented
class stands in a notebook as it would be handed in. The dry run tries that notebook as `ps8.submit` does; the grader reads it,
rebuilds it, runs it in a jail and judges it. They agree on an answer where

    the dry run says                    and the grader
    passes its check                    gives full points
    empty: nothing to grade             sees nothing: not started
    fails its check, could not be run   sees something, and takes points

A notebook holds one answer to each question, since none depends on another. Where the two disagree, the answer is tried again
with the reference's around it, and that counts.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path

from nbjudge.gather import gather
from nbjudge.gather.ask import Ask, judged_tests
from nbjudge.judge.verdict import Status
from nbjudge.nbgrader_ext.config import course_config
from nbjudge.nbgrader_ext.execute import answer_of
from nbjudge.repair.plan import plan_of
from nbjudge.repair.read import read_notebook
from nbjudge.repair.rebuild import rebuild_whatever
from ps8.handing_in.answers import State
from ps8.handing_in.dry_run import rehearse
from ps8.handing_in.student_notebook import NoNotebook
from ps8.handing_in.student_notebook import read_student_notebook as read_mine

from autograder.catalogue import catalogue
from autograder.definition import PS8
from autograder.paths import ASSIGNMENT, COURSE
from autograder.questions import QUESTIONS
from trials.answer_folders import AnswerFile, place, read
from trials.classroom.submissions import hand_in, solved, students
from trials.misconceptions.rewriting import written_by_hand
from trials.warm import forked

SECRET = b"the dry run's word against the grader's"
NUMBER = 13  # of the set of inputs
EMPTY, FULL, LESS = "empty", "full points", "points lost"
WORDS = {State.PASSES: FULL, State.EMPTY: EMPTY, State.FAILS: LESS, State.ABSENT: LESS}
REFUSED = "not read"


@dataclass(frozen=True)
class ComparedAnswer:
    """An answer that both are asked about.

    Attributes:
        group: where it is from.
        name: its own.
        question: which it answers.
        mistake: id of the known mistake that it makes.
        written: what somebody wrote, if it is no known mistake.
    """

    group: str
    name: str
    question: str
    mistake: str = ""
    written: AnswerFile | None = None

    @property
    def notebook(self) -> str:
        return notebook_of(self.question)


@dataclass(frozen=True)
class BothWords:
    """What both said of an answer: `EMPTY`, `FULL` or `LESS`."""

    group: str
    name: str
    question: str
    dry_run: str
    grader: str
    score: float
    said: str

    @property
    def agree(self) -> bool:
        return self.dry_run == self.grader


def notebook_of(question: str) -> str:
    """The name of the notebook that asks a question."""
    return "nce" if question == "nce" else ASSIGNMENT


def known() -> list[ComparedAnswer]:
    """The corpus: every known mistake, and every right answer that was written by hand."""
    mistakes = [ComparedAnswer("known mistakes", m.id, m.question, m.id) for m in catalogue()]
    right = [
        ComparedAnswer("right answers", answer.id, question, written=_as_cell(question, answer.id, answer.text))
        for question in QUESTIONS
        for answer in written_by_hand(question)
    ]
    return mistakes + right


def in_folder(folder: Path) -> list[ComparedAnswer]:
    """The answers in a folder."""
    return [ComparedAnswer(f"{folder.name}, {one.kind}", one.name, one.question, written=one) for one in read(folder)]


def _as_cell(question: str, name: str, text: str) -> AnswerFile:
    return AnswerFile("right", question, name, "", (0, 0), (text,), ("answer",))


def bundles(trials: Iterable[ComparedAnswer]) -> list[list[ComparedAnswer]]:
    """One answer to each question of a notebook, as often as there are answers."""
    by_question: dict[str, dict[str, list[ComparedAnswer]]] = {}
    for trial in trials:
        by_question.setdefault(trial.notebook, {}).setdefault(trial.question, []).append(trial)
    return [
        [trial for trial in together if trial is not None]
        for questions in by_question.values()
        for together in zip_longest(*questions.values())
    ]


def text_of(bundle: Sequence[ComparedAnswer]) -> str:
    """The file of a notebook with these answers in it."""
    notebook = solved(bundle[0].notebook, [trial.mistake for trial in bundle if trial.mistake])
    for trial in bundle:
        if trial.written is not None:
            place(trial.written, notebook)
    return json.dumps(notebook, indent=1)


def dry_run(text: str) -> dict[str, tuple[str, str]]:
    """What the dry run says of each question, and its sentence; nothing of a file that it refuses."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ps8.ipynb"
        path.write_text(text, encoding="utf-8")
        try:
            run = rehearse(read_mine(path), process=forked)
        except NoNotebook:
            return {}
    return {question: (WORDS[answer.state], run.sees(question)) for question, answer in run.answers.items()}


def grader(text: str, name: str) -> dict[str, tuple[str, float, str]]:
    """What the grader makes of each question that it runs, the score, and the reasons."""
    judge, found = PS8.judge(SECRET), read_notebook(text.encode())
    plan = plan_of(COURSE / "source" / ASSIGNMENT / f"{name}.ipynb", course_config(COURSE))
    notebook = rebuild_whatever(found.notebook, plan, found.remarks).notebook
    inputs = judge.seeds(NUMBER)  # always the same, so that what the reference gives on them is worked out once
    asked = Ask({question: inputs[question] for question in judged_tests(notebook, judge)}, "")
    gathered = gather(notebook, asked.seeds, PS8.limits(), PS8.jail())
    told = {}
    for question in asked.seeds:
        if question in QUESTIONS:
            verdict = judge.verdict(question, answer_of(notebook, question, asked, gathered))
            word = FULL if verdict.score == verdict.points else EMPTY if verdict.status is Status.NOT_STARTED else LESS
            told[question] = word, verdict.score, "; ".join(line.reason for line in verdict.lines if line.reason)
    return told


def compare(bundle: Sequence[ComparedAnswer]) -> list[BothWords]:
    """Both on one notebook; what they disagree on is tried again by itself."""
    text = text_of(bundle)
    mine, theirs = dry_run(text), grader(text, bundle[0].notebook)
    words = [_word(trial.group, trial.name, trial.question, mine, theirs) for trial in bundle]
    if len(bundle) == 1:
        return words
    return [w if w.agree else compare([trial])[0] for w, trial in zip(words, bundle, strict=True)]


def _word(
    group: str, name: str, question: str, mine: dict[str, tuple[str, str]], theirs: dict[str, tuple[str, float, str]]
) -> BothWords:
    word, said = mine.get(question, (REFUSED, "the file was refused"))
    verdict, score, reasons = theirs[question]
    return BothWords(group, name, question, word, verdict, score, f"{said} | {reasons}"[:400])


def student(name: str) -> list[BothWords]:
    """Both on each answer of an invented student."""
    (one,) = (each for each in students() if each.name == name)
    words = []
    for notebook in (ASSIGNMENT, "nce"):
        text = hand_in(one, notebook)
        mine, theirs = dry_run(text), grader(text, notebook)
        if mine or one.done != "not_json":  # a file that is no notebook is refused, and nothing is packed
            words += [_word("the invented class", name, question, mine, theirs) for question in theirs]
    return words


def sample(trials: Sequence[ComparedAnswer], count: int, seed: int) -> list[ComparedAnswer]:
    """Some of them, of every question as many."""
    chosen = random.Random(seed)
    by_question = [[trial for trial in trials if trial.question == question] for question in QUESTIONS]
    return [trial for found in by_question for trial in chosen.sample(found, min(count, len(found)))]


def summary(words: Sequence[BothWords]) -> Iterator[str]:
    """The numbers, a line for each group, and every answer on which they disagree."""
    all_of, agreed = Counter(word.group for word in words), Counter(word.group for word in words if word.agree)
    for word in words:
        if not word.agree:
            yield f"{word.group}, {word.question}.{word.name}: dry run: {word.dry_run}; grader: {word.grader} ({word.score:g})"
            yield f"      {word.said}"
    for group, count in all_of.items():
        yield f"{group}: agree on {agreed[group]} of {count}"
    yield f"all: agree on {agreed.total()} of {all_of.total()}"


def main(arguments: list[str] | None = None) -> int:
    """Compares both on all there is; 1 if they disagree on anything."""
    parser = argparse.ArgumentParser(prog="python -m trials dry-run", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="*", help="folders of answers, besides the corpus and the invented class")
    parser.add_argument("--only-folders", action="store_true", help="leave out the corpus and the class")
    parser.add_argument("--sample", type=int, help="at most so many answers to a question, chosen by --seed; no class")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--json", type=Path, help="also write what was said into this file")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args(arguments)
    trials = [*([] if asked.only_folders else known()), *(trial for folder in asked.folders for trial in in_folder(folder))]
    if asked.sample:
        trials = sample(trials, asked.sample, asked.seed)
    names = [] if asked.sample or asked.only_folders else [one.name for one in students()]
    # Spawned: a fork would share the event loop of whoever has run a kernel in this process, and wait for ever.
    with ProcessPoolExecutor(asked.workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = [*pool.map(compare, bundles(trials)), *pool.map(student, names)]
    words = [word for each in found for word in each]
    print("\n".join(summary(words)))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(word) for word in words], indent=1) + "\n")
    return int(not all(word.agree for word in words))
