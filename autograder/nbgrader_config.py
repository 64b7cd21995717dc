"""nbgrader reads this file when it is run in this folder."""

from nbjudge import guarded

with guarded():  # nbgrader goes on without a file that raises: student code would run with your rights
    from autograder.definition import PS8
    from nbjudge import configure

    configure(get_config(), PS8)  # type: ignore[name-defined]  # noqa: F821
