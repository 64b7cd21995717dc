"""What other cells leave over costs no answer anything, and is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbjudge.gather import Gathered
from nbjudge.gather.evidence_file import parse_evidence
from nbjudge.judge.judge import CriteriaJudge

from autograder import provenance

# An own cell -> words of the remark; empty where there is nothing to be put right.
LEFT_OVER = {
    "torch.set_grad_enabled(False)": "set_grad_enabled(False)",
    "torch.set_default_dtype(torch.float64)": "set_default_dtype(torch.float64)",
    "torch.set_default_device('meta')": "set_default_device('meta')",
    "torch.set_float32_matmul_precision('medium')": "set_float32_matmul_precision",
    "torch.use_deterministic_algorithms(True)": "use_deterministic_algorithms",
    "torch.autograd.set_detect_anomaly(True)": "set_detect_anomaly(True)",
    "kept = torch.inference_mode()\nkept.__enter__()": "inference_mode()",
    "torch.autocast('cpu', dtype=torch.bfloat16).__enter__()": "torch.autocast('cpu', enabled=True)",
    "torch.set_flush_denormal(True)": "set_flush_denormal(True)",
    "torch.backends.mkldnn.enabled = False": "mkldnn.enabled = False",
    "import numpy as np\nnp.seterr(all='raise')": "np.seterr",
    "nn.modules.module.register_module_forward_hook(lambda m, i, o: o * 0)": "a hook on every module",
    "nn.modules.module.register_module_forward_pre_hook(lambda m, i: (i[0] * 2,))": "a hook on every module",
    "from torch.optim import optimizer as o\no.register_optimizer_step_pre_hook(lambda *a: 1 / 0)": "a hook on every module",
    "torch.autograd.graph.saved_tensors_hooks(lambda x: x * 0, lambda x: x).__enter__()": "saved_tensors_hooks()",
    "import dataclasses\ncfg = dataclasses.replace(cfg, ae_lr=0.1, cls_lr=0.5, cmc_lr=0.2)": "cfg = other settings",
    "device = torch.device('meta')": "device = ",
    "device = 'cuda'": "device = 'cuda'",
    "feat_dim = 7": "feat_dim = 7",
    "F = 96485.0": "F = 96485.0",
    "sum = 0\nlen = 5\nrange = 'all'": "sum = 0",
    "F.relu = lambda x, inplace=False: x": "torch.nn.functional.relu",
    "nn.ReLU.forward = lambda self, x: x": "torch.nn.modules.activation.ReLU.forward",
    "nn.Conv2d.__call__ = lambda self, x: x": "Conv2d.__call__",
    "torch.Tensor.backward = lambda *a, **k: None": "torch.Tensor.backward",
    "torch.Tensor.flatten = lambda self, *a: self": "torch.Tensor.flatten",
    "torch.optim.Adam.step = lambda *a: None": "Adam.step",
    "F.normalize.__defaults__ = (1, 0, 1e-12, None)": "torch.nn.functional.normalize",
    "F.mse_loss.__code__ = (lambda *a, **k: 0).__code__": "mse_loss",
    "import ps8.progress\nps8.progress = None": "ps8.progress",
    "import builtins\nbuiltins.sum = lambda *a: 0": "builtins.sum",
    "import random, numpy as np\nrandom.seed(1); np.random.seed(1); torch.manual_seed(1)": "",
    "torch.set_num_threads(1)": "",
    "import os\nos.environ['PS8_PROFILE'] = 'full'": "os.environ['PS8_PROFILE']",
    "import os, tempfile\nos.chdir(tempfile.mkdtemp())": "os.chdir()",
    "import sys\nsys.setrecursionlimit(60)": "sys.setrecursionlimit(60)",
    "import sys\nsys.setprofile(lambda *a: None)": "sys.setprofile()",
    "import gc\ngc.disable()": "gc.disable()",
    "import signal\nsignal.signal(signal.SIGALRM, lambda *a: 1 / 0)\nsignal.setitimer(signal.ITIMER_REAL, 3600)": "setitimer",
    "import warnings\nwarnings.simplefilter('error')": "",
    "import sys\nsys.stdout = sys.stderr = None": "",
    "import sys\nsys.modules['torch'] = None": "sys.modules['torch']",
}
WITHOUT = {  # without these names no answer's cell could run
    "cfg = None": "cfg = None",
    "nn = 3": "nn = 3",
    "Tensor = torch = 0": "torch = 0",
    "del cfg, nn": "",
    "import builtins\nbuiltins.float = 3": "builtins.float",
}
LEFT_OVER |= WITHOUT
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("left", LEFT_OVER)
def test_what_is_left_over_costs_nothing_and_is_told(
    left: str,
    notebook: Callable[..., NotebookNode],
    run: Callable[[NotebookNode], Gathered],
    judge: CriteriaJudge,
    seeds: dict[str, int],
) -> None:
    made = notebook(after=left)
    gathered = run(made)
    verdicts = {
        question: judge.judge(question, parse_evidence(blob), seeds[question]) for question, blob in gathered.evidence.items()
    }
    assert {q: v.score for q, v in verdicts.items()} == {q: v.points for q, v in verdicts.items()}
    assert len(verdicts) == 8
    said = " ".join(provenance.remarks(made, gathered.evidence, {}))
    assert LEFT_OVER[left] in said if LEFT_OVER[left] else said == ""


def test_a_cell_that_fails_by_itself_is_not_made_to_run(
    notebook: Callable[..., NotebookNode], run: Callable[[NotebookNode], Gathered]
) -> None:
    made = notebook(question="train_ae", before="cfg = None", answer="def train_ae(:\n    pass")
    outputs = run(made).outputs[next(cell.id for cell in made.cells if "train_ae(:" in cell.source)]
    assert [output.ename for output in outputs if output.output_type == "error"] == ["SyntaxError"]


def test_a_kernel_that_is_lost_later_runs_the_cell_in_the_same_way_again(
    notebook: Callable[..., NotebookNode], run: Callable[[NotebookNode], Gathered], judge: CriteriaJudge, seeds: dict[str, int]
) -> None:
    made = notebook(question="train_ae", before="cfg = None")
    place = next(i for i, cell in enumerate(made.cells) if cell.metadata.get("nbgrader", {}).get("grade_id") == "train_ae")
    made.cells.insert(place, new_code_cell("import os\nos._exit(3)"))
    gathered = run(made)
    assert judge.judge("train_ae", parse_evidence(gathered.evidence["train_ae"]), seeds["train_ae"]).score == 10


def test_what_an_answer_does_while_it_is_called_is_its_own(
    notebook: Callable[..., NotebookNode], run: Callable[[NotebookNode], Gathered], judge: CriteriaJudge, seeds: dict[str, int]
) -> None:
    answer = "class SoftmaxLoss(nn.Module):\n    def forward(self, x):\n        torch.set_grad_enabled(False)\n"
    answer += "        return F.cross_entropy(x[:, :, 0], torch.zeros(len(x), dtype=torch.long))"
    gathered = run(notebook(question="softmax_loss", answer=answer))
    verdicts = {
        question: judge.judge(question, parse_evidence(blob), seeds[question]) for question, blob in gathered.evidence.items()
    }
    assert verdicts["softmax_loss"].score < 10
    assert all(v.score == v.points for q, v in verdicts.items() if q != "softmax_loss")


def test_a_students_cells_go_on_as_they_left_things(
    notebook: Callable[..., NotebookNode], run: Callable[[NotebookNode], Gathered]
) -> None:
    made = notebook(after="torch.set_default_dtype(torch.float64)\nF.relu = mine = lambda x: x\ncfg = 5")
    made.cells.append(new_code_cell("print(torch.get_default_dtype(), F.relu is mine, cfg)"))
    assert run(made).outputs[made.cells[-1].id][0].text == "torch.float64 True 5\n"
