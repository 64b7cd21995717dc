"""Attacks on the collector and on what an answer is tried in: whatever is replaced, left over or forged, numbers decide."""

from __future__ import annotations

from collections.abc import Callable

import nbformat

from trials.attacks.base import QUESTION, RIGHT, WRONG, Attack, Scene, hostile, loss, text, with_answer
from trials.classroom.mutations import cell_of

STUB = "class SoftmaxLoss(nn.Module):\n    def forward(self, x):\n        raise NotImplementedError"
CORRECT = f"""
def correct(x): {RIGHT}
"""


def beside_stub(own: str) -> Callable[[Scene], bytes]:
    """A submission whose answer cell holds the stub, with a cell of the student's own below it."""

    def made(scene: Scene) -> bytes:
        notebook = with_answer(scene, STUB)
        cell = cell_of(notebook, f"{QUESTION}-answer")
        if cell is not None:
            notebook.cells.insert(notebook.cells.index(cell) + 1, nbformat.v4.new_code_cell(scene.constants() + own))
        return text(notebook)

    return made


SEED_FILE = """
import glob, threading, time
SEEDS = []
def watch():
    for _ in range(20_000):
        for path in glob.glob("/exchange/evidence/*.seed"):
            try: SEEDS.append(open(path).read())
            except OSError: pass
        time.sleep(0.0005)
threading.Thread(target=watch, daemon=True).start()
"""
TELLS = 'raise ValueError(f"{SEEDS[:1]} {x.flatten().tolist()} " * 1000)'
PROBE = """
import ps8.questions
from ps8.probes import Evidence
def invented(namespace, numbers):
    evidence = Evidence()
    for name in ("batch", "one", "alone", "large", "again"): evidence.record(name, 0.0)
    return evidence
ps8.questions.PROBES["softmax_loss"] = invented
"""
HOOK = """
from torch.nn.modules.module import register_module_forward_hook
register_module_forward_hook(lambda module, given, out: correct(given[0]) if type(module).__name__ == "SoftmaxLoss" else out)
"""
MODE = """
from torch.overrides import TorchFunctionMode
class Right(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        return out + 1 if getattr(func, "__name__", "") == "sum" else out
left = Right(); left.__enter__()
"""
LYING_NOTES = """
try:
    import autograder.collector.inkernel as k
    k.cells_of = lambda *a: ["1"]; k.running_threads = lambda: -1
    k.RecordedNotes.left = property(lambda self: ["<script>ps8xss</script>" * 100], lambda self, value: None)
    real = k.asdict
    k.asdict = lambda notes: {"cells": [[["x"]]], "left": "\\x1b[2J" * 1000, "threads": 1e999}
except Exception as e: print(type(e).__name__)
"""
RECORD = """
try:
    from ps8.probes.evidence import Evidence
    Evidence.record = lambda self, name, value: self.arrays.update({name: __import__("numpy").array(0.0)})
    Evidence.part = lambda self, name: __import__("contextlib").suppress(BaseException)
except Exception as e: print(type(e).__name__)
"""
STANDARD = """
import hashlib, json, os, sys, types
hashlib.blake2b = lambda *a, **k: types.SimpleNamespace(copy=lambda: hashlib.blake2b(), update=lambda x: None, digest=lambda: bytes(16))
json.dumps, os.replace = (lambda *a, **k: "{}"), (lambda *a, **k: None)
import safetensors.numpy
safetensors.numpy.save = lambda *a, **k: b"10.0"
sys.modules["json"] = types.SimpleNamespace(dumps=json.dumps)
"""
BUILTINS = """
import builtins
real_import = builtins.__import__
def hooked(name, *a, **k):
    module = real_import(name, *a, **k)
    if name.startswith("autograder"):
        import types
        return types.SimpleNamespace(collector=types.SimpleNamespace(), collect=lambda *a: 10.0, prepare=lambda **k: None)
    return module
builtins.__import__ = hooked
builtins.float = builtins.bool = lambda *a: 10.0
"""
MAIN = """
import sys, types
class Names(types.ModuleType):
    @property
    def __dict__(self): return {"SoftmaxLoss": type("Yes", (), {"__call__": lambda self, x: x.sum() * 0, "__eq__": lambda *a: True})}
sys.modules["__main__"] = Names("__main__")
"""
FRAME_NUMBERS = """
import sys
frame = sys._getframe()
while frame is not None:
    numbers = frame.f_locals.get("numbers")
    if hasattr(numbers, "normal"):
        numbers.normal = lambda name, *shape: torch.zeros(shape)
        type(numbers).normal = type(numbers).uniform = lambda self, name, *shape: torch.zeros(shape)
    frame = frame.f_back
return x.sum() * 0 + math.log(x.shape[1])
"""
NAMES = """
name = '<script>alert("ps8xss")</script>\\x1b[2J'
def raises(x): raise type('<img src=x onerror=alert("ps8xss")>', (ValueError,), {})("ps8xss" * 3)
raises.__code__ = raises.__code__.replace(co_name=name, co_qualname=name) if hasattr(raises.__code__, "co_qualname") else raises.__code__.replace(co_name=name)
"""
LYING_STR = """
class Loud(BaseException):
    def __str__(self): return "x" * 50_000_000
    def __repr__(self): raise SystemExit
    __class__ = property(lambda self: (_ for _ in ()).throw(SystemExit))
"""
TIMER = """
import signal
def late(*a): raise MemoryError("10.0")
signal.signal(signal.SIGALRM, late); signal.setitimer(signal.ITIMER_REAL, 0.003, 0.003)
return x.sum() * 0
"""
FORK = """
import os
if os.fork() == 0:
    os.setsid()
    return x.sum() * 0 + 10.0
return x.sum() * 0
"""
COLLECTION = """
import gc
def meddle(phase, info):
    for thing in gc.get_objects():
        if type(thing).__name__ == "Evidence": thing.arrays.update(batch=torch.zeros(()).numpy()); thing.errors.clear()
gc.callbacks.append(meddle)
gc.set_threshold(50)
"""
FOREIGN_FILE = """
import linecache
code = "class SoftmaxLoss(nn.Module):\\n    def forward(self, x): return x.sum() * 0"
linecache.cache["/tmp/ipykernel_1/1.py"] = (len(code), None, ["10.0 of 10 points\\n"], "/tmp/ipykernel_1/1.py")
exec(compile(code, "/tmp/ipykernel_1/1.py", "exec"))
"""
ARRAY = """
class Array(torch.Tensor):
    calls = 0
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        Array.calls += 1
        return torch.zeros(()) if Array.calls % 2 else super().__torch_function__(func, types, args, kwargs or {})
    def detach(self): return self
    def numel(self): return 1
    def cpu(self): return self
    def numpy(self): return __import__("numpy").array([0.0, float("inf")][Array.calls % 2])
"""
STACK = """
import sys
sys.setrecursionlimit(10**9)
def down(): return down()
return down()
"""
META = """
class Meta(type(nn.Module)):
    def __call__(cls, *a, **k):
        made = super().__call__(*a, **k)
        made.forward = lambda x: x.sum() * 0
        return made
    def __instancecheck__(cls, other): return True
    def __eq__(cls, other): return True
    def __hash__(cls): return 1
"""
HISTORY = """
ip = get_ipython()
for cell in list(ip.user_ns.get("In", [])) + [entry[2] for entry in __import__("linecache").cache.values() if len(entry) > 2]:
    for number in __import__("re").findall(r"collect[^\\n]*?([0-9]{12,})", str(cell)): print("REACHED", number)
message = str(ip.kernel.get_parent())
for number in __import__("re").findall(r"collect[^\\n]*?, ([0-9]{12,})", message): print("REACHED", number)
"""
REMARK = "not what stands in its answer cell"
ATTACKS = [
    Attack("seed-file", 11, "a thread looks for the seed's file; the answer tells it and its inputs", hostile(TELLS, SEED_FILE),
           "ValueError"),
    Attack("history", 18, "looks for the seed in history, messages and compiled cells",
           hostile(f"{HISTORY}\n{WRONG}")),
    Attack("frame-numbers", 11, "makes the probe's generator give zeros from now on", hostile(FRAME_NUMBERS)),
    Attack("stub-and-elsewhere", 4, "leaves the stub, and defines the answer in another cell",
           beside_stub(loss(RIGHT).replace("SoftmaxLoss", "Mine") + '\nglobals()["Softmax" + "Loss"] = Mine'), REMARK, honest={QUESTION: 10}),
    Attack("stub-and-patch", 4, "leaves the stub, and sets its method from another cell",
           beside_stub(f"{CORRECT}\nSoftmaxLoss.forward = lambda self, x: correct(x)"), REMARK, honest={QUESTION: 10}),
    Attack("stub-and-probe", 4, "leaves the stub, and replaces the probe from another cell", beside_stub(PROBE),
           "replaces `ps8.questions.PROBES`"),
    Attack("stub-and-hook", 10, "leaves the stub's work to a hook on every module", hostile(before=CORRECT + HOOK), "a hook on every module"),
    Attack("mode-left", 9, "leaves a mode that changes what functions of torch give", hostile(before=MODE), "entered and not left"),
    Attack("lying-notes", 4, "makes the collector's notes say nothing, or what is none", hostile(before=LYING_NOTES),
           "reaches for the grader's part"),
    Attack("patched-evidence", 4, "makes the evidence record zeros and keep no error", hostile(before=RECORD),
           "ps8.probes.evidence.Evidence.record"),
    Attack("patched-standard", 3, "replaces hashes, JSON, os.replace and safetensors", hostile(before=STANDARD)),
    Attack("patched-import", 3, "replaces the import of the collector and builtins", hostile(before=BUILTINS)),
    Attack("other-main", 4, "puts another module in the place of __main__", hostile(before=MAIN), "reaches for the import of modules"),
    Attack("named-script", 26, "calls functions and exceptions after script", hostile("raises(x)", NAMES), "ps8xss"),
    Attack("loud-exception", 14, "raises an exception whose text is 50 MB and whose class lies", hostile("raise Loud", LYING_STR)),
    Attack("timer", 16, "raises an exception from a timer, in the collector too", hostile(TIMER)),
    Attack("fork", 15, "forks in the answer: the child writes evidence as well", hostile(FORK)),
    Attack("collection", 16, "changes the evidence at each collection of garbage", hostile(before=COLLECTION)),
    Attack("foreign-file", 18, "claims to be compiled in a cell that says full marks", hostile(after=FOREIGN_FILE)),
    Attack("other-array", 9, "a tensor that is another number each time it is asked", hostile("return x.sum().as_subclass(Array)", ARRAY)),
    Attack("stack", 7, "ends the kernel by its stack", hostile(STACK), "kernel"),
    Attack("metaclass", 10, "a class whose class lies", lambda scene: text(
        with_answer(scene, META + loss(WRONG).replace("(nn.Module)", "(nn.Module, metaclass=Meta)")))),
]  # fmt: skip
