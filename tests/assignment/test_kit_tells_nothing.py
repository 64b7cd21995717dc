"""The kit as it is in this checkout: it can be published."""

from __future__ import annotations

from assignment.builder.__main__ import Build
from assignment.builder.checkout import KIT
from assignment.builder.leaks import find_leaks
from assignment.builder.publish import secrets_of


def test_no_line_of_the_kit_tells_an_answer() -> None:
    build = Build()
    files = {str(path.relative_to(KIT)): path.read_bytes() for path in KIT.rglob("*") if path.suffix in (".py", ".toml")}
    assert len(files) > 50
    assert find_leaks(files, secrets_of(build.course, build.lessons, build.notebooks)) == []
