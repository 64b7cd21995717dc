"""The judge: compares what a student's answers gave with what the reference gives, in the instructor's own process."""

from autograder.judge.judge import Judge
from autograder.judge.verdict import Line, Status, Verdict

__all__ = ["Judge", "Line", "Status", "Verdict"]
