"""Gathering evidence: a submission's notebook is run in a kernel of its own, and every answer is probed there."""

from nbjudge.gather.gathered import Gathered
from nbjudge.gather.notebook_run import gather

__all__ = ["Gathered", "gather"]
