"""The page of common mistakes, of the catalogue: names and explanations, never the code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby

from nbjudge.judge.catalogue import Misconception

from assignment.builder.anchors import mistake_anchor, section_anchor

TITLE = "Common mistakes"
INTRODUCTION = """\
What many have got wrong, question by question. The feedback on your submission links here when your answer does the same as one of these.
Each says what happens and where to look, and none says what to write.
"""
CODE = re.compile(r"(?<![\w)])\.?[A-Za-z]\w*(?:\.\w+)*\([\w.=, ]*\)|\b[A-Za-z]\w*=\w+|\b\w*[A-Za-z]\w*_\w+\b")
SPECIAL = re.compile(r"([\\*_\[\]<>$#{}|~])")


def mistakes_page(mistakes: Iterable[Misconception], titles: Mapping[str, str]) -> str:
    """The page as MyST.

    Args:
        mistakes: the catalogue.
        titles: the headings of the questions' sections, in the order of the walkthrough.
    """
    order = {question: n for n, question in enumerate(titles)}
    ordered = sorted(mistakes, key=lambda mistake: order.get(mistake.question, len(order)))  # stable: the file's order stays
    parts = [f"# {TITLE}\n\n{INTRODUCTION}"]
    for question, group in groupby(ordered, key=lambda mistake: mistake.question):
        title, section = titles.get(question, question), section_anchor(question)
        parts.append(f"({mistake_anchor('mistakes ' + question)})=\n## {title}\n\nThe section: {{ref}}`{title} <{section}>`.\n")
        parts += [_entry(mistake) for mistake in group]
    return "\n".join(parts)


def _entry(mistake: Misconception) -> str:
    anchor, id = mistake_anchor(mistake.id), f"[{mistake.id}]{{.mistake-id}}"
    # A rubric, not a heading of the page: so many would fill the contents at its side.
    head = f":::{{rubric}} {markdown(mistake.name)}\n:::"
    return f"({anchor})=\n{head}\n\n{markdown(mistake.explanation)} {id}\n"


def markdown(text: str) -> str:
    """Plain text as markdown that says the same: names of code in code, special letters escaped."""
    pieces = text.split("`")  # the odd ones are code already
    return "".join(f"`{piece}`" if n % 2 else _plain(piece) for n, piece in enumerate(pieces))


def _plain(text: str) -> str:
    parts, end = [], 0
    for match in CODE.finditer(text):
        parts += [SPECIAL.sub(r"\\\1", text[end : match.start()]), f"`{match[0]}`"]
        end = match.end()
    return "".join(parts) + SPECIAL.sub(r"\\\1", text[end:])
