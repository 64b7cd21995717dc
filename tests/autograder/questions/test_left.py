"""An answer that raises: what was right by then is borne out, and costs most of the question, not all of it."""

from __future__ import annotations

import pytest
from nbjudge.judge.compare import Case
from nbjudge.judge.judge import judge_case
from nbjudge.judge.verdict import Verdict
from ps8.probes import Evidence

from autograder.judge.reference import Edit, evidence, fresh_evidence
from autograder.questions import QUESTIONS

SEED = 24_680
NEW_ROW = "self.memory_l[y] = F.normalize(row_l, dim=1, eps=1e-7)"
LOSS = "loss = criterion(model(images), images)"
BACKWARD = "                loss.backward()\n"


def judged(question: str, module: str, old: str, new: str) -> Verdict:
    actual = fresh_evidence(question, SEED, (Edit(module, old, new),))
    assert actual.errors
    return judge_case(QUESTIONS[question], Case(actual, evidence(question, SEED), SEED))


@pytest.mark.parametrize(
    ("question", "module", "old", "new"),
    [
        ("cmc_score", "contrast", NEW_ROW, "self.memory_l[y] = F.normalise(row_l)"),
        ("cmc_score", "contrast", "return out_l, out_ab", "out_l, out_ab"),
        ("train_ae", "autoencoder", LOSS, f"{LOSS}\n                loss = loss.detach()"),
        ("train_ae", "autoencoder", BACKWARD, 2 * BACKWARD),
        ("train_cmc", "train_cmc", "criterion_l(out_l) + criterion_ab(out_ab)", "criterion_l(out_l) + criterion(out_ab)"),
        ("train_classifier", "classifier", BACKWARD, 2 * BACKWARD),
        ("nce", "nce", "return -(positive + noise).mean()", "return -(positives + noise).mean()"),
    ],
)
def test_what_was_right_before_is_borne_out(question: str, module: str, old: str, new: str) -> None:
    verdict = judged(question, module, old, new)
    assert verdict.score == pytest.approx(0.3 * verdict.points), verdict.lines


@pytest.mark.parametrize(
    ("question", "module", "old", "new"),
    [
        ("cmc_score", "contrast", "out_l = ps8.row_products(l, self.memory_ab, idx)[:, :, None] / self.T", "out_l = None + l"),
        ("train_ae", "autoencoder", LOSS, "loss = criterion(images, model(images)) + 0.25 + images.nothing"),
    ],
)
def test_where_nothing_is_right_yet_nothing_is_earned(question: str, module: str, old: str, new: str) -> None:
    assert judged(question, module, old, new).score == 0


def test_what_was_left_behind_is_no_start_of_an_answer() -> None:
    raised = {"one": "NotImplementedError in train_ae, line 9", "many": "NotImplementedError in train_ae, line 9"}
    right = evidence("train_ae", SEED).arrays["one.losses"]
    verdict = judge_case(QUESTIONS["train_ae"], Case(Evidence({"one.left0": right}, raised), evidence("train_ae", SEED), SEED))
    assert verdict.score == 0
