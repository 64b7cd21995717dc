"""Trainings that go on where they were cut short.

At the end of each epoch all that the training loop holds is written to a file: not a list of things that somebody thought of
(model, optimizer, memory bank), but everything that the loop's variables lead to, and the random generators. A later session
that runs the same code on the same data with the same settings goes on from there, to the same numbers as without the break.
Where that cannot be promised, since the code or a setting has changed, or a variable cannot be written to a file, it is said,
and the training starts at the beginning.

Example:
    with ps8.resume("ae", results):
        model, losses = train_ae(Autoencoder(), loader)  # its epochs are counted by `ps8.progress`
"""

from __future__ import annotations

from .training import Training, TrainingProgress, current, last, resume, run_name

__all__ = ["Training", "TrainingProgress", "current", "last", "resume", "run_name"]
