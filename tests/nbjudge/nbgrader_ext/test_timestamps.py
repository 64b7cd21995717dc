"""A submission's `timestamp.txt` is believed if it can be, and never stops the grading."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from nbjudge.nbgrader_ext.config import configure
from nbjudge.nbgrader_ext.timestamps import EARLIEST, NAME, read_timestamp, write_timestamp
from traitlets.config import Config

from autograder import grading_config

NOW = datetime.now(timezone.utc).replace(tzinfo=None)
DEADLINE = grading_config.course().deadline.astimezone(timezone.utc).replace(tzinfo=None)


@pytest.fixture
def coursedir() -> CourseDirectory:
    """As nbgrader's own commands make it, after reading our configuration."""
    config = Config()
    configure(config)
    return CourseDirectory(config=config)


def test_no_file_is_no_fault(tmp_path, coursedir):
    assert read_timestamp(tmp_path) == (None, "")
    assert coursedir.get_existing_timestamp(str(tmp_path)) is None


def test_a_time_with_a_zone_becomes_utc(tmp_path, coursedir):
    when = (min(NOW, DEADLINE) - timedelta(hours=1)).replace(microsecond=0)
    (tmp_path / NAME).write_text(f"{when + timedelta(hours=2):%Y-%m-%d %H:%M:%S} +0200\n")
    assert read_timestamp(tmp_path) == (when, "")
    assert coursedir.get_existing_timestamp(str(tmp_path)) == when


def test_what_is_written_is_read_back(tmp_path):
    when = min(NOW, DEADLINE) - timedelta(days=1)
    write_timestamp(tmp_path, when)
    assert read_timestamp(tmp_path) == (when, "")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"tomorrow",
        b"\xff\xfe tomorrow, 25:61 \x00",
        b"99999-13-45 99:99:99.9 XYZ+99:99",
        b"2026-11-01 10:00:00 99999999999999999999",
        b"9" * 5000,
        b"2026-11-01 10:00:00 UTC" + b" " * 500,
    ],
)
def test_what_is_no_time_is_no_time(tmp_path, coursedir, content):
    (tmp_path / NAME).write_bytes(content)
    assert read_timestamp(tmp_path) == (None, f"{NAME} holds no time: it is not known when this was handed in.")
    assert coursedir.get_existing_timestamp(str(tmp_path)) is None


@pytest.mark.parametrize("when", [DEADLINE - EARLIEST - timedelta(minutes=1), NOW + timedelta(days=2), datetime(1, 1, 1)])
def test_a_time_that_cannot_be_is_not_believed(tmp_path, when):
    submission = tmp_path / "ps8"  # whose deadline it is, its folder says
    submission.mkdir()
    (submission / NAME).write_text(f"{when.year:04}-{when:%m-%d %H:%M:%S} UTC")
    time, problem = read_timestamp(submission)
    assert time is None and "which cannot be" in problem


def test_links_and_pipes_are_neither_followed_nor_waited_for(tmp_path: Path, coursedir):
    for name in ("link", "pipe"):
        (tmp_path / name).mkdir()
    (tmp_path / "link" / NAME).symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe" / NAME)
    for name, word in (("link", "a link"), ("pipe", "a pipe")):
        time, problem = read_timestamp(tmp_path / name)
        assert time is None and word in problem
        assert coursedir.get_existing_timestamp(str(tmp_path / name)) is None
