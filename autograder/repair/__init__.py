"""Repair before judging: a hand-in, whatever state its file is in, rebuilt on the instructor's source."""

from autograder.repair.intake import HandIn, intake
from autograder.repair.plan import Plan, make_plan
from autograder.repair.read import Read, read_notebook
from autograder.repair.rebuild import Repaired, rebuild

__all__ = ["HandIn", "Plan", "Read", "Repaired", "intake", "make_plan", "read_notebook", "rebuild"]
