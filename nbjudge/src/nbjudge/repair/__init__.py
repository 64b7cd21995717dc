"""Repair before judging: a submission, whatever state its files are in, rebuilt on the instructor's source.

`intake` finds the files that were meant, `read` reads a notebook, `rebuild` takes the answers out of it.
"""
