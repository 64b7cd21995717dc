"""The counted questions, where a course has them: their text, and who is asked what. What comes is known to the grader alone.

Which changes a student is asked about, with which values and in which order the options stand, follows from the name under
which the work is handed in, and from nothing that a student can choose.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from typing import Any

from ps8.checks.finding import wrapped
from ps8.checks.hints import TITLES
from ps8.explain.item import Posed, drawn
from ps8.questions import ROOMS

STATEMENTS = tuple(statement for room in ROOMS.values() for statement in room.counted)
QUESTIONS = tuple(dict.fromkeys(statement.question for statement in STATEMENTS))


def normalised(name: str) -> str:
    """A student's name without capitals and blanks."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def seed_of(name: str) -> int:
    """The seed of a student's questions: public, and the same whenever it is asked for."""
    data = b"ps8 explain " + normalised(name).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=7).digest(), "big")


def posed_for(name: str) -> dict[str, Posed]:
    """What a student is asked, one thing a question."""
    seed, found = seed_of(name), {}
    for question in QUESTIONS:
        mine = [statement for statement in STATEMENTS if statement.question == question]
        found[question] = mine[drawn(seed, f"which {question}") % len(mine)].posed(seed)
    return found


def text_for(name: str, answers: Mapping[str, Any] | None = None) -> str:
    """A student's questions, to be printed; what to do, if the name is missing.

    Args:
        name: under which the student hands in.
        answers: question -> answer, to be shown below its question as it is read.
    """
    if not isinstance(name, str) or not normalised(name):
        return "First write the name under which you hand in between the quotes of my_name, and run that cell."
    parts = [f"The questions of {name.strip()[:60]}"]
    for question, posed in posed_for(name).items():
        parts.append(f'{TITLES[question]} ("{question}")\n{posed.text()}')
        if answers is not None:
            parts[-1] += "\n" + wrapped(f"  -> {_as_read(posed, answers.get(question))}", indent=" " * 5)
    if unknown := [str(name)[:40] for name in answers or () if name not in QUESTIONS]:
        parts.append(wrapped(f"No question is called {', '.join(unknown[:8])}.", indent="  "))
    return "\n\n".join(parts)


def _as_read(posed: Posed, answer: Any) -> str:
    """How an answer is read, in words."""
    if unanswered(answer):
        return "not answered yet"
    try:
        read = posed.read(answer)
    except ValueError as error:
        return f"cannot be read: {error}"
    return f"your answer: {read}" if isinstance(read, str) else f"your answer: {read:.6g}"


def unanswered(answer: Any) -> bool:
    """Whether nothing was written in an answer's place."""
    return answer is None or (isinstance(answer, str) and not answer.strip())
