"""nbgrader reads this file when it is run in this folder."""

from nbjudge.nbgrader_ext.config import configure

from autograder.definition import PS8

configure(get_config(), PS8)  # type: ignore[name-defined]  # noqa: F821
