"""An answer that looks everywhere in its kernel does not find what its inputs follow from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import nbformat
import pytest
from nbformat import NotebookNode
from nbjudge.gather import gather

from autograder.kernel_setup import ps8_settings

SEED = 4_611_686_018_427_387_847
# Looks at every frame and what it leads to, all objects that Python tracks, IPython's history, messages and compiled cells, the
# modules, the command line, the environment and the files of the exchange; knows the seed when it sees it by a digest.
LOOKS = """
import gc, hashlib, linecache, os, re, sys
WANTED, FOUND, CALLS = "{digest}", [], 0
def known(number): return hashlib.sha256(str(number).encode()).hexdigest() == WANTED
def look(where, value, depth=3):
    if type(value) is int and value > 2**40 and known(value): FOUND.append(where)
    elif type(value) in (str, bytes):
        text = value if type(value) is str else value.decode("latin-1")
        if any(known(number) for number in re.findall(r"[0-9]{{13,20}}", text)): FOUND.append(where)
    elif depth and type(value) in (list, tuple, set, frozenset): [look(where, v, depth - 1) for v in list(value)]
    elif depth and isinstance(value, dict): [look(where, v, depth - 1) for pair in list(value.items()) for v in pair]
    elif depth and hasattr(value, "__dict__"): look(where, vars(value), depth - 1)
    elif depth and hasattr(value, "__closure__"):
        for cell in value.__closure__ or ():
            try: look(where, cell.cell_contents, depth - 1)
            except ValueError: pass
def everywhere():
    for frame in sys._current_frames().values():
        while frame is not None:
            look("frame " + frame.f_code.co_name, frame.f_locals)
            look("code " + frame.f_code.co_name, frame.f_code.co_consts)
            frame = frame.f_back
    for thing in gc.get_objects(): look("gc " + type(thing).__name__, thing, 1)
    ip = get_ipython()
    for name in ("In", "_ih", "_i", "_ii"): look(name, ip.user_ns.get(name))
    look("history", list(ip.history_manager.input_hist_raw)); look("message", ip.kernel.get_parent())
    look("parents", ip.kernel._parents)
    look("compiled", [entry[2] for entry in linecache.cache.values() if len(entry) > 2])
    look("argv", sys.argv); look("environment", dict(os.environ))
    for folder in ("/exchange/evidence", "/exchange/challenge"):
        for name in os.listdir(folder): look("file", open(os.path.join(folder, name), "rb").read())
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        global CALLS
        CALLS += 1
        everywhere()
        return x.sum() * 0
"""
TELL = "print('CALLS', CALLS, 'FOUND', sorted(set(FOUND)))"


def looked(made: NotebookNode) -> str:
    """What the notebook found, told by an own cell at its end."""
    made.cells.append(nbformat.v4.new_code_cell(TELL))
    gathered = gather(made, {"softmax_loss": SEED}, settings=ps8_settings())
    return gathered.outputs[made.cells[-1].id][0].text


@pytest.mark.slow
@pytest.mark.parametrize("planted", [False, True])
def test_no_frame_object_or_history_holds_the_seed(notebook: Callable[..., NotebookNode], planted: bool) -> None:
    """And if it were anywhere, it would be found."""
    source = LOOKS.format(digest=hashlib.sha256(str(SEED).encode()).hexdigest())
    made = notebook(question="softmax_loss", answer=source, before=f"planted = {SEED}" if planted else "")
    told = looked(made)
    assert int(told.split()[1]) >= 4
    assert ("FOUND []" in told) is not planted, told
    assert ("'In'" in told) is planted
