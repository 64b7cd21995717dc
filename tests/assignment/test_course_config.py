from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from assignment.builder.checkout import COURSE
from assignment.builder.course_config import load_course
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


WRONG = [
    ('id = "ps8"', "id = 8", "[assignment] id is 8, but must be a text of letters"),
    ("2026-12-11T23:59:00-05:00", '"11 December"', '[assignment] deadline is "11 December", but must be a date'),
    ("2026-12-11T23:59:00-05:00", "2026-12-11T23:59:00", "[assignment] deadline is 2026-12-11T23:59:00, but must be a da"),
    ("double = 10", "double = true", "[points] double is true, but must be a number above 0"),
    ("double = 10", "double = -1", "[points] double is -1, but"),
    ("double = 10", "double = nan", "[points] double is nan, but"),
    ("https://github.com/", "https://example.org/", '[course] url is "https://example.org'),
    ('term = "Fall 2026"', 'term = "Fall 2026"\ntrem = "x"', "[course] trem is not a key of this table: did you mean ter"),
    ('term = "Fall 2026"', 'term = ""', '[course] term is "", but must be a text of one line'),
    ("double = 10", 'double = "10"', '[points] double is "10", but must be a number above 0'),
    ("double = 10", "double = inf", "[points] double is inf, but"),
    ("double = 10", "double = [10]", "[points] double is [10], but"),
    ("double = 10", "double = 10\n'a b' = 5", '[points] "a b" must be a text of letters, digits'),
    ("[course]", "deadline = 1\n[course]", "deadline stands outside of all tables: put it under [assignment]"),
    ("[course]", "[Course]", "[Course] is not a table of this file: did you mean [course]?"),
    ("[points]", "[point]", "[point] is not a table of this file: did you mean [points]?"),
    ('term = "Fall 2026"', 'trem = "x"', '[course] trem is not a key of this table: did you mean term? Example: term = "'),
]  # fmt: skip
ADDED = [
    ('bonus = ["chorus"]', "[assignment] bonus names chorus, which has no points: add"),
    ('bonus = ["singn"]', "[assignment] bonus names singn, which has no points: did you mean sign?"),
    ('bonus = ["sign", 7]', "[assignment] bonus, item 2, is 7, but must be a text of letters, digits"),
    ('bonus = "sign"', '[assignment] bonus is "sign", but must be a list of questions'),
    ('[grading]\nunjailed = "no"', '[grading] unjailed is "no", but must be true or false, without quotes'),
    ("[grading]\nunjailed = 0", "[grading] unjailed is 0, but must be true or false"),
    ("[grading]\nunjail = true", "[grading] unjail is not a key of this table: did you mean unjailed?"),
    ("[grading]\nreadable = '/opt'", '[grading] readable is "/opt", but must be a list of paths'),
    ("[grading.limts]\ncpu_seconds = 9", "[grading.limts] is not a table of this table: did you mean [grading.limits]"),
    ("[grading.limits]\ncpu_secnds = 9", "[grading.limits] cpu_secnds is not a key of this table: did you mean cpu_"),
    ("[grading.limits]\ncpu_seconds = 9.5", "[grading.limits] cpu_seconds is 9.5, but must be a whole number ab"),
    ("[grading]\nlimits = 5", "[grading.limits] is 5, but must be a table"),
    ("[late]\npenalty = 5", "[late] is not a table of this file: it may hold [course], [assignment]"),
    ("[publish]\ncomon = []", "[publish] comon is not a key of this table: did you mean common?"),
    ("[publish]\ncommon = ['a', '']", '[publish] common, item 2, is "", but must be a text of one line'),
    ("[feedback]\nlevel = 'all'", '[feedback] level is "all", but must be one of auto, reason, full'),
    ("x = 1", "[assignment] x is not a key of this table: it may hold id, title, deadline, bonus"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), [*WRONG, *(("[points]", f"{lines}\n[points]", said) for lines, said in ADDED)])
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


def test_what_is_not_said_has_its_default(tiny):
    assert tiny.course().feedback_level == "auto"
    tiny.change(tiny.toml, "[points]", '[feedback]\nlevel = "full"\n[grading]\ndata = ""\nwarm = false\n[points]')
    assert tiny.course().feedback_level == "full" and tiny.course().tables["grading"] == {"data": "", "warm": False}


def test_faults_of_all_tables_are_said_at_once(tiny):
    tiny.change(
        tiny.toml, "[points]", '[late]\n[grading]\nunjail = true\nwarm = "yes"\n[grading.limits]\nprocesses = -1\n[points]'
    )
    tiny.change(tiny.toml, "double = 10", "double = 0")
    messages = refusal(tiny.toml)
    assert [message.removeprefix(f"{tiny.toml}: ").split(" is ")[0] for message in messages] == [
        "[late]", "[grading] unjail", "[points] double", "[grading] warm", "[grading.limits] processes"
    ]  # fmt: skip
