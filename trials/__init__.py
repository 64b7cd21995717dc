"""What tries the grader and is not it: an invented class, attacks, broken files, known mistakes and mutants, the demo."""
