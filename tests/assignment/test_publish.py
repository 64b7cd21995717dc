from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from assignment.builder.checkout import KIT, REPAIR, ROOT
from assignment.builder.course_config import load_course
from assignment.builder.leaks import files_of
from assignment.builder.lesson_notebooks import build_notebooks
from assignment.builder.problem import BuildError
from assignment.builder.publish import kit_pyproject, publish, readme, secrets_of
from assignment.builder.release import release_notebooks

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ANSWER = "doubled_number = factor * x"
CATALOGUE = '[half]\nmodule = "part"\nedits = [{ old = "factor * x", new = "halved_number = x / factor" }]\n'
CHANGE = "def rows(namespace: Namespace, numbers: Numbers, N: int, B: int, K: int) -> Ran:"  # of the counted questions


class Publishing:
    """A tiny course ready to be published."""

    def __init__(self, tiny) -> None:
        self.root: Path = tiny.root
        self.out, self.kit, self.book = self.root / "public", self.root / "kit", self.root / "html"
        self.license, self.catalogue = self.root / "LICENSE", self.root / "questions"
        for folder in (self.kit / "__pycache__", self.book / "_static", self.catalogue / "double"):
            folder.mkdir(parents=True)
        (self.kit / "__init__.py").write_text('"""The kit."""\n')
        (self.kit / "__pycache__" / "x.pyc").write_bytes(b"doubled_number = factor * x")
        (self.book / "index.html").write_text("<h1>The book</h1>\n")
        (self.catalogue / "double" / "mistakes.toml").write_text(CATALOGUE)
        (self.catalogue / "double" / "changes.py").write_text(f"{CHANGE}\n    return Ran(2.0 * N)\n")
        self.license.write_text("Do as you like.\n")
        self.course = tiny.course()
        notebooks = build_notebooks(self.course, tiny.folder, tiny.root)
        self.release = release_notebooks(notebooks, "ps8", self.root / "none.py")
        self.secrets = secrets_of(self.course, tiny.lessons(), notebooks, self.root / "answers", self.catalogue)

    def run(self) -> list[Path]:
        return publish(self.out, self.course, self.release, self.secrets, self.book, self.kit, self.license)

    def refused(self) -> str:
        with pytest.raises(BuildError) as caught:
            self.run()
        assert not self.out.exists()
        return str(caught.value)


@pytest.fixture
def publishing(tiny):
    return Publishing(tiny)


def test_the_tree_holds_what_students_need_and_no_more(publishing):
    written = publishing.run()
    repair = sorted(path.relative_to(REPAIR.parent) for path in REPAIR.glob("*.py"))
    assert sorted(path.as_posix() for path in written) == [
        ".gitignore",
        "LICENSE",
        "README.md",
        *(f"assignment/{path.as_posix()}" for path in repair),
        "assignment/ps8/__init__.py",
        "assignment/release/ps8/ps8.ipynb",
        "docs/.nojekyll",
        "docs/index.html",
        "pyproject.toml",
    ]
    there = {path.relative_to(publishing.out) for path in files_of(publishing.out)}
    assert there == {*written, Path(".published")}


def test_it_does_without_a_book(publishing):
    shutil.rmtree(publishing.book)
    assert not any(path.parts[0] == "docs" for path in publishing.run())
    assert publishing.course.book not in (publishing.out / "README.md").read_text()


def test_secrets_come_from_solutions_answers_hidden_tests_and_misconceptions(tiny, at, publishing):
    texts = {secret.text: secret.origin for secret in publishing.secrets}
    assert texts[ANSWER].endswith(f"answers/part.py:{at(tiny.answers, ANSWER)}")
    assert texts["halved_number = x / factor"].endswith("double/mistakes.toml:3")
    assert texts["from autograder.stock import judge_here"].startswith("ps8.ipynb, cell double:")
    assert texts["The numbers became larger."].endswith(f"ps8.md:{at(tiny.lesson, 'The numbers')}")
    assert "def double(x: int) -> int:" not in texts


def test_a_common_line_is_no_secret(tiny, publishing):
    tiny.change(tiny.toml, "[points]", f'[publish]\ncommon = ["{ANSWER}"]\n[points]')
    secrets = secrets_of(tiny.course(), tiny.lessons(), {}, tiny.root / "answers", publishing.catalogue)
    assert ANSWER not in {secret.text for secret in secrets}
    assert "return doubled_number" in {secret.text for secret in secrets}


@pytest.mark.parametrize(
    "secret",
    [
        ANSWER,
        "halved_number = x / factor",
        'judge_here("sign", globals())',
        "The numbers became larger.",
        CHANGE,
    ],
)
def test_a_leak_in_the_kit_is_refused_with_its_place(publishing, secret):
    (publishing.kit / "hints.py").write_text(f'"""Hints."""\n\nHINT = """\n        {secret}\n"""\n')
    message = publishing.refused()
    assert message.startswith("assignment/ps8/hints.py:4: holds a line of ")
    assert message.endswith("add it to [publish] common in assignment/course.toml.")


def test_a_leak_in_a_released_notebook_is_refused(publishing):
    notebook = json.loads(publishing.release["ps8"])
    notebook["cells"][0]["source"] = ["# Numbers\n", f"\t\t{ANSWER}   # the answer\n"]
    publishing.release["ps8"] = json.dumps(notebook, indent=1)
    assert "assignment/release/ps8/ps8.ipynb:9: holds a line of" in publishing.refused()


def test_a_leak_in_the_book_is_refused(publishing):
    words = "".join(f"<span>{word}</span> " for word in ANSWER.split())
    (publishing.book / "page.html").write_text(f"<html>\n<pre>{words}</pre></html>")
    (publishing.book / "_static" / "a.js").write_text(f"x='{base64.b64encode(ANSWER.encode()).decode()}'")
    message = publishing.refused()
    assert "docs/page.html:2: " in message
    assert "docs/_static/a.js:1: " in message


def test_a_cell_with_its_region_left_in_is_refused(publishing):
    publishing.release["ps8"] = publishing.release["ps8"].replace("YOUR CODE HERE", "## BEGIN SOLUTION", 1)
    assert "the instructor's notebook: ### BEGIN SOLUTION" in publishing.refused()


def test_a_missing_licence_is_said(publishing):
    publishing.license.unlink()
    assert "LICENSE: not there" in publishing.refused()


def test_a_broken_catalogue_is_said(tiny, publishing):
    (publishing.catalogue / "double" / "mistakes.toml").write_text("[half")
    with pytest.raises(BuildError, match=r"double/mistakes\.toml: cannot be read"):
        secrets_of(tiny.course(), tiny.lessons(), {}, tiny.root / "answers", publishing.catalogue)


def test_publishing_again_replaces_its_own_files_and_leaves_others(publishing):
    publishing.run()
    (publishing.out / ".git").mkdir()
    (publishing.out / ".git" / "HEAD").write_text("ref")
    (publishing.out / "CNAME").write_text("ps8.example.org")
    (publishing.out / "README.md").write_text("changed")
    (publishing.book / "index.html").rename(publishing.book / "start.html")
    publishing.run()
    assert (publishing.out / ".git" / "HEAD").read_text() == "ref"
    assert (publishing.out / "CNAME").exists()
    assert "# PS8" in (publishing.out / "README.md").read_text()
    assert not (publishing.out / "docs" / "index.html").exists()
    assert (publishing.out / "docs" / "start.html").exists()


def test_a_file_of_somebody_else_is_never_replaced(publishing):
    publishing.out.mkdir()
    (publishing.out / "README.md").write_text("mine")
    with pytest.raises(BuildError, match=r"README\.md: is there and was not written by publish"):
        publishing.run()
    assert [path.name for path in publishing.out.iterdir()] == ["README.md"]
    assert (publishing.out / "README.md").read_text() == "mine"


def test_a_list_that_points_outside_deletes_nothing(publishing):
    publishing.run()
    victim = publishing.root / "victim"
    victim.write_text("here")
    with (publishing.out / ".published").open("a") as listed:
        listed.write(f"../victim\n{victim}\n")
    publishing.run()
    assert victim.exists()


def test_out_must_be_a_folder(publishing):
    publishing.out.write_text("a file")
    with pytest.raises(BuildError, match="is a file"):
        publishing.run()


def test_the_kits_pyproject_has_its_dependencies_only():
    root = {
        "project": {
            "name": "ps8",
            "requires-python": ">=3.10",
            "dependencies": ["torch>=2.1"],
            "optional-dependencies": {"course": ["nbgrader"]},
        }
    }
    found = tomllib.loads(kit_pyproject(root))
    assert found["project"]["dependencies"] == ["torch>=2.1"]
    assert found["tool"]["hatch"]["version"]["path"] == "assignment/ps8/__init__.py"
    assert "optional-dependencies" not in found["project"]
    assert found["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["assignment/ps8", "assignment/nbrepair"]


def test_the_kit_installs_from_the_public_tree_and_is_whole(tmp_path):
    """What Colab's pip installs: unpacked by itself, with nothing of the checkout beside it, it checks and hints."""
    tree, wheel = tmp_path / "public", tmp_path / "wheel"
    publish(tree, load_course(), {"ps8": ""}, [], tmp_path / "no_book")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(wheel)]
    subprocess.run(build, cwd=tree, check=True, capture_output=True)
    (file,) = wheel.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(wheel)
    program = (
        "import sys; sys.path[:] = ['.', *(p for p in sys.path if p not in sys.argv)]\n"
        "import torch, ps8; print(ps8.__file__, ps8.__version__)\n"
        "try: ps8.check('encoder', namespace={'Encoder': torch.nn.Identity})\n"
        "except AssertionError as failed: print(failed)\n"
        "for depth in range(3): ps8.hint('encoder')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(ROOT), str(ROOT / "assignment")],
        cwd=wheel,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith(str(wheel))
    assert f"-{ran.stdout.split()[1]}-" in file.name
    assert "expected" in ran.stdout
    assert len(ran.stdout.splitlines()) > 5


@pytest.mark.slow
def test_a_terminal_and_a_notebook_of_a_public_clone_look_for_data_in_one_place(publishing, monkeypatch):
    """What `python -m ps8.data download` fills is what `ps8.load_data()` opens."""
    publishing.kit, publishing.book = KIT, publishing.root / "none"
    publishing.run()
    monkeypatch.delenv("PS8_DATA", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(publishing.out / "assignment"))
    places = {}
    for folder in (publishing.out, publishing.out / "assignment" / "release" / "ps8", publishing.root):
        program = "import ps8; print(ps8.data_root())"
        places[folder] = subprocess.run([sys.executable, "-c", program], cwd=folder, check=True, capture_output=True, text=True)
    assert {Path(run.stdout.strip()) for run in places.values()} == {publishing.out / "data_cache"}


def test_the_readme_names_course_deadline_and_notebooks(tiny):
    text = readme(tiny.course(), ["ps8", "nce"], with_book=True)
    assert text.startswith("# PS8: Learning without labels\n")
    assert "Friday, 11 December 2026, 23:59 (UTC-05:00)" in text
    assert "17.5 points" in text
    assert tiny.course().colab("nce") in text
    assert tiny.course().book in text
