from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nbjudge.nbgrader_ext.config import AUTOGRADE, configure
from traitlets.config import Config

from .small import Course


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("course")
    Course(root)
    return root


@pytest.fixture
def course(made, tmp_path, monkeypatch) -> Course:
    """A fresh copy of the course: making the gradebook takes seconds."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, tmp_path / "course")
    course = Course.__new__(Course)
    course.root = tmp_path / "course"
    course.config = Config()
    configure(course.config)
    course.config.CourseDirectory.root = str(course.root)
    course.config.CourseDirectory.release_directory = "release"
    course.config.Autograde.autograde_preprocessors = [step for step in AUTOGRADE if "EvidenceExecute" not in step]
    return course
