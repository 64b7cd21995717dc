"""A grader for nbgrader courses: student code runs in a jail, and the verdict is made outside it."""
