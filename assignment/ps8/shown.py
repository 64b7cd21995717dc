"""Exceptions for a person: a notebook shows the message, and no traceback."""

from __future__ import annotations


class Shown(Exception):
    """An exception that a notebook shows as its message alone."""

    def _render_traceback_(self) -> list[str]:
        """IPython's hook: the lines to show in place of a traceback."""
        return str(self).splitlines()
