"""The catalogue of known wrong answers: each a small change to the reference, with its name and its explanation."""
