"""`nbjudge doctor`: whether this machine can grade, and how to mend what is missing."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from nbgrader.apps import AutogradeApp
from packaging.requirements import Requirement
from traitlets.config import Config

from nbjudge import CONFIG
from nbjudge.assignment import Assignment
from nbjudge.gather import gather
from nbjudge.ground import notebooks
from nbjudge.jail import MachineCheck, findings, reasons_unavailable
from nbjudge.judge.secret import load_secret
from nbjudge.nbgrader_ext.config import configure
from nbjudge.workspace import Workspace

ROOM = 2 * 2**30  # bytes that a class of some hundreds may leave in evidence/
# What an attacker would try first, said by a jailed kernel of itself.
TRIAL = """
import os, socket
seen = []
try:
    socket.create_connection(("127.0.0.1", {port}), 1)
    seen.append("the network")
except OSError: pass
for folder in {folders!r}:
    try: seen += [folder] if os.listdir(folder) else []
    except OSError: pass
for folder in ("/", "/usr", *{shown!r}):
    try: open(os.path.join(folder, "x"), "w"); seen.append("a way to write to " + folder)
    except OSError: pass
print("seen:", ", ".join(seen))
"""


def checks(workspace: Workspace) -> Iterator[MachineCheck]:
    """One finding for each thing that grading needs, or is better off with."""
    yield from findings()
    yield unjailed(workspace.assignment)
    yield kernel(workspace)
    yield from versions("nbjudge")
    if workspace.assignment.distribution:
        yield from versions(*workspace.assignment.distribution)
    yield from workspace.assignment.doctor(workspace)
    yield check_source(workspace)
    yield config(workspace.root)
    yield secret(workspace.secret)
    yield room(workspace.root)
    yield writable(workspace.root)


def unjailed(assignment: Assignment) -> MachineCheck:
    """Nobody should go without a jail and not know."""
    out = assignment.jail().unjailed
    says = "student code would run with your rights where it cannot be jailed" if out else "student code is jailed or not run"
    return MachineCheck(
        "opted out", not out, says, "take `unjailed` out of what the course says of grading; unset NBJUDGE_UNJAILED"
    )


def kernel(workspace: Workspace) -> MachineCheck:
    """Starts a jailed kernel as grading does, and lets it look around."""
    fix = "`python -m nbjudge.jail.startup_time` shows where it fails; the lines above come first"
    if reasons_unavailable():
        return MachineCheck("kernel", False, "not tried: there is no jail for it", fix)
    began, course, assignment = time.monotonic(), workspace.root, workspace.assignment
    with socket.create_server(("127.0.0.1", 0)) as server:
        folders = [str(course), str(course / "source"), str(Path.home())]
        code = TRIAL.format(
            port=server.getsockname()[1], folders=folders, shown=[str(folder) for folder in assignment.jail().packages.values()]
        )
        notebook = notebooks.new_notebook(notebooks.new_code_cell(code))
        try:
            assignment.make_ready()
            cells = gather(notebook, {}, assignment.limits(), assignment.jail()).outputs.values()
        except Exception as error:  # of Jupyter, bubblewrap or the kernel: whatever keeps it from starting is the finding
            return MachineCheck("kernel", False, f"a jailed one does not start ({type(error).__name__}: {error})", fix)
    said = "".join(output.get("text", "") for outputs in cells for output in outputs).strip()
    if not said.startswith("seen:"):
        return MachineCheck("kernel", False, "a jailed one starts, but gives no answer", fix)
    if seen := said.removeprefix("seen:").strip():
        return MachineCheck("kernel", False, f"from inside the jail there is to be found: {seen}", "do not grade here; tell us")
    return MachineCheck(
        "kernel", True, f"jailed, answered in {time.monotonic() - began:.1f} s, found neither network nor course"
    )


def versions(distribution: str, *extras: str) -> Iterator[MachineCheck]:
    """The packages that a distribution and its extras ask for, by its lower bounds."""
    bad, shown = [], []
    for line in requires(distribution) or []:
        wanted = Requirement(line)
        if wanted.marker is not None and not any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            continue
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            bad.append(f"{wanted.name} is missing, needed {wanted.specifier}")
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            bad.append(f"{wanted.name} {found}, needed {wanted.specifier}")
        elif wanted.name in ("nbgrader", "nbclient", "ipykernel", "torch"):
            shown.append(f"{wanted.name} {found}")
    yield from (MachineCheck("versions", False, problem, f"pip install --upgrade {distribution}") for problem in bad)
    if not bad:
        yield MachineCheck("versions", True, ", ".join(shown))


def check_source(workspace: Workspace) -> MachineCheck:
    """The instructor's notebooks."""
    found = workspace.notebooks()
    return MachineCheck("source", bool(found), f"{len(found)} notebooks", f"put the instructor's into source/{workspace.id}/")


def config(course: Path) -> MachineCheck:
    """Whether nbgrader, started in the course directory, is configured to jail and judge as we do."""
    ours, name = Config(), CONFIG
    configure(ours)
    app = AutogradeApp(log_level=50)
    app.initialize([], root=str(course))
    settings = [(section, key) for section in ours if section != "CourseDirectory" for key in ours[section]]
    other = [f"{section}.{key}" for section, key in settings if app.config.get(section, {}).get(key) != ours[section][key]]
    if not other:
        return MachineCheck("nbgrader", True, f"{name} jails, repairs and judges")
    fix = f"let {name} in the course directory end with `configure(get_config())`, and look into ~/.jupyter/{name}"
    return MachineCheck("nbgrader", False, f"`nbgrader autograde` would use another {', '.join(other)}", fix)


def secret(key: Path) -> MachineCheck:
    """The key that the grader's inputs follow from."""
    if not key.exists():
        return MachineCheck("secret", True, f"{key.name} is made at the first grading")
    try:
        load_secret(key)
    except ValueError as error:
        return MachineCheck(
            "secret", False, str(error), f"put {key.name} back from a copy, or delete it and grade everything again"
        )
    private = not stat.S_IMODE(key.stat().st_mode) & 0o077
    said = "can be read by its owner only" if private else "can be read by others"
    return MachineCheck("secret", private, f"{key.name} {said}", f"chmod 600 {key}")


def room(course: Path) -> MachineCheck:
    """Space for evidence and autograded notebooks."""
    free = shutil.disk_usage(course).free
    return MachineCheck("disk", free > ROOM, f"{free / 2**30:.1f} GB free", "make room: evidence/ and prepared/ can be deleted")


def writable(course: Path) -> MachineCheck:
    """Whether the grader can write its results."""
    try:
        tempfile.TemporaryFile(dir=course).close()
    except OSError as error:
        return MachineCheck(
            "course directory", False, f"cannot be written to ({error.strerror})", f"chown -R {os.getuid()} {course}"
        )
    return MachineCheck("course directory", True, "can be written to")


def main(workspace: Workspace) -> int:
    """Prints a line for each finding, and below a bad one what to do. Returns 1 if anything that is needed is missing."""
    missing = 0
    for finding in checks(workspace):
        mark = "ok " if finding.good else "NO " if finding.needed else "-- "
        print(f"{mark} {finding.name}: {finding.says}" + ("" if finding.good else f"\n     {finding.fix}"), flush=True)
        missing += not finding.good and finding.needed
    print("This machine can grade." if not missing else "Grading has to wait for the lines marked NO.")
    return 1 if missing else 0
