"""What is graded in these tests is PS8, unless a test says otherwise."""

from __future__ import annotations

from nbjudge.assignment import register

from autograder.definition import PS8

register(PS8)
