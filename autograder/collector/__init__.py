"""The part of the grader that runs in the student's kernel. It holds no answer, and nothing here decides a score."""
