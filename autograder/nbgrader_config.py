"""nbgrader reads this file when it is run in this folder."""

from nbjudge.nbgrader_ext.config import configure

configure(get_config())  # type: ignore[name-defined]  # noqa: F821
