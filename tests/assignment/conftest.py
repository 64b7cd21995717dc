"""A tiny course: one reference module, one lesson, every kind of cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assignment.builder.course_config import Course, load_course
from assignment.builder.lesson import load_lessons
from assignment.builder.lesson_cells import Lesson

COURSE = """\
[course]
id = "vision"
name = "Foundations of Computer Vision"
short = "VISION 442"
term = "Fall 2026"
url = "https://github.com/example-university/ps8"
branch = "main"
book = "https://example-university.github.io/ps8/"

[assignment]
id = "ps8"
title = "Learning without labels"
deadline = 2026-12-11T23:59:00-05:00

[points]
double = 10
sign = 2.5
report = 5
"""

ANSWERS = '''\
"""The reference of a tiny course."""

from __future__ import annotations

import functools

from answers.common import factor

LIMIT = 3


# Twice the number.
@functools.cache
def double(x: int) -> int:
    """Doubles."""
    # One line.
    ### BEGIN SOLUTION
    doubled_number = factor * x  # the answer
    return doubled_number
    ### END SOLUTION


class Half:
    def __call__(self, x: float) -> float:
        return x / factor


# True or False for each sign.
### BEGIN SOLUTION
positive = {
    "plus": True,  # above zero
    "minus": False,
}
### END SOLUTION
'''

LESSON = """\
# Numbers

For {{ course.name }}, {{ points["double"] }} points.

```python id="setup"
import functools

factor = 2
```

## 1 Doubling · {{ points["double"] }} points

{% if points["double"] > 5 %}
Many points.
{% endif %}

```python exercise="double" from="answers.part:double"
```

```python check="double"
Small and large numbers.
```

```python given="answers.part:Half"
```

## 2 Signs

```python exercise="sign" part="table" from="answers.part:positive"
```

```python check="sign"
# Both signs.
```

```python id="notes" free tags=["scratch"]
double(3)
```

## Report

<!-- #region {"written": "report"} -->
What did you see?

### BEGIN SOLUTION
The numbers became larger.
### END SOLUTION
<!-- #endregion -->

The end.
"""


class TinyCourse:
    """The files of a tiny course, to be changed by a test before they are read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "lesson"
        self.toml = root / "course.toml"
        self.lesson = self.folder / "ps8.md"
        self.answers = root / "answers" / "part.py"
        for path, text in ((self.toml, COURSE), (self.lesson, LESSON), (self.answers, ANSWERS)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def change(self, path: Path, old: str, new: str) -> int:
        """Puts `new` in the place of `old`, which must be there once; returns its 1-based line."""
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
        path.write_text(text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def course(self) -> Course:
        return load_course(self.toml)

    def lessons(self) -> list[Lesson]:
        return load_lessons(self.course(), self.folder, self.root)


@pytest.fixture
def tiny(tmp_path: Path) -> TinyCourse:
    return TinyCourse(tmp_path)


@pytest.fixture
def at() -> Callable[[Path, str], int]:
    """The 1-based line of a file on which a text begins."""

    def line(path: Path, text: str) -> int:
        found = path.read_text()
        return found[: found.index(text)].count("\n") + 1

    return line
