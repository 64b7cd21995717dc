"""The page on publishing: what it tells to type, to set and to look at is there."""

from __future__ import annotations

import re

import pytest

from assignment.builder.checkout import ROOT
from assignment.builder.schema import KEYS

PAGE = (ROOT / "book" / "publish.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def test_its_commands_are_targets():
    named = {word for line in re.findall(r"make ([a-z -]+)", PAGE) for word in line.split() if not line.startswith("an ")}
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert {"notebooks", "book", "publish", "test-matrix"} <= named & targets


@pytest.mark.parametrize("key", re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
def test_its_keys_are_the_courses(key):
    assert key in [known.name for known in KEYS if known.table == "course"]


def test_the_files_that_it_names_are_there():
    named = [path for path in re.findall(r"`([\w./-]+/[\w.]+\.\w+)`", PAGE) if not path.startswith(".github/")]
    assert named and all((ROOT / path).is_file() for path in named)
