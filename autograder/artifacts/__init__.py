"""What a submission holds besides its notebook: the numbers in `results.json`, and the weights that must give them.

The numbers are read with bounds, the weights are unpacked in a jail of their own, and the accuracies are measured again here,
on the instructor's test images, with the reference's networks. No point depends on it: it tells the hand-grader of the report,
and the student, where the report and the weights disagree.
"""

from autograder.artifacts.artifact_files import Files, take
from autograder.artifacts.examination import examine
from autograder.artifacts.findings import AccuracyFinding, Findings

__all__ = ["AccuracyFinding", "Files", "Findings", "examine", "take"]
