"""environment.yml for conda, from the lists of dependencies: pyproject.toml's, and that of the grader beside it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from assignment.builder.checkout import PYPROJECT
from assignment.builder.problem import BuildError, Problem, shown

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# Where conda-forge has another name than PyPI.
CONDA_NAMES = {"torch": "pytorch"}
# What conda-forge lacks, or has under a name that means something else there.
PIP_ONLY = {"axe-playwright-python", "playwright"}


def load_pyproject(path: Path = PYPROJECT) -> dict[str, Any]:
    """pyproject.toml as a dictionary.

    Raises:
        BuildError: if it is missing, not TOML, or has no [project].
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BuildError([Problem(shown(path), 0, f"not readable as TOML: {error}")]) from None
    if not isinstance(tables.get("project"), dict):
        raise BuildError([Problem(shown(path), 0, "has no [project], which names the package and its dependencies")])
    return tables


def environment_text(pyproject: Mapping[str, Any], grader: Mapping[str, Any]) -> str:
    """The text of environment.yml: python, then all dependencies and extras by name, then what only pip has.

    Args:
        pyproject: the tables of pyproject.toml.
        grader: those of the grader's.

    Raises:
        BuildError: on a dependency that is not written as packaging expects.
    """
    project = pyproject["project"]
    listed = [*_listed(project), *_listed(grader["project"])]
    wanted = [r for text in listed if (r := _requirement(text)).name != grader["project"]["name"]]
    conda = sorted({_conda(r) for r in wanted if not _by_pip(r)})
    pip = sorted({str(r) for r in wanted if _by_pip(r)})
    lines = [
        "# Generated from pyproject.toml by: python -m assignment.builder environment",
        f"name: {project['name']}",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        f"  - python {project['requires-python'].replace(' ', '')}",
        "  - pip",
        *(f"  - {line}" for line in conda),
        "  - pip:",
        *(f"      - {line}" for line in pip),
        "      - -e ./nbjudge",
        "      - -e .",
    ]
    return "\n".join(lines) + "\n"


def _listed(project: Mapping[str, Any]) -> list[str]:
    """A project's dependencies and those of all its extras."""
    return [*project.get("dependencies", ()), *chain(*project.get("optional-dependencies", {}).values())]


def _requirement(text: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        raise BuildError([Problem(shown(PYPROJECT), 0, f"dependency {text!r}: {error}")]) from None


def _by_pip(requirement: Requirement) -> bool:
    return requirement.name in PIP_ONLY or bool(requirement.extras)  # conda has no extras


def _conda(requirement: Requirement) -> str:
    """A requirement in conda's words. It has no markers: what some Pythons need is installed for all."""
    name = re.sub(r"[._]+", "-", requirement.name).lower()
    return _specified(CONDA_NAMES.get(name, name), requirement)


def _specified(name: str, requirement: Requirement) -> str:
    # Sorted by what they say, so that the lower bound comes first: > before < before !=.
    bounds = sorted(str(bound) for bound in requirement.specifier)
    return f"{name} {','.join(reversed(bounds))}".strip()
