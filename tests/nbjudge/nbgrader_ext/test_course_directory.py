"""A student's id means that student, whatever nbgrader makes of it."""

from __future__ import annotations

import glob

import pytest
from nbgrader.coursedir import CourseDirectory
from nbjudge.nbgrader_ext.course_directory import only


@pytest.mark.parametrize("name", ["ada", "ada ", " ada", "student07", "=2+3", "*", "a?a", "[a]da", "a*", "\n", "  ada", "[!a]"])
def test_a_name_matches_itself_only(tmp_path, name):
    for other in {name, "ada", "student07", "a", "add", "aba"}:
        (tmp_path / other).mkdir()
    pattern = CourseDirectory(student_id=only(name)).student_id  # nbgrader strips what it is given
    assert [path.rsplit("/", 1)[1] for path in glob.glob(f"{tmp_path}/{pattern}")] == [name]


def test_an_ordinary_name_stays_as_it_is():
    assert only("student07") == "student07"
