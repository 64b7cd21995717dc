"""The skeleton of a question: `python -m assignment.builder question NAME`, or `make question NAME=...`.

It asks something small, is checked, judged and graded as it stands, and is there to be rewritten. Own files of the question
are made from the templates in `skeleton/`; the lesson gets a section, course.toml a line.
"""

from __future__ import annotations

import ast
import keyword
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assignment.builder.checkout import COURSE, KIT, LESSON, QUESTIONS, SOLUTION
from assignment.builder.course_config import load_course
from assignment.builder.inline import definitions
from assignment.builder.lesson import headings
from assignment.builder.problem import BuildError, Problem, shown

TEMPLATES = Path(__file__).resolve().with_name("skeleton")
BEFORE = "The table"  # the heading of the main lesson that the new section stands before
POINTS = 5
# What the names of a question's own files are made of, by template.
OWN = {
    "question.toml.j2": KIT / "questions" / "{name}" / "question.toml",
    "public.py.j2": KIT / "questions" / "{name}" / "__init__.py",
    "hidden.py.j2": QUESTIONS / "{name}" / "__init__.py",
    "mistakes.toml.j2": QUESTIONS / "{name}" / "mistakes.toml",
    "right_answers.py.j2": QUESTIONS / "{name}" / "right_answers.py",
    "solution.py.j2": SOLUTION / "{name}.py",
}


def write_question(name: str, points: float = POINTS, before: str = BEFORE) -> list[Path]:
    """Writes the skeleton of a question. Nothing is written if anything is wrong.

    Args:
        name: the question's id, and the function that it asks for.
        points: what it is worth.
        before: the heading of the lesson, without its points, that its section comes before.

    Returns:
        The files written: its own, and the two that gained a part.

    Raises:
        BuildError: naming what stands in the way.
    """
    if fault := name_fault(name):
        raise BuildError(f"{name!r} is no name for a question: {fault}")
    lesson = LESSON / f"{load_course().assignment}.md"
    texts = {Path(str(path).format(name=name)): rendered(template, name) for template, path in OWN.items()}
    if there := [path for path in texts if path.exists()]:
        raise BuildError([Problem(shown(path), 0, "is there already. Move it away, or choose another name.") for path in there])
    texts[lesson] = with_section(lesson.read_text(encoding="utf-8"), rendered("lesson.md.j2", name), before, shown(lesson))
    texts[COURSE] = with_points(COURSE.read_text(encoding="utf-8"), name, points)
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return list(texts)


def rendered(template: str, name: str) -> str:
    """A template for a question of this name. Names stand in << >>: the lesson keeps {{ }} for what the build fills in."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        variable_start_string="<<",
        variable_end_string=">>",
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(name=name)


def name_fault(name: str) -> str:
    """Why a question cannot be called so, and what would do; empty if it can."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name) or len(name) > 40:
        return "write at most 40 small letters, digits and _, the first a letter, as in row_means"
    if name == "shared" or name in load_course().points:
        return (
            f"{'that folder holds what questions share' if name == 'shared' else 'there is one of this name'}. Choose another"
        )
    for path in sorted(SOLUTION.glob("*.py")):
        if path.stem == name or name in definitions(path.read_text(encoding="utf-8"), shown(path)):
            return f"{shown(path)} {'has it' if path.stem == name else 'defines it'} already. Choose another"
    if name in {node.id for node in ast.walk(ast.parse(_code_of_lessons())) if isinstance(node, ast.Name)}:
        return "a cell of the lesson uses it. Choose another"
    return ""


def _code_of_lessons() -> str:
    """The given code that the lessons hold themselves, as far as it is Python."""
    found = []
    for path in sorted(LESSON.glob("*.md")):
        for code in re.findall(r"^```python id=.*?\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            try:
                ast.parse(code)
            except SyntaxError:  # filled in by the build
                continue
            found.append(code)
    return "\n".join(found)


def with_section(lesson: str, section: str, before: str, path: str) -> str:
    """A lesson's text with a section before a heading.

    Raises:
        BuildError: if there is no such heading, naming those that there are.
    """
    found = re.search(rf"^#{{2,6}} {re.escape(before)}(?= ·|\s*$)", lesson, re.MULTILINE)
    if found is None:
        known = ", ".join(title.partition("·")[0].strip() for level, title in headings(lesson) if level > 1)
        raise BuildError([Problem(path, 0, f"has no heading {before!r} to put the section before. There are: {known}")])
    return lesson[: found.start()] + section + lesson[found.start() :]


def with_points(course: str, name: str, points: float) -> str:
    """The text of course.toml with the question's line at the end of its table of points."""
    lines = course.split("\n")
    if "[points]" not in lines:
        raise BuildError([Problem(shown(COURSE), 0, f"has no table [points]. Add it, with the line {name} = {points:g}")])
    last = start = lines.index("[points]")
    for number, line in enumerate(lines[start + 1 :], start + 1):
        if line.startswith("["):
            break
        last = number if re.match(r"\w+\s*=", line) else last
    return "\n".join([*lines[: last + 1], f"{name} = {points:g}", *lines[last + 1 :]])


def report(paths: list[Path], name: str) -> str:
    """What was written, and what comes next."""
    own, (lesson, course) = paths[:-2], paths[-2:]
    lines = [f"The question {name} is there, and can be graded as it stands:"]
    lines += [f"  {shown(path)}" for path in own]
    lines += [f"  {shown(lesson)}: its section", f"  {shown(course)}: its points"]
    lines += [
        "`make notebooks` puts it into the notebooks; `make question` has done so. Its tests are those of every question:",
        f"  .venv/bin/python -m pytest tests/ps8 tests/autograder tests/trials/misconceptions -k {name}",
        "  make check",
        "Now make it your own: book/add_a_question.md says in which order.",
    ]
    return "\n".join(lines)
