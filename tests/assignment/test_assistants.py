"""What the course says about AI assistants: to students in the lesson, to Colab in the notebook, to assistants in a file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assignment.builder.assistants import FILE, SWITCH
from assignment.builder.course_config import load_course
from assignment.builder.lesson import load_lessons
from assignment.builder.lesson_notebooks import source_notebooks
from assignment.builder.problem import BuildError
from assignment.builder.publish import Sources, publish

SAYS = {"off": "is to be done without them", "tutor": "may not write for you", "free": "are allowed", "": ""}


@pytest.mark.parametrize("policy", SAYS)
def test_a_policy_is_told_to_all_three(policy, tmp_path):
    course = replace(load_course(), ai=policy)
    for name, notebook in source_notebooks(course, load_lessons(course)).items():
        text = "\n".join(cell.source for cell in notebook.cells)
        told = [words for words in SAYS.values() if words and words in text]
        assert told == ([SAYS[policy]] if policy and name == "ps8" else [])
        assert ("a request, not a wall" in text) == (policy in ("off", "tutor") and name == "ps8")
        assert notebook.metadata["colab"].get(SWITCH) == (True if policy in ("off", "tutor") else None)
    publish(tmp_path, course, {"ps8": '{"cells": [{"source": []}]}'}, [], Sources(tmp_path / "no book"), draft=True)
    file = tmp_path / FILE
    assert file.is_file() == (policy in ("off", "tutor"))
    if file.is_file():
        said = " ".join(file.read_text().split())
        assert "Foundations of Computer Vision" in said and "`YOUR CODE HERE`" in said and "`ps8.hint(" in said
        assert "This is a request of the people who teach the course. Nothing here enforces it." in said
        assert ("no hints" in said) == (policy == "off") and ("Give hints" in said) == (policy == "tutor")


def test_another_policy_is_refused(tiny):
    tiny.change(tiny.toml, "[points]", '[ai]\npolicy = "Tutor"\n\n[points]')
    with pytest.raises(BuildError, match=r'\[ai\] policy is "Tutor", but must be one of off, tutor, free'):
        tiny.course()
