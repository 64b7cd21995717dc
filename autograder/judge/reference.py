"""The reference answers as a notebook's globals, right or with a known mistake put in."""

from __future__ import annotations

import ast
import functools
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ps8
import torch
from nbjudge.evidence import Evidence
from nbjudge.judge.catalogue import Edit
from nbrepair.syntax import syntax_tree
from ps8.probes import Namespace, probe
from ps8.runtime import PROFILE_VARIABLE, one_thread

from assignment.builder.regions import BEGIN as REGION
from autograder.paths import SOLUTION

_GIVEN = re.compile(r"solution\b|ps8$")  # imports whose names the namespace has already
# The modules of the reference that hold answers.
MODULES = tuple(path.stem for path in sorted(SOLUTION.glob("*.py")) if REGION in path.read_text(encoding="utf-8"))


class BadEdit(ValueError):
    """An edit whose text does not stand exactly once where it should."""


@functools.cache
def solution_source(module: str) -> str:
    return (SOLUTION / f"{module}.py").read_text()


def edited(module: str, edits: tuple[Edit, ...]) -> str:
    """A reference module's text after the edits that concern it.

    Raises:
        BadEdit: if an edit's old text stands there more or less than once.
    """
    text = solution_source(module)
    for edit in edits:
        if edit.module == module:
            if text.count(edit.old) != 1:
                raise BadEdit(f"solution/{module}.py holds {text.count(edit.old)} times, not once: {edit.old!r}")
            text = text.replace(edit.old, edit.new)
    return text


@functools.lru_cache(maxsize=256)
def _compiled(module: str, text: str) -> Any:
    tree = syntax_tree(text)
    tree.body = [n for n in tree.body if not (isinstance(n, ast.ImportFrom) and _GIVEN.match(n.module or ""))]
    return compile(tree, f"<reference {module}>", "exec")


def namespace(*edits: Edit) -> Namespace:
    """The reference's definitions as one namespace, on the CPU, with the settings that a graded notebook sees."""
    names: Namespace = {
        "__name__": "reference",
        "device": torch.device("cpu"),
        "cfg": ps8.settings("grade"),
        "visualize_recon": lambda *args, **kwargs: None,
    }
    for module in MODULES:
        exec(_compiled(module, edited(module, edits)), names)
    return names


@contextmanager
def grading() -> Iterator[None]:
    """For a while, the profile that a graded notebook runs under: no progress bars, no pictures."""
    before = os.environ.get(PROFILE_VARIABLE)
    os.environ[PROFILE_VARIABLE] = "grade"
    try:
        yield
    finally:
        if before is None:
            del os.environ[PROFILE_VARIABLE]
        else:
            os.environ[PROFILE_VARIABLE] = before


@functools.lru_cache(maxsize=256)
def evidence(question: str, seed: int, edits: tuple[Edit, ...] = ()) -> Evidence:
    """What the reference gives on a question's inputs after the edits, remembered. Not to be changed by who gets it."""
    return fresh_evidence(question, seed, edits)


def fresh_evidence(question: str, seed: int, edits: tuple[Edit, ...] = ()) -> Evidence:
    """What the reference gives after the edits, run now.

    Raises:
        BadEdit: if an edit does not fit the text that the others left.
        SyntaxError: if what comes out is no Python.
    """
    answers = namespace(*edits)
    with one_thread(), torch.random.fork_rng(devices=[]), warnings.catch_warnings(), grading():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        return probed(question, answers, seed)


def probed(question: str, answers: Namespace, seed: int) -> Evidence:
    """What a question's probe records of answers in this process, as the judge takes it."""
    found = probe(question, answers, seed)
    return Evidence(found.arrays, found.errors)
