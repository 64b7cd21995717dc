from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from assignment.builder.course import load_course
from assignment.builder.paths import COURSE
from assignment.builder.problem import BuildError

KEYS = ["id", "name", "short", "term", "url", "book"]


def refusal(path: Path) -> list[str]:
    with pytest.raises(BuildError) as caught:
        load_course(path)
    return str(caught.value).split("\n")


def test_the_real_course_has_a_hundred_points_and_a_bonus():
    course = load_course(COURSE)
    assert course.total == 100
    assert [course.points[question] for question in course.bonus] == [10]


def test_addresses_derive_from_the_repository(tiny):
    course = tiny.course()
    assert course.kit == "git+https://github.com/example-university/ps8@main"
    github = "https://colab.research.google.com/github/example-university/ps8/blob/main"
    assert course.colab("nce") == f"{github}/assignment/release/ps8/nce.ipynb"


def test_values_have_their_types(tiny):
    course = tiny.course()
    assert course.deadline.utcoffset() == timedelta(hours=-5)
    assert course.points == {"double": 10, "sign": 2.5, "report": 5}
    assert (course.bonus, course.limits, course.common) == ((), {}, ())


def test_bonus_is_on_top_of_the_total(tiny):
    tiny.change(tiny.toml, "[points]", 'bonus = ["sign"]\n[points]')
    assert tiny.course().total == 15


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_key_is_named_with_its_use_and_an_example(tiny, key):
    lines = tiny.toml.read_text().split("\n")
    first = next(line for line in lines if line.startswith(f"{key} ="))
    tiny.toml.write_text("\n".join(line for line in lines if line is not first))
    (message,) = refusal(tiny.toml)
    assert message.startswith(f"{tiny.toml}: [course] {key} is missing: ")
    assert f"Example: {key} = " in message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "ps8"', "id = 8", "[assignment] id is 8, but must be a text of letters"),
        ("2026-12-11T23:59:00-05:00", '"11 December"', "[assignment] deadline is '11 December', but must be a date"),
        ("2026-12-11T23:59:00-05:00", "2026-12-11T23:59:00", "[assignment] deadline is datetime"),
        ("double = 10", "double = true", "[points] is {'double': True"),
        ("double = 10", "double = -1", "[points] is {'double': -1"),
        ("double = 10", "double = nan", "[points] is {'double': nan"),
        ("https://github.com/", "https://example.org/", "[course] url is 'https://example.org"),
        ("[points]", 'bonus = ["singing"]\n[points]', "[assignment] bonus names 'singing', which has no points"),
        ('term = "Fall 2026"', 'term = "Fall 2026"\ntrem = "x"', "[course] trem is not a key of this table: did you mean ter"),
        ('term = "Fall 2026"', 'term = ""', "[course] term is ''"),
        ("[points]", "[grading.limits]\nseconds = 'x'\n[points]", "[grading.limits] is {'seconds': 'x'}"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_what_it_must_be(tiny, old, new, said):
    tiny.change(tiny.toml, old, new)
    (message,) = refusal(tiny.toml)
    assert message.startswith(f"{tiny.toml}: {said}")


def test_everything_wrong_is_said_at_once(tiny):
    tiny.toml.write_text('[course]\nid = "a b"\n')
    messages = refusal(tiny.toml)
    assert len(messages) == 10
    assert sum("is missing" in message for message in messages) == 9


def test_a_missing_and_a_broken_file_are_said(tmp_path):
    path = tmp_path / "course.toml"
    assert "not there" in refusal(path)[0]
    path.write_text("[course")
    assert "not readable as TOML" in refusal(path)[0]
    path.write_bytes(b"\xff\xfe")
    assert "not readable as TOML" in refusal(path)[0]


def test_limits_are_optional_numbers(tiny):
    tiny.change(tiny.toml, "[points]", "[grading.limits]\nseconds_per_cell = 60\n[points]")
    assert tiny.course().limits == {"seconds_per_cell": 60}
