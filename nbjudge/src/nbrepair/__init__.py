"""A submission as a grader runs it: the answers put into the instructor's notebook, and which of its cells are run.

`rebuild` does the first, `slicing` the second. Nothing is run here, and nothing but nbformat is needed, so that a student's dry
run can do exactly what the grader does: nbjudge stands on this package, and PS8's kit brings it along.
"""
