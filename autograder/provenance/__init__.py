"""Where answers came from and what they were tried in: remarks for student and instructor, never points."""

from autograder.provenance.report import remarks

__all__ = ["remarks"]
