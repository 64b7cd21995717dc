"""What an attack is: a hostile submission, what it tries, and what its honest code earns."""

from __future__ import annotations

import copy
import os
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.paths import ASSIGNMENT, ROOT
from trials.classroom.mutations import cell_of

QUESTION = "softmax_loss"  # what most attacks are after: the smallest answer
WRONG = "return x.sum() * 0"  # earns nothing: no value of it is right but where there is nothing to choose
RIGHT = "return F.cross_entropy(x.squeeze(-1), torch.zeros(len(x), dtype=torch.long))"


@dataclass(frozen=True)
class Scene:
    """What an attacker knows; more than a student would.

    Attributes:
        blank: the release. Not to be changed; the functions here copy it.
        course: the instructor's course directory, with the gradebook, the secret and the other submissions.
        home: the instructor's home.
        marks: a folder outside every jail: whatever appears in it was written by an attack.
        port: of a server on the loopback address that sends a secret to who connects.
        socket: name of an abstract Unix socket that does the same.
        root: the repository.
    """

    blank: NotebookNode
    course: Path
    home: Path
    marks: Path
    port: int = 9
    socket: str = "ps8-attack"
    root: Path = ROOT

    def constants(self) -> str:
        """The same as Python, to stand above hostile code."""
        places = {"COURSE": self.course, "HOME": self.home, "MARKS": self.marks, "ROOT": self.root, "SOCKET": self.socket}
        return "".join(f"{name} = {str(value)!r}\n" for name, value in places.items()) + f"PORT = {self.port}\n"


@dataclass(frozen=True)
class Link:
    """A symbolic link, or a hard one, in place of a file."""

    to: Path
    hard: bool = False


class Fifo:
    """A named pipe in place of a file."""


Entry = bytes | Link | Fifo
Files = Mapping[str, Entry]  # path below the submission's folder (".": the folder itself) -> what is there


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    Attributes:
        id: its name, and that of the student who hands it in unless `student` says otherwise.
        family: number in the list of attacks (see `FAMILIES`).
        tries: what it tries, in a line.
        how: makes the submission: the notebook's bytes, or a folder's files.
        feedback: words that the student's feedback has because of the attack; empty if what stopped it cannot be known.
        honest: question -> the points that its honest code earns; 0 for every other question.
        harmful: why not even a sandbox that is thrown away should run it without our bounds; empty if one may.
        exhausting: it needs as much as it may use: seconds, memory, space.
        student: the folder's name.
    """

    id: str
    family: int
    tries: str
    how: Callable[[Scene], bytes | Files]
    feedback: str = ""
    honest: Mapping[str, float] = field(default_factory=dict)
    harmful: str = ""
    exhausting: bool = False
    student: str = ""

    @property
    def name(self) -> str:
        return self.student or self.id

    def files(self, scene: Scene) -> Files:
        """The submission as files."""
        made = self.how(scene)
        return {f"{ASSIGNMENT}.ipynb": made} if isinstance(made, bytes) else made

    def write(self, scene: Scene, folder: Path) -> None:
        """Puts the submission into a folder."""
        for path, entry in self.files(scene).items():
            place = folder if path == "." else folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(entry, Fifo):
                os.mkfifo(place)
            elif isinstance(entry, Link):
                (os.link if entry.hard else os.symlink)(entry.to, place)
            else:
                place.write_bytes(entry)


def with_answer(scene: Scene, text: str, key: str = f"{QUESTION}-answer") -> NotebookNode:
    """The release with the text of one answer cell replaced."""
    notebook = copy.deepcopy(scene.blank)
    cell = cell_of(notebook, key)
    if cell is not None:
        cell.source = text
    return notebook


def text(notebook: NotebookNode) -> bytes:
    """A notebook's file, valid or not."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).encode("utf-8", "surrogatepass")


def loss(forward: str = WRONG, before: str = "", after: str = "") -> str:
    """A `SoftmaxLoss` with hostile code in it and around it."""
    body = textwrap.indent(textwrap.dedent(forward).strip(), " " * 8)
    answer = f"class SoftmaxLoss(nn.Module):\n    def forward(self, x):\n{body}\n"
    return "\n\n".join(filter(None, [textwrap.dedent(before).strip(), answer, textwrap.dedent(after).strip()]))


def hostile(forward: str = WRONG, before: str = "", after: str = "") -> Callable[[Scene], bytes]:
    """A submission whose one answer, the softmax loss, is hostile; the code knows the scene's constants."""
    return lambda scene: text(with_answer(scene, scene.constants() + loss(forward, before, after)))


def plain(forward: str = WRONG, before: str = "") -> Callable[[Scene], NotebookNode]:
    """A notebook with a softmax loss, for attacks that do something to the file."""
    return lambda scene: with_answer(scene, loss(forward, before))
