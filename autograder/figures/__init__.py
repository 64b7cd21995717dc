"""Pictures of wrong answers, drawn by the judge from numbers alone: what came beside what should have come.

They show values on the grader's inputs, as the texts of the verdict do, and nothing of how the right ones are made.
"""

from nbjudge.judge.figure import Figure

from autograder.figures.choose import figure

__all__ = ["Figure", "figure"]
