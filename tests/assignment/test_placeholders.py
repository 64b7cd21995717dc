"""What a course must set before its public tree is written: named with file and line, all at once."""

from __future__ import annotations

import pytest

from assignment.builder import __main__ as commands
from assignment.builder.course_config import load_course
from assignment.builder.placeholders import SHIPPED, placeholders

OWN = {
    "VISION 442": "CS 442",
    "https://github.com/example-university/ps8": "https://github.com/northfield-vision/ps8",
    "https://example-university.github.io/ps8/": "https://northfield-vision.github.io/ps8/",
}


@pytest.fixture
def filled(tiny):
    """A course that has set what is its own."""
    for shipped, own in OWN.items():
        tiny.change(tiny.toml, shipped, own)
    return tiny


def found(tiny) -> list[str]:
    return [str(problem) for problem in placeholders(load_course(tiny.toml).tables, tiny.toml)]


def test_what_the_repository_comes_with_is_named_with_line_and_use(tiny, at):
    lines = found(tiny)
    assert [line.split(": ")[0] for line in lines] == [f"{tiny.toml}:{at(tiny.toml, shipped)}" for shipped in OWN]
    assert lines[0].endswith('[course] short is "VISION 442", a placeholder that this repository comes with. '
                             "Set it to the course's number or short name.")  # fmt: skip
    assert all(any(shipped in line for shipped in SHIPPED) for line in lines)


def test_a_course_that_is_filled_in_has_none(filled):
    assert found(filled) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("book", "https://example.org/ps8/"),
        ("book", "https://www.example.com/"),
        ("book", "http://localhost/book"),
        ("book", "http://127.0.0.1:8000/"),
        ("book", "https://ps8.invalid/"),
        ("url", "https://github.com/example/ps8"),
        ("url", "https://github.com/your-org/ps8"),
        ("url", "https://github.com/my-university/ps8"),
        ("name", "TODO"),
        ("name", "Your Course"),
        ("name", "<name of the course>"),
        ("name", "Example University"),
        ("short", "XXX 442"),
        ("short", "CHANGE ME"),
        ("term", "TBA"),
        ("term", "{{ term }}"),
        ("title", "Placeholder"),
    ],
)
def test_blanks_and_addresses_of_nobody_are_placeholders(filled, key, value):
    toml = filled.toml.read_text().split("\n")
    line = next(number for number, text in enumerate(toml) if text.startswith(f"{key} ="))
    filled.toml.write_text("\n".join([*toml[:line], f'  {key}="{value}"  # not yet', *toml[line + 1 :]]))
    (told,) = found(filled)
    assert told.startswith(f"{filled.toml}:{line + 1}: [") and f'{key} is "{value}", a placeholder' in told


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title", "Learning by example"),
        ("title", "All of my names for you"),
        ("name", "Todo lo que se ve"),
        ("short", "EXAM 442"),
        ("url", "https://github.com/vision/ps8-examples"),
        ("url", "https://github.com/counterexamples/ps8"),
        ("book", "https://vision.example-driven.edu/ps8/".replace("example-driven", "exampledriven")),
        ("book", "https://people.testing.edu/ps8"),
    ],
)
def test_what_only_looks_like_one_is_taken(filled, key, value):
    toml = filled.toml.read_text().split("\n")
    filled.toml.write_text("\n".join(f'{key} = "{value}"' if line.startswith(f"{key} =") else line for line in toml))
    assert found(filled) == []


def test_publish_refuses_all_of_them_before_anything_is_built_and_says_what_to_do(tiny, monkeypatch, capsys):
    monkeypatch.setattr(commands, "load_course", tiny.course)
    monkeypatch.setattr(commands.Build, "lessons", property(lambda build: pytest.fail("read the lessons")))
    out = tiny.root / "public"
    assert commands.main(["publish", "--out", str(out)]) == 1
    said = capsys.readouterr().err
    assert said.count("a placeholder") == 3 and "Nothing was published." in said and "DRAFT=1" in said
    assert not out.exists()
