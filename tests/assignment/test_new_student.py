"""What is published, as a new student meets it: on Colab, which brings no kit, and in a clone on a machine of one's own.

The published tree is a repository on loopback; git and pip find GitHub and the package index there and nowhere else.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from assignment.builder.checkout import KIT, RELEASE
from assignment.builder.course_config import load_course
from assignment.builder.publish import Sources, publish
from tests.assignment.bare import bare_environment, git, only_this_web, run_cells, served, shown, write_wheels

COURSE = load_course()
# What Colab has of what the kit needs, and the kernel.
COLAB = ("torch", "torchvision", "numpy", "scikit-learn", "matplotlib", "scikit-image", "tqdm", "nbformat", "ipykernel")
NOWHERE = "http://127.0.0.1:9/"  # nothing answers there
CHECKS = """\
print(ps8.__file__)
try:
    ps8.check("encoder", namespace={"Encoder": torch.nn.Identity})
except AssertionError as failed:
    print(failed)
for depth in range(3):
    ps8.hint("encoder")
"""


class Student:
    """A machine with the published tree on its web, and without the kit."""

    def __init__(self, folder: Path) -> None:
        self.web, self.home = folder / "web", folder / "home"
        self.home.mkdir()
        tree, repository = folder / "tree", self.web / COURSE.repository
        texts = {path.stem: path.read_text("utf-8") for path in sorted((RELEASE / COURSE.assignment).glob("*.ipynb"))}
        publish(tree, COURSE, texts, [], Sources(book=folder / "no book"), draft=True)
        for words in (["init", "-q", "-b", COURSE.branch], ["add", "-A"], ["commit", "-q", "-m", "published"]):
            git(*words, folder=tree)
        git("clone", "-q", "--bare", tree, repository, folder=folder)
        git("update-server-info", folder=repository)
        write_wheels(self.web / "wheels", ["hatchling"])  # with what the kit is built, as on the package index
        self.python = bare_environment(folder / "environment", COLAB)
        self.cells = {
            cell["id"]: "".join(cell["source"])
            for text in texts.values()
            for cell in json.loads(text)["cells"]
            if cell["cell_type"] == "code"
        }

    def run(self, address: str, *cells: str, env: Mapping[str, str] | None = None, folder: Path | None = None) -> list[str]:
        """What a student reads below cells of the notebook, given by id, or of their own, in a fresh kernel."""
        sources = [self.cells.get(cell, cell) for cell in ("profile", *cells)]
        env = {**only_this_web(address, self.home), "PS8_PROFILE": "quick", **(env or {})}
        return [shown(cell) for cell in run_cells(self.python, sources, folder or self.home, env)][1:]

    def terminal(self, *words: str, env: Mapping[str, str] | None = None, folder: Path | None = None) -> str:
        env = {**only_this_web(NOWHERE, self.home), **(env or {})}
        ran = subprocess.run(
            [str(self.python), *words], cwd=folder or self.home, env=env, check=True, capture_output=True, text=True
        )
        return ran.stdout


@pytest.fixture
def student(tmp_path):
    return Student(tmp_path)


def sentence(told: str) -> str:
    """The last line, after pip's own reason."""
    return told.strip().split("\n")[-1]


@pytest.mark.slow
def test_on_colab_the_first_cell_brings_the_kit_once_and_offline_says_what_to_do(student):
    (offline,) = student.run(NOWHERE, "given-setup")
    assert f"The kit, git+{COURSE.url}@{COURSE.branch}, cannot be installed. Are you online?" in sentence(offline)
    assert sentence(offline).endswith("Then run this cell again.")
    assert "git clone" in offline  # pip's reason
    assert "Traceback" not in offline and "%tb" not in offline and "To exit" not in offline

    with served(student.web) as (address, asked):
        first, checks = student.run(address, "given-setup", CHECKS)
        assert first.count("profile quick, device") == 1 and "Traceback" not in first
        assert any("hatchling" in path for path in asked)
        came = len(asked)
        again, data, folder = student.run(address, "given-setup", "given-load-data", "print(data.folder)")
        assert again == first and len(asked) == came  # nothing is fetched a second time
    where, *said = checks.strip().split("\n")
    assert Path(where).is_relative_to(student.python.parents[1]) and not Path(where).is_relative_to(KIT)
    assert "expected" in checks and len(said) > 5  # the wheel is whole: questions, their checks and hints
    assert "photo sample: " in data.split("\n")[-2]
    assert folder.strip() in student.terminal("-m", "ps8.data", "verify")  # which ends with 0 only if it is whole there


@pytest.mark.slow
def test_a_clone_has_one_place_for_data_in_terminal_and_notebook_and_fetches_nothing(student, tmp_path):
    with served(student.web) as (address, asked):
        git("clone", "-q", f"{address}{COURSE.repository}", "ps8", folder=student.home)
        came = len(asked)
        clone = student.home / "ps8"
        installed = {"PYTHONPATH": str(clone / "assignment")}  # as `pip install -e .` leaves it
        release = clone / "assignment" / "release" / COURSE.assignment
        _, root = student.run(address, "given-setup", "print(ps8.data_root())", env=installed, folder=release)
        assert len(asked) == came
    assert root.strip() == str(clone / "data_cache")
    for folder in (clone, tmp_path):
        told = student.terminal("-c", "import ps8; print(ps8.data_root())", env=installed, folder=folder)
        assert told.strip() == root.strip()
