"""Files that are broken but honest score, question by question, as their clean twin does."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbjudge.gather.ask import ask
from nbjudge.gather.evidence_cache import EvidenceCache
from nbjudge.grade.prepare import plans
from nbjudge.nbgrader_ext.execute import answer_of, evidence_of
from nbjudge.repair.read import read_notebook
from nbjudge.repair.rebuild import rebuild

from autograder import grading_config
from autograder.definition import PS8, at
from trials.broken_files import BREAKS
from trials.classroom.submissions import solved

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("corpus")]

MISTAKES = ("cmc_score.temperature_forgotten",)  # a twin with full marks everywhere would hide an answer mixed up with another
JUDGE = PS8.judge(b"a secret of this test, 32 bytes.")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> EvidenceCache:
    return EvidenceCache(tmp_path_factory.mktemp("evidence"))


def scores(notebook: NotebookNode, cache: EvidenceCache) -> dict[str, float]:
    asked = ask(notebook, PS8, JUDGE)
    gathered = evidence_of(notebook, asked, cache, PS8)
    probed = [question for question, seed in asked.seeds.items() if seed is not None]
    return {question: JUDGE.verdict(question, answer_of(notebook, question, asked, gathered)).score for question in probed}


def twin() -> NotebookNode:
    return solved("ps8", MISTAKES)


@pytest.fixture(scope="module")
def clean(cache: EvidenceCache) -> dict[str, float]:
    return scores(rebuild(twin(), plans(at())["ps8"]).notebook, cache)


def test_the_clean_twin_has_its_known_scores(clean: dict[str, float]) -> None:
    assert clean["cmc_score"] == 13
    assert all(score == 10 for question, score in clean.items() if question != "cmc_score")
    assert grading_config.limits().seconds_per_cell > 0


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_a_broken_file_scores_as_its_clean_twin(
    name: str, clean: dict[str, float], cache: EvidenceCache, tmp_path: Path
) -> None:
    read = read_notebook(BREAKS[name](twin()))
    assert read.notebook is not None, read.reason
    assert scores(rebuild(read.notebook, plans(at())["ps8"], read.remarks).notebook, cache) == clean
