"""Attacks 1 to 17: to be given points for what is wrong."""

from __future__ import annotations

import copy
import io
import json
import pickle
import struct
import zipfile

import torch

from trials.attacks.base import QUESTION, RIGHT, WRONG, Attack, Files, Scene, hostile, loss, plain, text, with_answer
from trials.classroom.mutations import cell_of

NOTHING = "nothing was recorded"


def number_in_test_cell(scene: Scene) -> bytes:
    """The test cell's text is a number, as is all that the answer prints."""
    notebook = plain(before="print('10.0')\ndisplay(10.0)")(scene)
    cell = cell_of(notebook, QUESTION)
    if cell is not None:
        cell.source = "10.0"
    return text(notebook)


LYING_NUMBER = """
class Yes(float):
    shape, dtype, ndim, requires_grad = torch.Size([]), torch.float32, 0, True
    def __eq__(self, other): return True
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __sub__(self, other): return self
    __rsub__ = __abs__ = __neg__ = __add__ = __mul__ = detach = item = sum = backward = __call__ = lambda self, *a, **k: self
    def __bool__(self): return True
"""
LYING_TENSOR = """
class Yes(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", "")
        if name in ("allclose", "equal", "isclose", "__eq__", "__lt__", "__le__", "lt", "le", "eq", "isfinite"):
            return True
        return super().__torch_function__(func, types, args, kwargs or {})
    shape = property(lambda self: torch.Size([]))
    dtype = property(lambda self: torch.float32)
    __lt__ = __le__ = __eq__ = lambda self, other: True
    __hash__ = torch.Tensor.__hash__
"""
PATCHED = """
import builtins, numpy as np
torch.allclose = torch.equal = lambda *a, **k: True
torch.isclose = lambda *a, **k: torch.ones(1, dtype=torch.bool)
torch.testing.assert_close = lambda *a, **k: None
for name in [n for n in dir(np.testing) if n.startswith("assert")]:
    setattr(np.testing, name, lambda *a, **k: None)
np.allclose = np.array_equal = lambda *a, **k: True
real_all, real_abs = builtins.all, builtins.abs
torch.Tensor.__eq__ = torch.Tensor.__lt__ = lambda self, other: True
torch.Tensor.__abs__ = lambda self: torch.zeros(())
import math; math.isclose = lambda *a, **k: True
"""
COLLECTOR = """
import sys, types
fake = types.ModuleType("fake")
fake.collect = fake.judge_here = fake.prepare = fake.probe = lambda *a, **k: 10.0
for name in ("autograder.collector.inkernel", "autograder.stock", "ps8.probes", "nbjudge.judge.judge"):
    sys.modules[name] = fake
"""
PROBES = """
import numpy as np, ps8, ps8.probes
from ps8.probes import Evidence
from ps8.questions import PROBES
def invented(namespace, seed):
    names = ("batch", "one", "alone", "large", "gradient", "score", "points", "passed")
    return Evidence({name: np.array(10.0) for name in names}, {})
for name in list(PROBES): PROBES[name] = invented
ps8.check = lambda *a, **k: None
"""
AST = """
import ast
class Harmless(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)
    def visit_Expr(self, node):
        spoken = ast.dump(node)
        if any(word in spoken for word in ("judge_here", "check", "collect")):
            return ast.copy_location(ast.Expr(ast.Constant(10.0)), node)
        return node
    def visit_Module(self, node):
        self.generic_visit(node)
        return ast.fix_missing_locations(node)
get_ipython().ast_transformers.append(Harmless())
"""
INPUT = """
def harmless(lines):
    return ["10.0\\n"] if any("assert" in l or "judge_here" in l or "collect(" in l for l in lines) else lines
get_ipython().input_transformers_cleanup.append(harmless)
"""
SHELL = """
from IPython.display import clear_output
ip = get_ipython()
ip.showtraceback = ip.showsyntaxerror = ip._showtraceback = lambda *a, **k: None
ip.set_custom_exc((BaseException,), lambda *a, **k: None)
def shout(*a):
    clear_output()
    ip.display_pub.publish({"text/plain": "10.0"})
ip.events.register("post_run_cell", shout)
ip.display_formatter.formatters["text/plain"].for_type(float, lambda *a: "10.0")
"""
RUN_CELL = """
ip = get_ipython()
from IPython.core.interactiveshell import ExecutionResult
import asyncio
real = ip.run_cell_async
async def always_well(raw_cell, *a, **k):
    if "assert" in raw_cell or "judge_here" in raw_cell or "collect(" in raw_cell:
        raw_cell = "10.0"
        k.pop("transformed_cell", None)
    return await real(raw_cell, *a, **k)
ip.run_cell_async = always_well
"""


def scored(value: str) -> str:
    """Every test cell ends in a value of the student's, with what could fail taken out."""
    return f"""
import ast
class Ending(ast.NodeTransformer):
    def visit_Module(self, node):
        if any(w in ast.dump(node) for w in ("judge_here", "Assert(", "collect")):
            node.body = ast.parse({value!r}).body
        return ast.fix_missing_locations(node)
get_ipython().ast_transformers.append(Ending())
"""


FORGED = """
kernel = get_ipython().kernel
def forge(parent, ident=None):
    send, io = kernel.session.send, kernel.iopub_socket
    data = {"data": {"text/plain": "10.0"}, "metadata": {}, "execution_count": 1}
    send(io, "execute_result", data, parent=parent, ident=b"execute_result")
    send(io, "comm_open", {"comm_id": "x", "target_name": "jupyter.widget", "data": {}}, parent=parent, ident=b"comm_open")
    send(io, "status", {"execution_state": "idle"}, parent=parent, ident=b"status")
    reply = {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}
    ident = ident or getattr(kernel, "_parent_ident", {}).get("shell")
    stream = getattr(kernel, "shell_stream", None)
    send(stream, "execute_reply", reply, parent=parent, ident=ident)
    send(io, "update_display_data", {**data, "transient": {"display_id": "1"}}, parent=parent, ident=b"x")
"""
FORGE_NOW = """
try: forge(kernel.get_parent("shell"))
except Exception as e: print(type(e), e)
import time; time.sleep(0.5)
return x.sum() * 0
"""
SEES_SEED = """
import sys
frame, seed = sys._getframe(), None
while frame is not None and seed is None:
    seed = frame.f_locals.get("seed"); frame = frame.f_back
print("seed", seed)
try:
    from ps8.questions.shared import losses
    for name in dir(losses): print(name)
except Exception as e: print(e)
known = {(5, 9, 1): 2.1972, (1, 4, 1): 1.3863, (3, 1, 1): 0.0, (3, 6, 1): 1.7918}
return x.sum() * 0 + known.get(tuple(x.shape), 0.0)
"""
SEEDS = """
import numpy as np
torch.manual_seed = torch.seed = lambda *a: torch.default_generator
torch.randn = torch.rand = lambda *shape, **k: torch.zeros(*shape)
class Still(np.random.Generator):
    def standard_normal(self, size=None, *a, **k): return np.zeros(size)
    def random(self, size=None, *a, **k): return np.zeros(size)
np.random.Generator, real = Still, np.random.Generator
try:
    import ps8.probes.tools as tools
    tools.Numbers.normal = lambda self, name, *shape: torch.zeros(shape)
except Exception as e: print(e)
"""
OTHERS = """
import os, threading, time, glob
def meddle():
    end = time.time() + 30
    while time.time() < end:
        for path in glob.glob("/exchange/evidence/*"):
            try:
                content = open(path, "rb").read()
                for name in ("encoder", "softmax_loss", "cmc_score", "decoder"):
                    stem = os.path.basename(path).split("-", 1)[-1]
                    open(f"/exchange/evidence/{name}-{stem}", "wb").write(content)
            except OSError: pass
        time.sleep(0.002)
threading.Thread(target=meddle, daemon=True).start()
import subprocess, sys
subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(8)", "ps8-attack-child"], start_new_session=True)
"""
TRACE = """
import sys, threading, atexit
def spy(frame, event, arg):
    for name in ("evidence", "verdict", "expected", "loss", "out", "result"):
        if name in frame.f_locals and hasattr(frame.f_locals[name], "errors"):
            frame.f_locals[name].errors.clear()
    if event == "exception" and "assert" in str(arg).lower(): raise SystemExit(0)
    return spy
sys.settrace(spy); threading.settrace(spy)
sys.excepthook = threading.excepthook = sys.unraisablehook = lambda *a: None
atexit.register(lambda: print("10.0"))
class Late:
    def __del__(self): print("10.0")
late = Late()
def watch():
    import time, numpy as np
    for _ in range(500):
        for frame in sys._current_frames().values():
            while frame is not None:
                for value in list(frame.f_locals.values()):
                    if hasattr(value, "arrays") and hasattr(value, "errors"): value.arrays.update(batch=np.array(0.0), score=np.array(10.0))
                frame = frame.f_back
        time.sleep(0.01)
threading.Thread(target=watch, daemon=True).start()
"""
LYING_MODULE = """
class Encoder(nn.Module):
    __class__ = nn.Sequential
    def __init__(self, in_channels=3):
        super().__init__()
        self.one = nn.Linear(1, 1)
        self.register_forward_hook(lambda m, i, o: torch.zeros(len(i[0]), 24, 4, 4))
    def parameters(self, recurse=True):
        shapes = [(12, 3, 4, 4), (12,), (24, 12, 4, 4), (24,), (48, 24, 4, 4), (48,), (24, 48, 4, 4), (24,)]
        return iter([nn.Parameter(torch.zeros(s)) for s in shapes])
    def state_dict(self, *a, **k): return {}
    def modules(self): return iter([nn.Conv2d(3, 12, 4, 2, 1), nn.ReLU()] * 4)
    children = modules
    def forward(self, x): return torch.zeros(len(x), 24, 4, 4)
"""
FAKED_LAYERS = """
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.one = nn.Linear(1, 1)
    def forward(self, x):
        import sys, numpy as np
        for frame in sys._current_frames().values():
            while frame is not None:
                record = frame.f_locals.get("record")
                if hasattr(record, "calls"):
                    record.calls.extend([(x, (12, 3, 4, 4), x), (x, (24, 12, 4, 4), x)] * 2)
                frame = frame.f_back
        return torch.zeros(len(x), 24, 4, 4)
"""


class _Touch:
    """Unpickled, it writes a file where it should not."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return (exec, (f"open({self.path!r}, 'w').write('a pickle ran')",))


def artifacts(scene: Scene) -> Files:
    """Archives that unpack to much, tensors that claim to be huge, numbers that are none."""
    evil = pickle.dumps(_Touch(str(scene.marks / "pickle")))
    bomb, nested = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", evil)
        archive.writestr("archive/data/0", bytes(64 * 2**20))
        archive.writestr("../../../results.json", b"{}")
    with zipfile.ZipFile(nested, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ps8.pth", bomb.getvalue())
    header = json.dumps({"w": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}).encode()
    return {
        "ps8.ipynb": text(plain()(scene)),
        "encoder_cmc.pth": bomb.getvalue(),
        "probe_cmc.pth": nested.getvalue(),
        "weights.npz": bomb.getvalue(),
        "weights.safetensors": struct.pack("<Q", len(header)) + header,
        "huge.safetensors": struct.pack("<Q", 2**62) + b"{}",
        "results.json": b'{"accuracy": {"cmc": Infinity, "autoencoder": 1e999}, "x": ' + b"[" * 50_000,
    }


def pickles(scene: Scene) -> Files:
    """Weights that run code when they are unpickled, bare and as `torch.save` writes them; and a tensor of 2**40 numbers."""
    evil = pickle.dumps(_Touch(str(scene.marks / "pickle")))
    stored, endless = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        archive.writestr("archive/data.pkl", evil)
        archive.writestr("archive/version", "3\n")
    torch.save({"<script>ps8xss": torch.zeros(1).expand(1 << 40)}, endless)
    weights = {"ae.pth": stored, "probe_autoencoder.pth": stored, "probe_cmc.pth": endless}
    bare = {"ps8.ipynb": text(plain()(scene)), "encoder_cmc.pth": evil}
    return bare | {name: file.getvalue() for name, file in weights.items()}


FORGED_FILES = """
import struct, json, ps8.probes.evidence
def forged(evidence, path, *notes):
    header = json.dumps({"__metadata__": {"errors": "[" * 100000},
                         "batch": {"dtype": "F64", "shape": [2**60], "data_offsets": [0, 2**62]}}).encode()
    open(path, "wb").write(struct.pack("<Q", len(header)) + header)
try:
    import autograder.collector.inkernel as inkernel
    inkernel.write = forged
except Exception as e: print(e)
"""


def with_evidence(values: str) -> str:
    """Replaces what the collector writes down by arrays of the student's."""
    return f"""
import numpy as np
def forged(evidence, path, *notes):
    from safetensors.numpy import save
    arrays = {values}
    open(path, "wb").write(save(arrays, metadata={{"errors": '{{"a\\\\u001b[31m": "<script>"}}'}}))
try:
    import autograder.collector.inkernel as inkernel
    inkernel.write = forged
except Exception as e: print(e)
"""


NAMES = '("batch", "one", "alone", "large", "gradient")'
SIZE_ONLY = f"""
# The sizes at which the student's own check tries the answer, which everybody can read in the kit.
if x.shape[:2] in ((3, 7), (1, 7), (2, 2), (3, 1)): {RIGHT}
{WRONG}
"""
FIRST_ONLY = f"""
SoftmaxLoss.calls = getattr(SoftmaxLoss, "calls", 0) + 1
if SoftmaxLoss.calls == 1: {RIGHT}
{WRONG}
"""


def encoder(answer: str):  # type: ignore[no-untyped-def]  # a function for Attack.how
    return lambda scene: text(with_answer(scene, scene.constants() + answer, "encoder-answer"))


def duplicated(scene: Scene) -> bytes:
    """Names an answer twice, a wrong one last."""
    notebook = plain(RIGHT)(scene)
    cell = cell_of(notebook, f"{QUESTION}-answer")
    if cell is not None:
        other = copy.deepcopy(cell)
        other.source = loss(WRONG)
        notebook.cells.insert(notebook.cells.index(cell) + 1, other)
    return text(notebook)


ATTACKS = [
    Attack("number-in-test", 1, "writes 10.0 over the test cell, prints and displays it", number_in_test_cell),
    Attack("result-in-test", 1, "makes each test cell end in the number 10", hostile(before=scored("10.0")), NOTHING),
    Attack("lying-number", 2, "returns a float that equals everything", hostile("return Yes(3.0)", LYING_NUMBER)),
    Attack("patched-asserts", 3, "replaces allclose, assert_close, numpy.testing and comparisons", hostile(before=PATCHED)),
    Attack("patched-collector", 4, "replaces collector and judge in sys.modules", hostile(before=COLLECTOR), NOTHING),
    Attack("patched-probes", 4, "replaces the probes by one that reports full marks", hostile(before=PROBES)),
    Attack("ast-transformer", 5, "takes assertions out of every later cell", hostile(before=AST), NOTHING),
    Attack("input-transformer", 5, "turns the text of test cells into 10.0", hostile(before=INPUT), NOTHING),
    Attack("silent-shell", 5, "silences tracebacks, clears outputs, formats numbers as 10.0", hostile(before=SHELL)),
    Attack("patched-run-cell", 5, "replaces run_cell", hostile(before=RUN_CELL), NOTHING),
    *(
        Attack(f"score-{name}", 6, f"makes each test cell end in {value}", hostile(before=scored(value)), NOTHING)
        for name, value in (("nan", "float('nan')"), ("negative", "-1"), ("huge", "1e308"), ("bool", "True"), ("text", "'full'"))
    ),
    Attack("system-exit", 7, "raises SystemExit in the answer", hostile("raise SystemExit(0)"), "SystemExit"),
    Attack("interrupt", 7, "raises KeyboardInterrupt in the answer", hostile("raise KeyboardInterrupt"), "time-out"),
    Attack("os-exit", 7, "ends the kernel in the answer, with status 0", hostile("import os; os._exit(0)"), "kernel"),
    Attack("forged-messages", 8, "sends a result, idle and an ok reply before the test ends", hostile(FORGE_NOW, FORGED), NOTHING),
    Attack("lying-tensor", 9, "returns a tensor subclass that compares as true, whatever its shape",
       hostile("return (x.sum() * 0).as_subclass(Yes)", LYING_TENSOR)),
    Attack("lying-module", 10, "a module whose parameters, class and hooks lie", encoder(LYING_MODULE)),
    Attack("faked-layers", 10, "writes layers that never ran into the probe's record", encoder(FAKED_LAYERS)),
    Attack("recognises-inputs", 11, "finds the seed in the caller's frames and looks the answer up", hostile(SEES_SEED)),
    Attack("right-size", 12, "is right at the sizes of the student's own check only", hostile(SIZE_ONLY)),
    Attack("right-once", 12, "is right at its first call only", hostile(FIRST_ONLY)),
    Attack("patched-seeds", 13, "makes every generator give zeros, and answers for zeros",
       hostile("return x.sum() * 0 + math.log(x.shape[1])", SEEDS)),
    Attack("nan", 14, "returns NaN", hostile("return x.sum() * float('nan')"), "finite"),
    Attack("complex", 14, "returns a complex number", hostile("return (x.sum() * 0).to(torch.complex64)"), "complex"),
    Attack("empty", 14, "returns an empty tensor", hostile("return (x.flatten() * 0)[:0]"), "shape"),
    Attack("endless-view", 14, "returns a view of 2**50 numbers", hostile("return x.sum().expand(1 << 50)"), "more than can be"),
    Attack("aliasing", 14, "returns its own input, changed in place and restrided",
       hostile("with torch.no_grad(): x.fill_(0)\nreturn x.flatten().as_strided((3, 3), (0, 0)).sum()")),
    Attack("forged-nan", 14, "writes NaN as evidence", hostile(before=with_evidence(f"{{n: np.full((3,), np.nan) for n in {NAMES}}}"))),
    Attack("forged-many", 14, "writes a thousand arrays as evidence",
       hostile(before=with_evidence("{str(i): np.zeros(1) for i in range(1000)}")), "more than a probe"),
    Attack("forged-bool", 14, "writes booleans of odd shapes as evidence",
       hostile(before=with_evidence(f"{{n: np.ones((1, 0, 2), dtype=bool) for n in {NAMES}}}"))),
    Attack("others-evidence", 15, "a thread and a child copy and overwrite evidence, late too", hostile(before=OTHERS)),
    Attack("trace", 16, "traces the collector, watches its frames, speaks at exit", hostile(before=TRACE)),
    Attack("artifacts", 17, "hands in archives that grow, tensors with forged headers, numbers that are none", artifacts, "could not be read"),
    Attack("pickles", 17, "hands in weights that run code when they are unpickled", pickles, "holds more than tensors"),
    Attack("forged-header", 17, "writes evidence whose header claims 2**62 bytes", hostile(before=FORGED_FILES), "cannot be read"),
]  # fmt: skip
