"""Choices that somebody makes in the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping

_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


def flag(name: str, environment: Mapping[str, str] | None = None) -> bool:
    """Whether an environment variable says yes. One that is not there says no.

    Args:
        name: of the variable.
        environment: of the process, if none is given.

    Raises:
        ValueError: if it says neither.
    """
    told = (os.environ if environment is None else environment).get(name, "")
    if told.strip().lower() in _YES:
        return True
    if told.strip().lower() in _NO:
        return False
    raise ValueError(f"the environment variable {name} is {told!r}, but must be 1 for yes or 0 for no. Example: {name}=1")
