"""Builds what students, instructors and readers open, from the lesson, the reference and course.toml.

    python -m assignment.builder all            the notebooks, their release, environment.yml
    python -m assignment.builder all --check    the same, only compared with what is there

One module a step: `course_config` (facts) and `inline` (definitions of the reference) feed `lesson` (cells), which
`lint` judges and `lesson_notebooks` makes into notebooks; `release`, `book_notebooks` and `publish` make what goes out.
"""
