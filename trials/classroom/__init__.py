"""A class of invented students, each with a known right score: to try the grader on, and to test it with."""
