"""1.1 and 1.2: what a deviation of a layer costs, and what costs nothing."""

from __future__ import annotations

import pytest
from nbjudge.judge.compare import Case
from nbjudge.judge.judge import deviations
from nbjudge.judge.severity import Severity

from autograder.judge.reference import Edit, evidence, fresh_evidence
from autograder.questions import QUESTIONS

SEED = 24_680
END = "        return self.layers(x)\n        ### END SOLUTION\n\n\nclass "
LAST = "            nn.Conv2d(48, 24, kernel_size=4, stride=2, padding=1),\n            nn.ReLU(),\n        )"


def lost(question: str, old: str, new: str, seed: int = SEED) -> dict[str, Severity]:
    case = Case(fresh_evidence(question, seed, (Edit("autoencoder", old, new),)), evidence(question, seed), seed)
    return {name: outcome.severity for name, outcome in deviations(QUESTIONS[question], case)}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (LAST, LAST.replace("nn.ReLU()", "nn.LeakyReLU()")),
        ("nn.ReLU(),\n            nn.Conv2d(48, 24, k", "nn.LeakyReLU(),\n            nn.Conv2d(48, 24, k"),
    ],
)
def test_a_leak_of_a_hundredth_is_no_rounding(old: str, new: str, seed: int) -> None:
    criterion = "last_activation" if old == LAST else "activations"
    assert lost("encoder", old, new, seed) == {criterion: Severity.OTHER_NUMBERS}


def test_images_need_no_gradient_and_codes_do() -> None:
    for question, after in (("encoder", "Decoder"), ("decoder", "Autoencoder")):
        old = END + after
        found = lost(question, old, old.replace("self.layers(x)", "self.layers(x.detach())"))
        assert found == ({} if question == "encoder" else {"learns": Severity.NOTHING_LEARNS})


def test_weights_that_are_cut_off_from_their_graph_never_learn() -> None:
    """Though the numbers and the gradient of the input are right."""
    cut = "list(self.layers.modules())\n        return torch.func.functional_call(\n"
    cut += "            self.layers, {name: p.detach() for name, p in self.layers.named_parameters()}, (x,)\n        )"
    old = END + "Decoder"
    assert lost("encoder", old, old.replace("return self.layers(x)", cut)) == {"learns": Severity.NOTHING_LEARNS}


def test_another_kind_of_layer_is_paid_for_once() -> None:
    """It runs unseen between two others, so nothing is told of what follows the one before it."""
    third = "nn.Conv2d(24, 48, kernel_size=4"
    found = lost("encoder", third, third.replace("Conv2d", "ConvTranspose2d"))
    assert found == {"layers": Severity.LEARNS_ELSE, "shape": Severity.OTHER_NUMBERS}
