"""The judge: compares what a student's answers gave with what the reference gives, in the instructor's own process."""
