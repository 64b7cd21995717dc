"""Every hostile submission, graded once, in one class with two honest students."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from nbjudge.jail import reasons_unavailable

from trials.attacks import Attack, catalogue
from trials.attacks.battle import Battle, battle


def chosen() -> tuple[Attack, ...]:
    """All attacks, or those named in PS8_ATTACKS by id or family, for work on a few."""
    wanted = os.environ.get("PS8_ATTACKS", "").split(",")
    return tuple(a for a in catalogue() if wanted == [""] or a.id in wanted or str(a.family) in wanted)


@pytest.fixture(scope="session")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Battle]:
    """The battle of all attacks, when it is over."""
    if reasons_unavailable():
        pytest.skip("; ".join(reasons_unavailable()))
    with battle(tmp_path_factory.mktemp("attacks"), chosen()) as result:
        yield result
