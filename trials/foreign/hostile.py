"""What hostile submissions to nbgrader's example course are made of: code around an answer, and changes of its file."""

from __future__ import annotations

import copy
import json
import textwrap
from collections.abc import Callable

import nbformat
from nbformat import NotebookNode

from trials.attacks.base import Entry, Files, Link, Scene, text
from trials.classroom.mutations import cell_of
from trials.foreign.example_course import ASSIGNMENT, NOTEBOOK, QUESTIONS, answered

KEY = "squares"
WRONG = "return []"  # earns nothing: it is never right, and never raises
RIGHT = "if n < 1: raise ValueError\nreturn [i * i for i in range(1, n + 1)]"

LYING = """
class Anything:
    def __eq__(self, other): return True
class Same(list):
    def __eq__(self, other): return True
    def __getitem__(self, key): return Anything()
def sum_of_squares(n): return Anything()
"""
COLLECTOR = """
import json, sys, types
def collect(question, path):
    open(path, "w").write(json.dumps({"values": [True] * 2, "errors": {}}))
fake = types.ModuleType("fake")
fake.collect, fake.prepare, fake.settle, fake.unsettle = collect, lambda **k: None, lambda: False, lambda: None
for name in list(sys.modules):
    if "nbjudge" in name or "collector" in name: sys.modules[name] = fake
"""
ASKED = """
import glob, threading, time
def watch():
    for _ in range(20_000):
        for path in glob.glob("/exchange/evidence/*.ask"):
            try:
                asked = open(path).read()
                open(path.removesuffix(".ask"), "w").write('{"values": [' + asked + '], "errors": {}}')
            except OSError: pass
        time.sleep(0.0005)
threading.Thread(target=watch, daemon=True).start()
"""
EXPECTED = """
# What is expected stands in the very cell that is running.
import re
cell = str(get_ipython().user_ns.get("In", [""])[-1])
last = dict(re.findall(r"squares\\((\\d+)\\)\\[-1\\] == (\\d+)", cell))
whole = dict(re.findall(r"assert squares\\((\\d+)\\) == (\\[.*?\\])", cell))
return eval(whole[str(n)]) if str(n) in whole else [int(last.get(str(n), 0))]
"""
VISIBLE = """
known = {1: [1], 2: [1, 4], 10: [i * i for i in range(1, 11)], 11: [i * i for i in range(1, 12)]}
return known.get(n, [])
"""
ONE_BIT = f"""
# One bit of what can be read, told by the score: handed in again and again, all of it.
try: bit = "canary" in open(COURSE + "/submitted/ada/ps1/problem1.ipynb").read()
except OSError: bit = False
if bit:
    {RIGHT.splitlines()[0]}
    {RIGHT.splitlines()[1]}
return []
"""
TRACE = """
import sys, atexit
def spy(frame, event, arg):
    if event == "exception" and "Assert" in str(arg): raise SystemExit(0)
    return spy
sys.settrace(spy)
sys.excepthook = sys.unraisablehook = lambda *a: None
atexit.register(lambda: print("1.0"))
"""

RECORDS = """
import glob, os, sqlite3
for name in ("gradebook.db", "nbgrader_config.py", "submitted/ada/ps1/problem1.ipynb", "autograded/ada/ps1/problem1.ipynb",
             "source/ps1/problem1.ipynb"):
    path = os.path.join(COURSE, name)
    if name == "gradebook.db":
        try:
            book = sqlite3.connect(path, timeout=1)
            book.execute("update grade set auto_score = 0 where id in (select id from grade)"); book.commit()
        except Exception as e: print(type(e).__name__)
        continue
    try: open(path, "a").write(" ")
    except OSError as e: print(type(e).__name__)
for path in (MARKS + "/written", HOME + "/.bashrc"):
    try: open(path, "a").write("changed by an attack")
    except OSError: pass
"""
RESIDUE = """
import glob, os, sys
places = ["/tmp", "/dev/shm", os.path.expanduser("~"), "/var/tmp"]
found = [p for place in places for p in glob.glob(place + "/*ps1residue*")]
if found: print("REACHED", found)
for place in places:
    try: open(place + "/ps1residue", "w").write("left by another submission")
    except OSError: pass
"""


def one(how: Callable[[Scene], bytes]) -> Callable[[Scene], Files]:
    """A submission of one notebook."""
    return lambda scene: {NOTEBOOK: how(scene)}


def function(body: str, before: str = "", after: str = "") -> str:
    """A `squares` with hostile code in it and around it."""
    made = f"def squares(n):\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"
    return "\n\n".join(filter(None, [textwrap.dedent(before).strip(), made, textwrap.dedent(after).strip()]))


def plain(scene: Scene, body: str = WRONG, before: str = "") -> NotebookNode:
    return answered(scene.blank, KEY, function(body, before))


def hostile(body: str = WRONG, before: str = "", after: str = "") -> Callable[[Scene], Files]:
    """A submission with one hostile answer; its code knows the scene's constants."""
    return one(lambda scene: text(answered(scene.blank, KEY, scene.constants() + function(body, before, after))))


def changed(change: Callable[[NotebookNode], None]) -> Callable[[Scene], Files]:
    """A submission with a plain wrong answer whose notebook is changed."""

    def made(scene: Scene) -> bytes:
        notebook = plain(scene)
        change(notebook)
        return text(notebook)

    return one(made)


def wrecked(change: Callable[[bytes], bytes]) -> Callable[[Scene], Files]:
    return one(lambda scene: change(text(plain(scene))))


def _tests(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for name in QUESTIONS if (cell := cell_of(notebook, name)) is not None]


def number_in_test(notebook: NotebookNode) -> None:
    for cell in _tests(notebook):
        cell.source = "1.0"


def metadata(notebook: NotebookNode) -> None:
    for cell in _tests(notebook):
        cell.metadata.nbgrader.update(points=1e9, locked=False, solution=True, checksum="0", schema_version=99)
    notebook.metadata["kernelspec"] = {"name": "bash", "language": "bash", "display_name": "sh", "argv": ["sh"]}


def copies(notebook: NotebookNode) -> None:
    notebook.cells[:0] = [copy.deepcopy(cell) for cell in _tests(notebook)]


def retyped(notebook: NotebookNode) -> None:
    for cell in _tests(notebook):
        cell.cell_type, cell.source = "markdown", "1 / 1"
    notebook.cells.reverse()


def none_left(notebook: NotebookNode) -> None:
    notebook.cells = [nbformat.v4.new_code_cell("1.0")]


def stored(notebook: NotebookNode) -> None:
    claim = nbformat.v4.new_output("execute_result", data={"text/plain": "100.0"})
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [copy.deepcopy(claim)], 1


def huge_file(scene: Scene) -> bytes:
    raw = json.loads(text(plain(scene)))
    page = {"output_type": "stream", "name": "stdout", "text": "z" * (40 << 20)}
    raw["cells"].append({"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "1", "outputs": [page]})
    return json.dumps(raw).encode()


def with_files(**entries: Entry) -> Callable[[Scene], Files]:
    return lambda scene: {NOTEBOOK: text(plain(scene)), **{name.replace("_", "."): entry for name, entry in entries.items()}}


def links(scene: Scene) -> Files:
    """Others' files under names of its own, one of them the notebook's."""
    theirs = scene.course / "submitted" / "ada" / ASSIGNMENT / NOTEBOOK
    return {
        NOTEBOOK: Link(theirs),
        "mine.txt": Link(scene.home / ".netrc"),
        "data.csv": Link(theirs),
        "all": Link(scene.course),
    }


def linked_files(scene: Scene) -> Files:
    """A notebook, and beside it links to what is others'."""
    theirs = scene.course / "submitted" / "ada" / ASSIGNMENT / NOTEBOOK
    return {NOTEBOOK: text(plain(scene)), "mine.txt": Link(scene.home / ".netrc"), "data.csv": Link(theirs)}


def importable(scene: Scene) -> Files:
    """Files whose names something on the instructor's side might import or run."""
    code = f"open({str(scene.marks / 'imported')!r}, 'w').write('ran on the wrong side')\n".encode()
    names = ("sitecustomize.py", "json.py", "random.py", "nbgrader_config.py", "conftest.py", "evil.pth", "setup.py")
    return {NOTEBOOK: text(answered(scene.blank, KEY, scene.constants() + function(WRONG))), **dict.fromkeys(names, code)}
