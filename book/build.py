"""Makes the book: `python -m book.build`. Exits with 0 only if every page is there, whole, and without an answer."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from assignment.builder.__main__ import Build
from assignment.builder.anchors import MISTAKES, missing_sections, mistake_anchor, section_anchor
from assignment.builder.checkout import LESSON, ROOT
from assignment.builder.problem import BuildError, shown
from assignment.builder.publish import secrets_of
from assignment.builder.rendering import lesson_context
from assignment.builder.think_answers import secrets as answer_secrets
from autograder.catalogue import catalogue
from autograder.questions import QUESTIONS
from book.case_study import FIGURE, case_study, draw
from book.pages import Pages, pages
from book.sources import FOLDER, write_sources
from book.verify import anchor_problems, figure_problems, leak_problems, link_problems, page_problems, toc_pages

ADVICE = "The book is not fit to be read: mend what is named above and run  make book  again."


def build_book(profile: str, generated: Path, out: Path) -> Path:
    """Runs the notebooks if need be, renders the book and looks at it.

    Args:
        profile: full or quick: how long the solved notebooks train.
        generated: keeps the notebooks with their outputs.
        out: gets `_build/html`.

    Returns:
        The folder of the pages.

    Raises:
        BuildError: with everything that is wrong.
    """
    build, mistakes = Build(), catalogue()
    made = pages(build.notebooks, profile, generated)
    source, html = out / "_build" / "source", out / "_build" / "html"
    runs = case_study()
    shows = build.course.shows_answers(datetime.now(timezone.utc))
    sections = write_sources(
        source,
        made,
        {**lesson_context(build.course, LESSON), "case_study": runs},
        mistakes,
        answers=build.answers if shows else {},
    )
    draw(runs, source / "figures" / FIGURE)
    wanted = {question: section_anchor(question) for question in QUESTIONS}
    if problems := missing_sections(wanted, sections):
        raise BuildError([*problems, ADVICE])
    render_html(source, out)
    secrets = secrets_of(build.course, build.lessons, build.notebooks)
    secrets += [] if shows else answer_secrets(build.answers)
    unlinked = anchor_problems(html, MISTAKES, [mistake_anchor(mistake.id) for mistake in mistakes])
    if problems := verify(html, source, made) + unlinked + leak_problems(html, secrets):
        raise BuildError([*problems, ADVICE])
    return html


def verify(html: Path, source: Path, made: Pages) -> list[str]:
    """Everything that is wrong with the pages but what they must not say."""
    names = toc_pages(source / "_toc.yml")
    return page_problems(html, names) + figure_problems(html, made.notebooks) + link_problems(html)


def render_html(source: Path, out: Path) -> None:
    """Runs Jupyter Book; a warning is an error.

    Raises:
        BuildError: if it fails; what it says has been printed.
    """
    for old in ("html", ".doctrees"):
        shutil.rmtree(out / "_build" / old, ignore_errors=True)
    program = "from jupyter_book.cli.main import main; main()"
    options = ["-W", "-n", "--keep-going", "-q", "--path-output", str(out)]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))  # for book.mathml
    env = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": path}
    ran = subprocess.run(
        [sys.executable, "-c", program, "build", *options, str(source)], env=env, capture_output=True, text=True
    )
    if ran.returncode:
        told = (ran.stdout + ran.stderr).strip()
        raise BuildError([told, f"Jupyter Book stopped with {ran.returncode}; a warning counts as an error."])


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes the book and returns the exit code: 0, or 1 with what is wrong on stderr."""
    parser = argparse.ArgumentParser(prog="python -m book.build", description=__doc__)
    parser.add_argument("--profile", choices=("full", "quick"), default="quick", help="how long to train")
    parser.add_argument("--generated", type=Path, default=FOLDER / "generated", help="keeps the notebooks that were run")
    parser.add_argument("--out", type=Path, default=FOLDER, help="gets _build/html (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    try:
        html = build_book(chosen.profile, chosen.generated, chosen.out)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"the book: {shown(html / 'index.html')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
