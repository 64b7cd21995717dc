"""What a student sees of a training that runs: one output of the cell, written anew in its place, or a bar in a terminal."""

from __future__ import annotations

from .live import View, in_a_front_end, new_view, running
from .reconstructions import Reconstructions, first_images

__all__ = ["Reconstructions", "View", "first_images", "in_a_front_end", "new_view", "running"]
