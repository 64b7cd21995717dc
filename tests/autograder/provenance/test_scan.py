"""What the text of a cell tells: tampering is seen, and an honest idiom is not taken for it."""

from __future__ import annotations

import pytest
from nbgrader.utils import is_grade

from autograder.course_notebooks import NOTEBOOKS, release
from autograder.provenance.scan import behind, changes, rebinds
from trials.classroom.submissions import hand_in, solved, students
from trials.misconceptions.rewriting import right_answers

HONEST = [
    "torch.manual_seed(0)",
    "torch.set_num_threads(2)",
    "plt.rcParams['figure.figsize'] = (3, 3)",
    "torch.set_grad_enabled(False)",
    "torch.backends.cudnn.benchmark = True",
    "torch.backends.cuda.matmul.allow_tf32 = True",
    "import gc\ngc.collect()",
    "import inspect\nprint(inspect.getsource(Encoder))",
    "import sys\nsys.path.append('.')",
    "import os\nos.environ['X'] = '1'",
    "x = torch.zeros(3)\nx.requires_grad = True\nx.grad = None\nx.data[0] = 1",
    "model.eval()\nmodel.layers = nn.Identity()",
    "for p in model.parameters():\n    p.requires_grad = False",
    "from tqdm.auto import tqdm",
    "np.random.seed(1)",
    "import warnings\nwarnings.filterwarnings('ignore')",
    "%matplotlib inline\nimport ps8",
    "cfg.T",
    "np.set_printoptions(precision=3)",
    "torch.set_printoptions(precision=3)",
    "import time\nstart = time.time()",
    "ps8.check('encoder')",
    "del model, images",
    "results['accuracy']['mine'] = 0.5",
    "from ps8 import show_grid\nshow_grid(train_set)",
    "torch.cuda.empty_cache()",
    '"""I looked at sys._getframe in the docs."""\nx = 1',
    "# gc.get_objects would be cheating\nx = 1",
    "get_ipython().run_line_magic('time', 'x')",
]
CHANGED = {
    "F.relu = lambda x: x": "torch.nn.functional.relu",
    "torch.nn.functional.relu = mine": "torch.nn.functional.relu",
    "import torch.nn.functional as G\nG.relu, y = mine, 3": "torch.nn.functional.relu",
    "from torch import nn as n\nn.Module.__call__ = mine": "torch.nn.Module.__call__",
    "setattr(torch, 'allclose', mine)": "torch.allclose",
    "vars(torch)['allclose'] = mine": "torch.allclose",
    "torch.__dict__['allclose'] = mine": "torch.allclose",
    "with torch.no_grad():\n    torch.Tensor.__eq__ = mine": "torch.Tensor.__eq__",
    "def f():\n    global g\n    torch.manual_seed = mine": "torch.manual_seed",
    "import builtins\nbuiltins.sum = mine": "builtins.sum",
    "import ps8.questions\nps8.questions.PROBES['encoder'] = mine": "ps8.questions.PROBES",
    "from ps8.questions import PROBES\nPROBES['encoder'] = mine": "ps8.questions.PROBES",
    "from ps8.probes import tools as t\nt.fill = mine": "ps8.probes.tools.fill",
    "del torch.nn.functional.relu": "torch.nn.functional.relu",
}
BEHIND = [
    "import sys\nsys._getframe(1).f_locals",
    "import inspect\ninspect.currentframe().f_back",
    "import gc\ngc.get_objects()",
    "import ctypes",
    "import sys\nsys.settrace(spy)",
    "get_ipython().ast_transformers.append(x)",
    "import sys\nsys.meta_path.insert(0, x)",
    "import sys\nsys.modules['ps8'] = x",
    "import autograder.collector.inkernel as k\nk.write = x",
    "f.__code__ = g.__code__",
    "import os\nos.listdir('/exchange/evidence')",
    "try: 1 / 0\nexcept Exception as e: e.__traceback__.tb_frame.f_back",
    "get_ipython().events.register('pre_run_cell', x)",
]
REBOUND = [
    "class Encoder(nn.Module):\n    pass",
    "Encoder = Other",
    "Encoder.forward = mine",
    "setattr(Encoder, 'forward', mine)",
    "globals()['Encoder'] = Other",
    "vars()['Encoder'] = Other",
    "from elsewhere import Encoder",
    "x, Encoder = 1, Other",
    "def Encoder(c=3):\n    return 1",
    "if True:\n    Encoder.forward = mine",
]
WRAPPED = [
    "Encoder = timed(Encoder)",
    "class Encoder(Encoder):\n    pass",
    "old = Encoder\ndef Encoder(*a):\n    return old(*a)",
    "@timed\ndef helper(x: Encoder) -> Encoder:\n    return x",
    "model = Encoder()",
    "print(Encoder)",
    "Encoder().forward",
    "from functools import partial\nEncoder = partial(Encoder, 3)",
    "encoder = Encoder(3)\nencoder.layers = nn.Identity()",
]


@pytest.mark.parametrize("source", HONEST)
def test_an_honest_idiom_is_nobodys_business(source: str) -> None:
    assert (behind(source), changes(source), rebinds(source, "Encoder")) == ([], [], False)


@pytest.mark.parametrize("source", CHANGED)
def test_a_changed_library_is_named(source: str) -> None:
    assert CHANGED[source] in changes(source)


@pytest.mark.parametrize("source", BEHIND)
def test_a_look_behind_the_scenes_is_seen(source: str) -> None:
    assert behind(source)


@pytest.mark.parametrize("source", REBOUND)
def test_another_answer_under_its_name(source: str) -> None:
    assert rebinds(source, "Encoder")


@pytest.mark.parametrize("source", WRAPPED)
def test_what_leads_to_the_answer_is_no_other(source: str) -> None:
    assert not rebinds(source, "Encoder")


def test_no_right_answer_that_we_know_is_suspected() -> None:
    found = {answer.id: (behind(answer.text), changes(answer.text)) for answer in right_answers()}
    assert {name: what for name, what in found.items() if any(what)} == {}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_neither_the_lesson_nor_the_bundled_class_is(name: str) -> None:
    sources = {c.source for nb in (release(name), solved(name)) for c in nb.cells if c.cell_type == "code" and not is_grade(c)}
    assert {source: what for source in sources if (what := behind(source) + changes(source))} == {}
    for student in students():
        text = hand_in(student, name)
        assert "_getframe" not in text
