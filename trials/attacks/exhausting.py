"""Attacks 32 to 42: to use up what all share, to outlive the kernel, to leave something for the next submission."""

from __future__ import annotations

import functools
import json

from trials.attacks.base import Attack, Scene, hostile, loss, plain, text, with_answer

STUBBORN = """
import signal
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
while True:
    try:
        while True: pass
    except BaseException: pass
"""
HANG = "import re\nre.match('(a+)+$', 'a' * 64 + 'b')"
BOMB = """
import os, time
for _ in range(3000):
    try:
        if os.fork() == 0:
            try: os.setsid()
            except OSError: pass
            time.sleep(30); os._exit(0)
    except OSError: break
time.sleep(30)
"""
MEMORY = "blocks = []\nwhile True: blocks.append(bytearray(b'x' * (64 << 20)))"
DISK = """
import os
written = 0
for place in ("/dev/shm", "/tmp", os.path.expanduser("~"), "/exchange/evidence", "/run/nbjudge/sockets", "/var/tmp"):
    for k in range(64):
        try:
            with open(f"{place}/ps8-attack-{k}", "wb") as file:
                for _ in range(8): written += file.write(bytes(4 << 20))
        except OSError: break
    for k in range(20000):
        try: os.close(os.open(f"{place}/ps8-attack-inode-{k}", os.O_CREAT | os.O_WRONLY))
        except OSError: break
print(written >> 20, "MB")
"""
DESCRIPTORS = """
import os
held = []
try:
    while len(held) < 100_000: held.append(os.dup(0))
except OSError as e: print(len(held), type(e).__name__)
raise MemoryError("no descriptor left")
"""
FLOOD = """
import os, sys
for k in range(20_000): print("x" * 200)
for k in range(20_000):
    sys.stdout.write("."); sys.stdout.flush()
"""
PAGES = """
from IPython.display import HTML, display
for _ in range(6): display(HTML("<p>" + "x" * (5 << 20)))
"""
LINE = "import sys\nline = 'y' * (1 << 20)\nfor _ in range(60): sys.stdout.write(line)\n"
MESSAGES = """
from IPython.display import display
for k in range(20_000): get_ipython().display_pub.publish({"text/plain": "m"})
"""
DETACHED = """
import os, subprocess, sys
command = [sys.executable, "-S", "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)", "ps8-attack-child"]
subprocess.Popen(command, start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: os.execv(sys.executable, command)
    os._exit(0)
os.wait()
"""
KILL = """
import os, signal
for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
    for pid in (os.getppid(), 1, 0x7fffffff):
        try: os.kill(pid, number)
        except OSError as e: print(type(e).__name__)
for pid in [int(n) for n in os.listdir("/proc") if n.isdigit()]:
    if pid != os.getpid():
        try: os.kill(pid, signal.SIGKILL)
        except OSError: pass
"""
RESIDUE = """
import builtins, glob, os, re, sys, numpy as np
places = ["/tmp", "/dev/shm", os.path.expanduser("~"), "/var/tmp", "/exchange/evidence", "/run/nbjudge/sockets"]
found = [p for place in places for p in glob.glob(place + "/*ps8residue*")]
found += [n for n in ("PS8_RESIDUE",) if n in os.environ] + [n for n in ("residue",) if hasattr(builtins, n) or hasattr(torch, n)]
found += [n for n in sys.modules if "ps8residue" in n]
print("RESIDUE", found) if found else print("nothing was left")
for place in places:
    try: open(place + "/ps8residue", "w").write("left by another submission")
    except OSError: pass
os.environ["PS8_RESIDUE"] = "1"
builtins.residue = torch.residue = 1
sys.modules["ps8residue"] = sys
torch.manual_seed(1); torch.set_default_dtype(torch.float64); torch.nn.functional.cross_entropy = None
torch.Tensor.sum = lambda self, *a, **k: self
"""


def huge_file(scene: Scene) -> bytes:
    """Forty megabytes of output in one cell, before the answers."""
    notebook = plain()(scene)
    raw = json.loads(text(notebook))
    page = {"output_type": "stream", "name": "stdout", "text": "z" * (40 << 20)}
    raw["cells"].append({"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "1", "outputs": [page]})
    return json.dumps(raw).encode()


def many_cells(scene: Scene) -> bytes:
    """A million cells, the smallest there can be."""
    return b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [' + b"{}," * 1_000_000 + b"{}]}"


def own_cells(scene: Scene) -> bytes:
    """Twenty thousand cells that each print something, around an answer."""
    raw = json.loads(text(plain()(scene)))
    raw["cells"] += [{"cell_type": "code", "metadata": {}, "source": f"print({k})", "outputs": []} for k in range(20_000)]
    return json.dumps(raw).encode()


def deep(scene: Scene) -> bytes:
    """Lists in lists, deeper than a parser's stack."""
    return b'{"cells": ' + b"[" * 300_000 + b"]" * 300_000 + b"}"


def long_source(scene: Scene) -> bytes:
    """An answer whose parsing takes more stack than there is."""
    return text(with_answer(scene, "x = " + "(" * 5_000 + "1" + ")" * 5_000 + "\ny = " + "-" * 50_000 + "1\n" + loss()))


_use_up = functools.partial(Attack, exhausting=True)

ATTACKS = [
    _use_up("endless-loop", 32, "loops in the answer", hostile("while True: pass"), "loop that does not end"),
    _use_up(
        "endless-cell", 32, "loops where the answer is defined", hostile(after="while True: pass"), "loop that does not end"
    ),
    _use_up("stubborn-loop", 33, "loops and ignores interrupts", hostile(STUBBORN)),
    _use_up("hang-in-c", 33, "hangs in C code that sees no interrupt", hostile(HANG)),
    _use_up(
        "fork-bomb",
        34,
        "starts three thousand processes",
        hostile(before=BOMB),
        "KeyError",
        harmful="would use up the machine's processes",
    ),
    _use_up(
        "memory", 35, "allocates memory without end", hostile(MEMORY), "memory", harmful="would use up the machine's memory"
    ),
    _use_up(
        "disk",
        36,
        "fills every folder that it can write to, with bytes and with names",
        hostile(before=DISK),
        harmful="would use up the machine's memory",
    ),
    _use_up("descriptors", 37, "opens descriptors without end", hostile(DESCRIPTORS)),
    _use_up("print-flood", 38, "prints forty thousand times", hostile(before=FLOOD)),
    _use_up("page-flood", 38, "displays 30 MB of HTML", hostile(before=PAGES)),
    _use_up("one-line", 38, "prints one line of 60 MB", hostile(before=LINE)),
    _use_up("message-flood", 38, "sends twenty thousand messages", hostile(before=MESSAGES)),
    _use_up("huge-file", 39, "hands in a file of 40 MB", huge_file),
    _use_up("million-cells", 39, "hands in a million cells", many_cells, "parts"),
    _use_up("own-cells", 39, "adds twenty thousand cells", own_cells),
    _use_up("deep-json", 39, "nests lists 300,000 deep", deep, "notebook"),
    _use_up("deep-source", 39, "nests parentheses and signs deeper than a parser's stack", long_source),
    _use_up("detached-child", 40, "leaves a process behind that ignores signals", hostile(before=DETACHED)),
    _use_up("kill-parent", 41, "kills its parent, and all it can see", hostile(before=KILL)),
    _use_up(
        "residue",
        42,
        "leaves files, variables and patches for the next submission, and looks for them",
        hostile(before=RESIDUE),
    ),
    _use_up("residue-again", 42, "looks for what `residue` left", hostile(before=RESIDUE + "# again")),
]
