from __future__ import annotations

import re
from itertools import chain

import pytest
import yaml
from packaging.requirements import Requirement

from assignment.builder.checkout import ENVIRONMENT, NBJUDGE_PYPROJECT, PYPROJECT
from assignment.builder.conda_environment import environment_text, load_pyproject
from assignment.builder.problem import BuildError

PROJECT = {
    "project": {
        "name": "ps8",
        "requires-python": ">=3.10",
        "dependencies": ["torch>=2.1", "numpy"],
        "optional-dependencies": {
            "course": ["nbjudge[cluster]", "jupyter-book<2,>=1.0", "tomli>=2.0; python_version < '3.11'", "dask[array]>=1"],
            "dev": ["playwright>=1.40", "numpy"],
        },
    }
}

GRADERS = {"project": {"name": "nbjudge", "dependencies": ["nbgrader>=0.9"]}}


def test_dependencies_are_in_condas_words():
    found = yaml.safe_load(environment_text(PROJECT, GRADERS))
    assert found["name"] == "ps8"
    assert found["channels"] == ["conda-forge"]
    *conda, pip = found["dependencies"]
    assert conda == ["python >=3.10", "pip", "jupyter-book >=1.0,<2", "nbgrader >=0.9", "numpy", "pytorch >=2.1", "tomli >=2.0"]
    assert pip == {"pip": ["dask[array]>=1", "playwright>=1.40", "-e ./nbjudge", "-e ."]}


def test_the_committed_file_is_what_pyproject_says_now():
    assert ENVIRONMENT.read_text() == environment_text(load_pyproject(), load_pyproject(NBJUDGE_PYPROJECT))


def test_the_real_file_names_every_dependency_once():
    both = [load_pyproject(path)["project"] for path in (PYPROJECT, NBJUDGE_PYPROJECT)]
    listed = [text for one in both for text in (*one["dependencies"], *chain(*one["optional-dependencies"].values()))]
    names = {Requirement(text).name for text in listed} - {"nbjudge"}
    *conda, pip = yaml.safe_load(environment_text(load_pyproject(), load_pyproject(NBJUDGE_PYPROJECT)))["dependencies"]
    found = [re.split(r"[ <>=\[]", line)[0] for line in [*conda, *pip["pip"]]]
    known = [{"pytorch": "torch"}.get(name, name) for name in found if name not in ("python", "pip", "-e")]
    assert sorted(known) == sorted(names)


@pytest.mark.parametrize("text", ["", "[project", "[tool]\n"])
def test_a_pyproject_without_a_project_is_said(tmp_path, text):
    path = tmp_path / "pyproject.toml"
    path.write_text(text)
    with pytest.raises(BuildError, match=r"pyproject\.toml: "):
        load_pyproject(path)


def test_a_malformed_dependency_is_named():
    with pytest.raises(BuildError, match="dependency 'torch=2'"):
        environment_text({"project": {**PROJECT["project"], "dependencies": ["torch=2"]}}, GRADERS)
