"""Submissions that are nearly the same: a reason to look, never a verdict. Right answers to one stub are alike anyway."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from keyword import iskeyword

import numpy as np
from rapidfuzz import fuzz, process

ALIKE = 90.0  # percent of the words and signs of two answers, from which they are nearly the same
SHORT = 25  # words and signs: of less no likeness can be told
ENOUGH = 60  # words and signs in answers that are nearly the same, from which two students are listed
FEW, SHARE = 4, 0.02  # a line that more students than these have is one that anybody would write

# A string may lack its end: else each quote in an unclosed one would be looked for to the end of the line.
_WORD = re.compile(r"""\"(?:\\.|[^"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?|#[^\n]*|\w+|[^\w\s]""")
Line = tuple[str, ...]
VARIABLE = "v"
OWN_CELLS = "own_cells"  # in place of a question: all code that a student wrote outside the answers


@dataclass(frozen=True)
class Pair:
    """Two students, and for each question that both answered nearly the same, how much of it is, in percent."""

    one: str
    other: str
    questions: Mapping[str, float] = field(default_factory=dict)

    @property
    def likeness(self) -> float:
        return max(self.questions.values(), default=0.0)


def similar_pairs(
    answers: Mapping[str, Mapping[str, str]], released: str, code: Collection[str], skip: Collection[str] = ()
) -> list[Pair]:
    """The pairs of students whose own work is nearly the same, those with most of it in common first.

    Each question is compared by itself, without comments and layout, without the lines that students were given, and without
    those that more than `FEW` students, or `SHARE` of the class, wrote alike. What is left must be long enough to tell by. Code
    is compared as it stands, and once more with one name for all variables: copies are often renamed. What one wrote as an
    answer is looked for in the other cells of the rest, too: it need not stand in an answer's cell to be used.

    Args:
        answers: student -> question -> what was written, code or words; under `OWN_CELLS` the code outside the answers.
        released: all that students were given.
        code: the questions that are answered in code; the others are in words.
        skip: questions with but one right answer, such as a table.
    """
    common = common_to(len(answers))
    found: dict[tuple[str, str], dict[str, tuple[int, float]]] = {}
    for renamed in (False, True):
        given = set(lines_of(released, renamed))
        for question in sorted({question for of_one in answers.values() for question in of_one}):
            if question in skip or (renamed and question not in code and question != OWN_CELLS):
                continue  # a table with one right answer; an answer in words
            lines = {student: lines_of(of_one.get(question, ""), renamed) for student, of_one in answers.items()}
            own = own_work(lines, given, common)
            for one, other, percent in nearly_the_same(own):
                alike = found.setdefault((one, other), {})
                alike[question] = max(alike.get(question, (0, 0.0)), (min(len(own[one]), len(own[other])), percent))
        for one, other, question, length, percent in _elsewhere(answers, given, common, renamed, set(code) - set(skip)):
            alike = found.setdefault((one, other), {})
            alike[question] = max(alike.get(question, (0, 0.0)), (length, percent))
    much = {pair: sum(length for length, _ in alike.values()) for pair, alike in found.items()}
    pairs = sorted((pair for pair in found if much[pair] >= ENOUGH), key=lambda pair: (-much[pair], pair))
    return [Pair(*pair, {question: percent for question, (_, percent) in found[pair].items()}) for pair in pairs]


def _elsewhere(
    answers: Mapping[str, Mapping[str, str]], given: set[Line], common: float, renamed: bool, judged: Collection[str]
) -> list[tuple[str, str, str, int, float]]:
    """(one, other, question, words, percent) where one's answer stands, line by line, in the other's cells of no question."""
    written = {
        s: {q: lines_of(t, renamed) for q, t in of_one.items() if q in (OWN_CELLS, *judged)} for s, of_one in answers.items()
    }
    holders: dict[Line, set[str]] = {}
    for student, of_one in written.items():
        for line in set(of_one.get(OWN_CELLS, ())) - given:
            holders.setdefault(line, set()).add(student)
    if not holders:
        return []
    writers = Counter(line for of_one in written.values() for line in {line for lines in of_one.values() for line in lines})
    found = []
    for student, of_one in written.items():
        for question in of_one.keys() - {OWN_CELLS}:
            lines = [line for line in of_one[question] if line not in given and writers[line] <= common]
            words, shared = sum(map(len, lines)), Counter[str]()
            for line in lines:
                shared.update(dict.fromkeys(holders.get(line, set()) - {student}, len(line)))
            alike = [(other, n) for other, n in shared.items() if words >= SHORT and 100 * n >= ALIKE * words]
            found += [(*sorted((student, other)), question, n, 100 * n / words) for other, n in alike]
    return found  # type: ignore[return-value]  # two names, sorted


def own_work(lines: Mapping[str, Sequence[Line]], given: set[Line], common: float) -> dict[str, list[str]]:
    """For each student the words of the lines that were not given, and that no more than `common` students wrote."""
    own = {student: [line for line in of_one if line not in given] for student, of_one in lines.items()}
    writers = Counter(line for of_one in own.values() for line in set(of_one))
    return {s: [word for line in of_one if writers[line] <= common for word in line] for s, of_one in own.items()}


def lines_of(text: str, renamed: bool) -> list[Line]:
    """The words, strings and signs of each line, without comments and empty lines. Code need not be right for that.

    Args:
        text: an answer.
        renamed: whether all variables are to have one name.
    """
    lines = (tuple(word for word in _WORD.findall(line) if not word.startswith("#")) for line in text.splitlines())
    return [_renamed(line) if renamed else line for line in lines if line]


def _renamed(line: Line) -> Line:
    """The line with one name for all variables; what is called, an attribute or a keyword keeps its own."""
    around = zip(("", *line), line, (*line[1:], ""), strict=False)
    return tuple(
        VARIABLE if word.isidentifier() and not iskeyword(word) and before != "." and after not in ("(", ".") else word
        for before, word, after in around
    )


def _encoded(words: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Each answer that is long enough as a text with one letter for each different word: quick to compare."""
    letters: dict[str, str] = {}
    return {
        student: "".join(letters.setdefault(word, chr(0x10000 + len(letters) % 0xFFFFF)) for word in of_one)
        for student, of_one in words.items()
        if len(of_one) >= SHORT
    }


def common_to(students: int) -> float:
    """How many of so many students may write a line before it counts as one that anybody would write."""
    return max(FEW, SHARE * students)


def nearly_the_same(words: Mapping[str, Sequence[str]]) -> list[tuple[str, str, float]]:
    """The pairs of students whose words are nearly the same, with how much of them is, in percent."""
    texts = _encoded(words)
    names = sorted(texts)
    if len(names) < 2:
        return []
    row = [texts[name] for name in names]
    table = process.cdist(row, row, scorer=fuzz.ratio, score_cutoff=ALIKE, dtype=np.float32, workers=1)
    return [(names[i], names[j], float(table[i, j])) for i, j in np.argwhere(np.triu(table > 0, k=1))]
