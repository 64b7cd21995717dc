from __future__ import annotations

import base64
import html
import json
import shutil
import sys
from pathlib import Path
from typing import ClassVar

import pytest
import yaml

from assignment.builder.checkout import REPAIR
from assignment.builder.draft import WORDS
from assignment.builder.generated_files import files_of
from assignment.builder.lesson_notebooks import build_notebooks
from assignment.builder.problem import BuildError
from assignment.builder.public_texts import kit_pyproject, pages_workflow, readme
from assignment.builder.publish import Sources, publish, secrets_of
from assignment.builder.release import release_notebooks

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ANSWER = "doubled_number = factor * x"
CATALOGUE = '[half]\nmodule = "part"\nedits = [{ old = "factor * x", new = "halved_number = x / factor" }]\n'
OWN = {"VISION 442": "CS 442", "example-university": "northfield-vision"}  # what a course sets in the place of placeholders
CHANGE = "def rows(namespace: Namespace, numbers: Numbers, N: int, B: int, K: int) -> Ran:"  # of the counted questions


class Publishing:
    """A tiny course ready to be published."""

    released: ClassVar[dict[str, str]] = {}  # by nbgrader, which takes its time: the same for every test

    def __init__(self, tiny) -> None:
        self.root: Path = tiny.root
        self.out, self.kit, self.book = self.root / "public", self.root / "kit", self.root / "html"
        self.license, self.credits = self.root / "LICENSE", self.root / "CREDITS.md"
        self.catalogue, self.draft = self.root / "questions", False
        for folder in (self.kit / "__pycache__", self.book / "_static", self.catalogue / "double"):
            folder.mkdir(parents=True)
        (self.kit / "__init__.py").write_text('"""The kit."""\n')
        (self.kit / "__pycache__" / "x.pyc").write_bytes(b"doubled_number = factor * x")
        (self.catalogue / "double" / "mistakes.toml").write_text(CATALOGUE)
        (self.catalogue / "double" / "changes.py").write_text(f"{CHANGE}\n    return Ran(2.0 * N)\n")
        self.license.write_text("Do as you like.\n")
        self.credits.write_text("# With thanks\n")
        for placeholder, own in OWN.items():
            tiny.toml.write_text(tiny.toml.read_text().replace(placeholder, own))
        self.course = tiny.course()
        notebooks = build_notebooks(self.course, tiny.folder, tiny.root)
        if not self.released:
            self.released.update(release_notebooks(notebooks, "ps8", self.root / "none.py"))
        self.release = dict(self.released)
        self.write_book()
        self.secrets = secrets_of(self.course, tiny.lessons(), notebooks, self.root / "answers", self.catalogue)

    def write_book(self) -> None:
        """A page for each notebook, and a first one that says which course it is."""
        course, cells = self.course, json.loads(self.release["ps8"])["cells"]
        code = "\n".join(f"<pre>{html.escape(''.join(cell['source']))}</pre>" for cell in cells if cell["cell_type"] == "code")
        page = f'<h2 id="doubling">1 Doubling</h2>{code}'
        (self.book / "ps8.html").write_text(f'<html>\n<body class="page">\n{page}\n</body></html>')
        facts = f"<h1>{course.name} ({course.short}), {course.term}: {course.title}</h1> due <em>11 December 2026</em>, 23:59"
        (self.book / "intro.html").write_text(f"<html>\n<body>{facts}</body></html>\n")
        (self.book / "index.html").write_text('<meta http-equiv="Refresh" content="0; url=intro.html" />\n')

    def run(self) -> list[Path]:
        sources = Sources(self.book, self.kit, self.license, self.credits)
        return publish(self.out, self.course, self.release, self.secrets, sources, self.draft)

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
        ".github/workflows/pages.yml",
        ".gitignore",
        "CREDITS.md",
        "LICENSE",
        "README.md",
        *(f"assignment/{path.as_posix()}" for path in repair),
        "assignment/ps8/__init__.py",
        "assignment/release/ps8/ps8.ipynb",
        "docs/.nojekyll",
        "docs/index.html",
        "docs/intro.html",
        "docs/ps8.html",
        "pyproject.toml",
    ]
    there = {path.relative_to(publishing.out) for path in files_of(publishing.out)}
    assert there == {*written, Path(".published")}


def test_without_its_book_only_a_draft_is_made(publishing):
    shutil.rmtree(publishing.book)
    assert "run  make book" in publishing.refused()
    publishing.draft = True
    assert not any(path.parts[0] in ("docs", ".github") for path in publishing.run())
    assert publishing.course.book not in (publishing.out / "README.md").read_text()


def test_every_page_of_a_draft_says_so_and_no_other_does(publishing):
    publishing.run()
    pages = [path for path in files_of(publishing.out) if path.suffix in (".md", ".html", ".ipynb")]
    assert len(pages) == 6 and not any(WORDS in page.read_text() for page in pages)
    before = json.loads((publishing.out / "assignment/release/ps8/ps8.ipynb").read_text())["cells"]
    publishing.draft = True
    (publishing.book / "ps8.html").write_text("<html><BODY data-x='1'>old</BODY></html>")  # a draft's book may be old
    publishing.run()
    unseen = publishing.out / "docs" / "index.html"  # it only leads to another
    assert all(page.read_text().count(WORDS) == (page != unseen) for page in pages)
    after = json.loads((publishing.out / "assignment/release/ps8/ps8.ipynb").read_text())["cells"]
    assert [cell["id"] for cell in after] == [cell["id"] for cell in before] and after[1:] == before[1:]


def test_a_book_of_other_notebooks_or_of_another_course_is_refused(publishing):
    page = publishing.book / "ps8.html"
    page.write_text(page.read_text().replace("factor = 2", "factor = 3"))
    intro = publishing.book / "intro.html"
    intro.write_text(intro.read_text().replace("Fall 2026", "Fall 2025").replace("23:59", "12:00"))
    (publishing.book / "old.html").write_text("<p>VISION 442</p>")
    message = publishing.refused().split("\n")
    assert message[0].startswith("docs/ps8.html: lacks the cell given-setup of ps8.ipynb")
    assert [line.split(",")[0] for line in message[1:3]] == [
        "docs: no page says Fall 2026",
        "docs: no page says 11 December 2026",
    ]
    assert message[3].startswith("docs/old.html: still names VISION 442")
    assert message[4:] == ["Nothing was published."]
    page.unlink()
    assert "docs/ps8.html: not there, though students get ps8.ipynb" in publishing.refused()


def test_a_link_into_the_tree_that_leads_nowhere_is_refused(publishing):
    course = publishing.course
    links = [
        f"{course.url}/blob/main/assignment/solution.py",
        course.colab("nothing"),
        f"{course.book}gone.html",
        f"{course.book}ps8.html#gone",
    ]
    right = [course.colab("ps8"), f"{course.book}ps8.html#doubling", course.book, course.raw("ps8"), f"{course.url}/issues"]
    (publishing.kit / "words.py").write_text("".join(f'"{link}"\n' for link in [*links, *right]))
    publishing.credits.write_text("[one](LICENSE), [other](photographs/README.md), [web](https://flic.kr/p/r9qvLn)\n")
    message = publishing.refused().split("\n")
    assert message[0] == "CREDITS.md: leads to photographs/README.md, which is not in the public tree"
    assert [line.split("leads to ")[1].split(",")[0] for line in message[1:-1]] == links


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


def test_missing_licence_and_credits_are_said_at_once(publishing):
    publishing.license.unlink()
    publishing.credits.unlink()
    message = publishing.refused()
    assert "LICENSE: not there" in message and "CREDITS.md: not there" in message


def test_a_broken_catalogue_is_said(tiny, publishing):
    (publishing.catalogue / "double" / "mistakes.toml").write_text("[half")
    with pytest.raises(BuildError, match=r"double/mistakes\.toml: cannot be read"):
        secrets_of(tiny.course(), tiny.lessons(), {}, tiny.root / "answers", publishing.catalogue)


def test_publishing_again_replaces_its_own_files_and_leaves_others(publishing):
    (publishing.book / "old.html").write_text("<p>A page</p>")
    publishing.run()
    (publishing.out / ".git").mkdir()
    (publishing.out / ".git" / "HEAD").write_text("ref")
    (publishing.out / "CNAME").write_text("ps8.example.org")
    (publishing.out / "README.md").write_text("changed")
    (publishing.book / "old.html").rename(publishing.book / "start.html")
    publishing.run()
    assert (publishing.out / ".git" / "HEAD").read_text() == "ref"
    assert (publishing.out / "CNAME").exists()
    assert "# PS8" in (publishing.out / "README.md").read_text()
    assert not (publishing.out / "docs" / "old.html").exists()
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


def test_the_readme_names_course_deadline_and_notebooks(tiny):
    text = readme(tiny.course(), ["ps8", "nce"], with_book=True)
    assert text.startswith("# PS8: Learning without labels\n")
    assert "Friday, 11 December 2026, 23:59 (UTC-05:00)" in text
    assert "17.5 points" in text
    assert tiny.course().colab("nce") in text
    assert tiny.course().book in text
    assert "solution" not in text.replace("a right solution", "")


def test_the_workflow_puts_the_book_of_the_published_branch_on_the_web():
    workflow = yaml.safe_load(pages_workflow("2026-fall"))
    assert workflow[True]["push"]["branches"] == ["2026-fall"]  # YAML 1.1 reads `on` as true; GitHub does not
    assert workflow["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
    (job,) = workflow["jobs"].values()
    uses = {step["uses"].split("@")[0]: step for step in job["steps"]}
    assert uses["actions/upload-pages-artifact"]["with"]["path"] == "docs"
    assert f"steps.{uses['actions/deploy-pages']['id']}.outputs.page_url" in job["environment"]["url"]
