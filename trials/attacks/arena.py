"""A course directory made to be attacked: secrets where they should not be found, servers that should not be reached."""

from __future__ import annotations

import copy
import json
import os
import secrets
import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbjudge.workspace import SECRET

from autograder.course_notebooks import source, without_answers
from autograder.paths import ASSIGNMENT, COURSE
from trials.attacks.base import QUESTION, Scene
from trials.classroom.mutations import cell_of
from trials.classroom.submissions import solved

TOKEN = "PS8_COURSE_TOKEN"  # an environment variable of the instructor's
BYSTANDERS: Mapping[str, Mapping[str, float]] = {
    "ada": {"encoder": 10, "decoder": 10, "encoder_cmc": 10, "cmc_score": 20, QUESTION: 10},
    "student02": {"encoder": 10, "decoder": 10, "encoder_cmc": 10, "cmc_score": 13, QUESTION: 10},
}
MISTAKES = {"student02": ["cmc_score.temperature_forgotten"]}
CHILD = "ps8-attack-child"  # stands in the command line of every process that an attack leaves behind
CANARIES = "canaries.json"
PLACES = ("hidden", "bystander", "home", "environment", "network", "unix")


@dataclass
class Arena:
    """The course, and what was planted in it.

    Attributes:
        scene: what attackers know.
        canaries: name -> a secret that stands at one place.
        reached: by whom the servers were reached.
    """

    scene: Scene
    canaries: dict[str, str]
    reached: list[str] = field(default_factory=list)

    @property
    def course(self) -> Path:
        return self.scene.course

    def leaked(self, data: bytes) -> list[str]:
        """The names of the secrets that stand in some bytes, whole or but for their prefix."""
        planted = {**self.canaries, "secret": (self.course / SECRET).read_text().strip()}
        return sorted(name for name, secret in planted.items() if secret.rsplit("-", 1)[-1].encode() in data)


@contextmanager
def arena(folder: Path) -> Iterator[Arena]:
    """Makes a course in an empty folder and opens it for attacks."""
    plant(folder)
    with opened(folder) as made:
        yield made


def plant(folder: Path, notebook: NotebookNode | None = None) -> None:
    """Makes a course with two honest students, and plants what should not be found.

    Args:
        folder: holds the course, a home and a folder for what attacks write outside; not removed afterwards.
        notebook: the instructor's main notebook; that of the assignment by default.
    """
    canaries = {name: f"canary-{name}-{secrets.token_hex(8)}" for name in PLACES}
    course, home, marks = (folder / name for name in ("course", "home", "marks"))
    for place in (course, home, marks):
        place.mkdir(parents=True)
    (folder / CANARIES).write_text(json.dumps(canaries))
    (home / ".netrc").write_text(f"password {canaries['home']}\n")
    shutil.copytree(COURSE / "source", course / "source")
    notebook = source(ASSIGNMENT) if notebook is None else copy.deepcopy(notebook)
    hidden = cell_of(notebook, QUESTION)
    assert hidden is not None
    far = "\n" * 9  # from what a traceback shows of a failed assertion
    hidden.source = hidden.source.replace("### END HIDDEN TESTS", f"{far}# {canaries['hidden']}\n### END HIDDEN TESTS")
    nbformat.write(notebook, course / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    (course / SECRET).touch(0o600)
    (course / SECRET).write_text(secrets.token_hex(32) + "\n")
    for name in BYSTANDERS:
        blank = without_answers(copy.deepcopy(notebook))
        _write_bystander(course / "submitted" / name / ASSIGNMENT, name, blank, canaries["bystander"])


def _write_bystander(folder: Path, name: str, notebook: NotebookNode, secret: str) -> None:
    """An honest submission with known scores; ada's has a secret in its report."""
    right = solved(ASSIGNMENT, MISTAKES.get(name, ()))
    for question in BYSTANDERS[name]:
        empty, answer = cell_of(notebook, f"{question}-answer"), cell_of(right, f"{question}-answer")
        if empty is not None and answer is not None:
            empty.source = answer.source
    report = cell_of(notebook, "report_numbers")
    if report is not None and name == "ada":
        report.source = f"My report: {secret}"
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{ASSIGNMENT}.ipynb")


@contextmanager
def opened(folder: Path, blank: NotebookNode | None = None) -> Iterator[Arena]:
    """A planted course with its servers running and its secret in the environment.

    Args:
        folder: where it was planted.
        blank: what students were given; by default of PS8.
    """
    course, unix = folder / "course", f"ps8-attack-{secrets.token_hex(4)}"
    if blank is None:
        blank = without_answers(nbformat.read(course / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4))
    scene = Scene(blank, course, folder / "home", folder / "marks", socket=unix)
    made = Arena(scene, json.loads((folder / CANARIES).read_text()))
    before = os.environ.get(TOKEN)
    os.environ[TOKEN] = made.canaries["environment"]
    try:
        with (
            _server(made, socket.AF_INET, ("127.0.0.1", 0), made.canaries["network"]) as address,
            _server(made, socket.AF_UNIX, "\0" + unix, made.canaries["unix"]),
        ):
            made.scene = replace(scene, port=address[1])
            yield made
    finally:
        os.environ.pop(TOKEN) if before is None else os.environ.update({TOKEN: before})


@contextmanager
def _server(made: Arena, kind: int, address: tuple[str, int] | str, secret: str) -> Iterator[tuple[str, int]]:
    """Sends a secret to whoever connects, and takes note."""
    server = socket.socket(kind, socket.SOCK_STREAM)
    server.bind(address)
    server.listen()

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, who = server.accept()
                made.reached.append(f"{address}: {who}")
                connection.sendall(secret.encode())
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server.getsockname()
    finally:
        server.close()
