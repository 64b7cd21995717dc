"""A course directory made to be attacked: secrets planted where they should not be found, and a server that should not be reached."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from autograder.attacks.base import QUESTION, Scene
from autograder.classroom.build import release, solved
from autograder.classroom.surgery import cell_of
from autograder.paths import ASSIGNMENT, COURSE, SECRET

TOKEN = "PS8_COURSE_TOKEN"  # an environment variable of the instructor's
BYSTANDERS: Mapping[str, Mapping[str, float]] = {
    "ada": {"encoder": 10, "decoder": 10, "encoder_cmc": 10, "cmc_score": 20, QUESTION: 10},
    "student02": {"encoder": 10, "decoder": 10, "encoder_cmc": 10, "cmc_score": 17, QUESTION: 10},
}
CHILD = "ps8-attack-child"  # stands in the command line of every process that an attack leaves behind


@dataclass
class Arena:
    """The course, and what was planted in it.

    Attributes:
        scene: what attackers know.
        canaries: name -> a secret that stands at one place.
        reached: what the server was sent, and by whom it was reached.
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


def canary(name: str) -> str:
    """A secret that the hostile hand-ins look for."""
    return f"canary-{name}-{secrets.token_hex(8)}"


@contextmanager
def arena(folder: Path) -> Iterator[Arena]:
    """Makes the course in an empty folder, with two honest students, and plants what should not be found.

    Args:
        folder: holds the course, a home and a folder for what attacks write outside; not removed afterwards.
    """
    names = ("hidden", "bystander", "home", "environment", "network", "unix")
    planted = {name: canary(name) for name in names}
    course, home, marks = (folder / name for name in ("course", "home", "marks"))
    for place in (course, home, marks):
        place.mkdir(parents=True)
    (home / ".netrc").write_text(f"password {planted['home']}\n")
    write_source(course, planted["hidden"])
    (course / SECRET).touch(0o600)
    (course / SECRET).write_text(secrets.token_hex(32) + "\n")
    unix = f"ps8-attack-{secrets.token_hex(4)}"
    made = Arena(Scene(release("ps8"), course, home, marks, socket=unix), planted)
    write_bystanders(course, planted["bystander"])
    before = os.environ.get(TOKEN)
    os.environ[TOKEN] = planted["environment"]
    try:
        with _server(made, socket.AF_INET, ("127.0.0.1", 0), planted["network"]) as address:
            made.scene = Scene(made.scene.blank, course, home, marks, port=address[1], socket=unix)
            with _server(made, socket.AF_UNIX, "\0" + unix, planted["unix"]):
                yield made
    finally:
        os.environ.pop(TOKEN) if before is None else os.environ.update({TOKEN: before})


def write_source(course: Path, hidden: str) -> None:
    """The source notebooks, with a secret in the text of a hidden test."""
    shutil.copytree(COURSE / "source", course / "source")
    path = course / "source" / ASSIGNMENT / "ps8.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = cell_of(notebook, QUESTION)
    assert cell is not None
    cell.source = cell.source.replace("### END HIDDEN TESTS", f"# {hidden}\n### END HIDDEN TESTS")
    nbformat.write(notebook, path)


def write_bystanders(course: Path, secret: str) -> None:
    """Two honest hand-ins with known scores; the first has a secret in its report."""
    for name in BYSTANDERS:
        mistakes = ["cmc_score.temperature_forgotten"] if name == "student02" else []
        notebook, right = release("ps8"), solved("ps8", mistakes)
        for question in BYSTANDERS[name]:
            empty, answer = cell_of(notebook, f"{question}-answer"), cell_of(right, f"{question}-answer")
            assert empty is not None and answer is not None
            empty.source = answer.source
        report = cell_of(notebook, "report")
        if report is not None and name == "ada":
            report.source = f"My report: {secret}"
        folder = course / "submitted" / name / ASSIGNMENT
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / "ps8.ipynb")


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
