"""What a student finds where the reference has a solution. nbgrader's configuration takes it from here."""

from __future__ import annotations

STUB = "# YOUR CODE HERE\nraise NotImplementedError"
TEXT_STUB = "YOUR ANSWER HERE"
