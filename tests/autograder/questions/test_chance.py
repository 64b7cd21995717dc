"""Answers that follow from none of their inputs earn nothing, whatever the inputs: hardly a number is right by chance."""

from __future__ import annotations

import pytest
import torch
from nbjudge.judge.compare import Case, cleaned
from nbjudge.judge.judge import judge_case
from ps8.probes import probe

from autograder.judge import reference
from autograder.questions import QUESTIONS

SEEDS = range(1_000, 1_020)  # among them some for which such answers once earned 6.5 of 10
SHAPES = {"encoder": ("Encoder", "24, 4, 4"), "decoder": ("Decoder", "3, 64, 64"), "encoder_cmc": ("EncoderCMC", "384")}
# What a network may give without a look at its input: constants, draws, and layers that are only there.
LAYERS = {
    "zeros": "0 * self.layer.weight.sum() + torch.zeros(shape)",
    "ones of a parameter": "self.layer.bias[0] * torch.ones(shape)",
    "the mean": "x.mean() + torch.zeros(shape)",
    "a half": "self.layer.bias.mean().sigmoid() + torch.zeros(shape)",
    "draws": "torch.rand(shape)",
    "draws around 0": "torch.randn(shape) * self.layer.weight.std()",
}
# What a training may do without a look at its batches, and the numbers that it may report.
MOVES = {
    "nothing": "pass",
    "steps of Adam's size, at random": "p.add_(0.001 * torch.randn_like(p).sign())",
    "another start": "p.normal_()",
    "a little smaller": "p.mul_(0.999)",
}
REPORTS = {
    "train_ae": (0.0, 0.08, 0.25),
    "train_classifier": (0.0, 2.302585, 2.5),
    "train_cmc": (0.0, 1.386294, 0.25),
}
TRAININGS = {
    "train_ae": """def train_ae(model, dataloader, epochs=1):
    move(model)
    return model, [{report}] * epochs
""",
    "train_classifier": """def train_classifier(encoder, cls, dataloader, epochs=1, supervised=False):
    move(cls)
    if supervised:
        move(encoder)
    return encoder, cls, [{report}] * epochs
""",
    "train_cmc": """def train_cmc(model, contrast, criterion_l, criterion_ab, dataloader, epochs=1):
    move(model)
    return model, {{"loss": [{report}] * epochs, "prob_l": [0.25] * epochs, "prob_ab": [0.25] * epochs}}
""",
}


def layers(question: str, out: str) -> str:
    name, shape = SHAPES[question]
    returned = f"{out}, {out}" if question == "encoder_cmc" else out
    return f"""class {name}(nn.Module):
    def __init__(self, *args, **kwargs):
        super().__init__()
        self.layer = nn.Conv2d(3, 24, 3)
    def forward(self, x):
        shape = (len(x), {shape})
        return {returned}
"""


def training(question: str, move: str, report: float) -> str:
    moved = f"def move(model):\n    with torch.no_grad():\n        for p in model.parameters():\n            {move}\n"
    return moved + TRAININGS[question].format(report=report)


def earned(question: str, code: str) -> dict[int, float]:
    """The inputs for which an answer earns something."""
    scores = {}
    for seed in SEEDS:
        names = reference.namespace()
        exec(code, names)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            evidence = probe(question, names, seed)
        case = Case(cleaned(evidence), reference.evidence(question, seed), seed)
        asked = QUESTIONS[question]
        # Else nothing is earned, unless the answer has a known mistake's name: sought once, as that takes long.
        if (asked.borne_out(case) or seed == SEEDS[0]) and (score := judge_case(asked, case).score):
            scores[seed] = score
    return scores


@pytest.mark.parametrize("out", LAYERS)
@pytest.mark.parametrize("question", SHAPES)
def test_a_network_that_looks_at_nothing_earns_nothing(question: str, out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PS8_PROFILE", "grade")
    assert earned(question, layers(question, LAYERS[out])) == {}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("question", TRAININGS)
def test_a_training_that_looks_at_nothing_earns_nothing(question: str, move: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PS8_PROFILE", "grade")
    for report in REPORTS[question]:
        assert earned(question, training(question, MOVES[move], report)) == {}, report
