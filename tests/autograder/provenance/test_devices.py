"""What only a GPU would stop is told from the text of an answer; what runs there is not."""

from __future__ import annotations

import textwrap

import pytest
from nbgrader.utils import is_solution

from autograder import provenance
from autograder.collector.origin import ANSWERS
from autograder.course_notebooks import NOTEBOOKS
from autograder.provenance.devices import made_on_cpu, sentence
from trials.classroom.submissions import solved
from trials.misconceptions.rewriting import from_reference, right_answers
from trials.mutants.equivalent import equivalent

SAME = "Expected all tensors to be on the same device"
# The body of a loss's `forward(self, x)`: where the tensor is made, and with what.
FLAGGED = {
    "return F.cross_entropy(x[:, :, 0], torch.zeros(len(x), dtype=torch.long))": (3, "torch.zeros"),
    "target = torch.zeros(len(x)).long()\nreturn F.cross_entropy(x.squeeze(-1), target)": (3, "torch.zeros"),
    "n = x.shape[0]\nt = torch.full((n,), 0)\nreturn nn.CrossEntropyLoss()(x.flatten(1), t)": (4, "torch.full"),
    "criterion = nn.CrossEntropyLoss()\nreturn criterion(x, torch.tensor([0] * len(x)))": (4, "torch.tensor"),
    "return self.criterion(x, torch.empty(len(x), dtype=torch.long).fill_(0))": (3, "torch.empty"),
    "return (x * torch.ones(x.shape[1])).sum()": (3, "torch.ones"),
    "w = torch.eye(3)\nreturn x @ w": (3, "torch.eye"),
    "w = torch.linspace(0, 1, 5)\nw = w.unsqueeze(0)\nreturn torch.mul(x, w)": (3, "torch.linspace"),
    "noise = torch.randn(len(x), 3)\nreturn torch.cat([x, noise], dim=1)": (3, "torch.randn"),
    "noise = torch.rand(x.shape)\nreturn x + 2 * noise": (3, "torch.rand"),
    "return x.gather(1, torch.zeros(len(x), 1, dtype=torch.long))": (3, "torch.zeros"),
    "order = torch.randperm(9)\nx += order\nreturn x": (3, "torch.randperm"),
    "idx = torch.randint(9, (3, 4))\nreturn idx + (idx >= x[:, None])": (3, "torch.randint"),
    "if x.ndim > 2:\n    t = torch.zeros(3)\nelse:\n    t = x\nreturn x - t": (4, "torch.zeros"),
    "for row in x:\n    row = row + torch.arange(3)\nreturn row": (4, "torch.arange"),
    "from torch import zeros\nreturn F.nll_loss(x, zeros(len(x), dtype=torch.int64))": (4, "zeros"),
    "with torch.no_grad():\n    t = torch.ones(3)\n    return self.bank * t": (4, "torch.ones"),
    "return x[:, None] == torch.zeros(3).to(torch.long)": (3, "torch.zeros"),
    "return x.device, x - torch.zeros(3, dtype=torch.float32, requires_grad=False)": (3, "torch.zeros"),
    "return self.helper(torch.zeros(3), x)": (3, "torch.zeros"),
}
SILENT = [
    "return F.cross_entropy(x, torch.zeros(len(x), dtype=torch.long, device=x.device))",
    "return F.cross_entropy(x, torch.zeros(len(x), dtype=torch.long).to(x.device))",
    "return F.cross_entropy(x, torch.zeros(len(x)).long().to(x.device))",
    "t = torch.zeros(len(x))\nt = t.to(device=x.device, dtype=torch.long)\nreturn F.cross_entropy(x, t)",
    "t = torch.zeros(len(x))\nif x.is_cuda:\n    t = t.cuda()\nreturn F.cross_entropy(x, t)",
    "t = torch.zeros(len(x)).cuda() if x.is_cuda else torch.zeros(len(x))\nreturn x + t",
    "return x + torch.zeros(len(x)).type_as(x)",
    "return x + torch.zeros(len(x)).to(x)",
    "return x + torch.zeros_like(x) + x.new_zeros(3)",
    "return x[torch.arange(len(x)), torch.zeros(len(x), dtype=torch.long)].mean()",
    "rows = torch.arange(len(x))\nreturn -x.log_softmax(1)[rows, 0].mean()",
    "idx = torch.randint(9, (3, 4))\nidx[:, 0] = x\nreturn self.bank[idx]",
    "return x * torch.tensor(2.0) + torch.zeros(()) + torch.tensor(self.K)",
    "return torch.maximum(x, torch.zeros(()))",
    "return x * torch.ones(3).sum().item() + float(torch.arange(3).sum())",
    "return x / torch.arange(3).sum()",
    "return x - torch.zeros(1).view(())",
    "loss = x.sum()\nreturn loss + F.mse_loss(torch.zeros(3), torch.ones(3))",
    "x = x.cpu()\nreturn x + torch.ones(3)",
    "with torch.device(x.device):\n    t = torch.ones(3)\n    return x + t",
    "torch.set_default_device(x.device)\nreturn x + torch.ones(3)",
    "device = torch.device('cpu')\nx = x.to(device)\nreturn x + torch.ones(3)",
    "x[:, 0] = torch.zeros(3)\nx.copy_(torch.zeros(3))\nreturn x",
    "for i in torch.arange(3):\n    x = x + i\nreturn x",
    "total = torch.zeros(3) + torch.ones(3)\nprint(total)\nreturn x",
    "sizes = torch.tensor([1, 2, 3]).tolist()\nreturn x * sizes[0]",
    "t = torch.zeros(x.shape[3:])\nreturn x + t",
    "try:\n    return x + torch.zeros(3)\nexcept RuntimeError:\n    return x + torch.zeros(3, device=x.device)",
    "return x.sum() * np.zeros(3)",
    "return mine(x) + torch.zeros(3)",
    "return self.helper(torch.zeros(3, device=x.device), x)",
    "pairs = [x] + [torch.arange(3)]\nreturn pairs",
    "return x[(slice(None),) + (torch.arange(3),)]",
    "return " + " + ".join(["x"] * 3000),
]


def loss(body: str, helper: str = "return a + b") -> str:
    """A cell whose first line is the class, and whose third is the first of the body of `forward`."""
    start = "class SoftmaxLoss(nn.Module):\n    def forward(self, x):\n"
    made = 'self.criterion = nn.CrossEntropyLoss()\nself.register_buffer("bank", torch.zeros(3))\nself.own = torch.zeros(3)'
    rest = f"\n    def helper(self, a, b):\n        {helper}\n    def __init__(self):\n{textwrap.indent(made, ' ' * 8)}\n"
    return start + textwrap.indent(body, " " * 8) + rest


@pytest.mark.parametrize("body", FLAGGED)
def test_a_tensor_on_the_cpu_that_meets_one_on_the_gpu_is_told(body: str) -> None:
    (found,) = made_on_cpu(loss(body), "SoftmaxLoss")
    assert ((found.line, found.made_with), found.stops_with, found.device) == (FLAGGED[body], SAME, "x.device")


@pytest.mark.parametrize("body", SILENT, ids=lambda body: body[:60])
def test_what_runs_on_a_gpu_is_not(body: str) -> None:
    assert made_on_cpu(loss(body), "SoftmaxLoss") == ()


def test_an_index_on_the_gpu_into_a_tensor_on_the_cpu_stops_with_other_words() -> None:
    (found,) = made_on_cpu(loss("mask = torch.ones(3, 9)\nmask[torch.arange(3), x] = 0\nreturn mask"), "SoftmaxLoss")
    assert (found.line, found.stops_with.split()[0]) == (3, "indices")


def test_a_helper_is_followed_and_its_names_are_not_guessed() -> None:
    (found,) = made_on_cpu(loss("return self.helper(x, 3)", helper="return a + torch.ones(b)"), "SoftmaxLoss")
    assert (found.made_with, found.device) == ("torch.ones", "")
    assert "the device of the tensors that it meets" in sentence("2.2", 4, [found])


def test_helpers_that_call_each_other_come_to_an_end() -> None:
    calls = "; ".join(["self.helper(a, b)"] * 100)
    assert made_on_cpu(loss("return self.helper(x, x)", helper=calls), "SoftmaxLoss") == ()


def test_a_training_loop_moves_its_images_to_the_gpu() -> None:
    cell = "def train_cmc(model, contrast, dataloader):\n    for images, idx in dataloader:\n"
    cell += "        images, idx = images.to(device), idx.to(device)\n"
    cell += "        l, ab = model(images)\n        out, _ = contrast(l, ab, idx)\n"
    cell += "        loss = F.cross_entropy(out[..., 0], torch.zeros(len(out), dtype=torch.long))\n"
    (found,) = made_on_cpu(cell, "train_cmc")
    assert (found.line, found.device) == (6, "device")
    assert made_on_cpu(cell.replace("torch.long)", "torch.long, device=device)"), "train_cmc") == ()


def test_no_right_answer_that_we_know_is_remarked() -> None:
    answers = [*right_answers(), *(from_reference(question) for question in ANSWERS)]
    found = {answer.id: made_on_cpu(answer.text, ANSWERS[answer.question]) for answer in answers}
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_nor_is_the_reference_s_notebook(name: str) -> None:
    assert [said for said in provenance.remarks(solved(name), {}, {}) if "GPU" in said] == []


def test_the_student_reads_what_line_and_what_to_write() -> None:
    notebooks = [solved(name) for name in NOTEBOOKS]
    nb = next(nb for nb in notebooks if any("class SoftmaxLoss" in cell.source for cell in nb.cells))
    place, cell = next((i, c) for i, c in enumerate(nb.cells) if is_solution(c) and "class SoftmaxLoss" in c.source)
    cell.source = loss("return F.cross_entropy(x[:, :, 0], torch.zeros(len(x), dtype=torch.long))")
    (said,) = [said for said in provenance.remarks(nb, {}, {}) if "GPU" in said]
    assert f'would stop with "{SAME}", for `torch.zeros` in line 3 of cell {place + 1} makes a tensor on the CPU' in said
    assert "write `device=x.device` in the call. It cost nothing." in said


def test_the_mutants_that_are_said_to_be_remarked_are() -> None:
    mutants = equivalent()
    said = [question for question, reasons in mutants.items() for why in reasons.values() if "remarked from the source" in why]
    assert sorted(said) == ["cmc_score", "softmax_loss"]
    for question in said:
        text = from_reference(question).text
        changed = text.replace(", device=y.device", "").replace(", device=scores.device", "")
        assert changed != text
        assert len(made_on_cpu(changed, ANSWERS[question])) == 1
