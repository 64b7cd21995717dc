"""Counted questions about one's own code: what a change would do, which the grader runs on the reference.

Who is asked what follows from the name of the submission, the text of the questions is public (`ps8.explain.graded`), and what
comes is worked out here, outside the student's process. A right answer does what the reference does, under every one of these
changes (a test tries them all on every right answer that we know), so its key is the reference's; points go to right answers.
"""
