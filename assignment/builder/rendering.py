"""Renders a lesson's Jinja2 without forgetting which of its lines each rendered line came from.

Every line of the template's own text is given an invisible mark with its number before rendering. The marks are
read and taken out afterwards; a line without one, within what an expression gave, belongs to the next with one.
"""

from __future__ import annotations

import importlib
import io
import json
import math
import re
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr
from pathlib import Path
from traceback import extract_tb
from typing import Any

import jinja2

from assignment.builder.checkout import ROOT
from assignment.builder.counted import counted
from assignment.builder.course_config import Course
from assignment.builder.problem import BuildError, Problem, shown
from assignment.builder.runs import all_runs, extremes

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SCALES = ROOT / "benchmarks" / "recipe" / "scales.jsonl"
MARK = re.compile("\ue000(\\d+)\ue001")  # private-use characters, which no lesson holds


class RenderError(Exception):
    """A lesson whose Jinja2 fails.

    Attributes:
        line: 1-based line of the lesson.
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def render(text: str, context: Mapping[str, Any]) -> tuple[list[str], list[int]]:
    """The rendered lines, and for each the 1-based line of `text` it came from.

    Raises:
        RenderError: at the line that fails.
    """
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    try:
        template = environment.from_string(_marked(environment, text))
        rendered = template.render(context)
    except jinja2.TemplateSyntaxError as error:
        raise RenderError(error.lineno or 1, f"Jinja2: {error.message}") from None
    except Exception as error:  # whatever an expression of the lesson raises
        lines = [frame.lineno or 1 for frame in extract_tb(error.__traceback__) if frame.filename == "<template>"]
        told = str(error) if isinstance(error, jinja2.UndefinedError) else f"{type(error).__name__}: {error}"
        raise RenderError(lines[-1] if lines else 1, f"Jinja2: {told}") from error
    return _unmarked(rendered)


def _marked(environment: jinja2.Environment, text: str) -> str:
    """The template with a mark before the end of each line of its data."""
    parts, position = [], 0
    for line, token, value in environment.lex(text):
        # The lexer leaves out the blanks that `{{-` strips: they stay as they are.
        start = text.index(value, position)
        parts.append(text[position:start])
        position = start + len(value)
        if token == "data":
            pieces = value.split("\n")
            value = "".join(f"{piece}\ue000{line + n}\ue001\n" for n, piece in enumerate(pieces[:-1])) + pieces[-1]
        parts.append(value)
    return "".join(parts)


def _unmarked(rendered: str) -> tuple[list[str], list[int]]:
    lines = rendered.split("\n")
    numbers, number = [0] * len(lines), 0
    for index in reversed(range(len(lines))):
        found = MARK.findall(lines[index])
        number = int(found[-1]) if found else number
        numbers[index] = number
    last = max(numbers, default=0)
    return [MARK.sub("", line) for line in lines], [number or last + 1 for number in numbers]


def lesson_context(course: Course, folder: Path) -> dict[str, Any]:
    """What a lesson may name in its Jinja2.

    Args:
        course: gives `points` and `course`: the keys of [course], the other tables by name, and title,
            deadline, total, kit (what pip installs) and colab (by notebook, where Colab opens it).
        folder: of the lesson. Its TOML files are given by name: times.toml as `times`. The tables in its folder `baselines`,
            each the results.json that `python -m solution` wrote about one set of images, are `baselines`, by name. Those in
            its folder `runs` are `runs`, each a `Runs`: what the solved notebook gave with several seeds.

    Returns:
        Besides these: `ai`, the policy about AI assistants; `scales`, the lowest and highest accuracy of each probe over units
        of a random encoder's input; `explain`, how questions about one's own code count, what each is worth and which have one;
        `cfg` and `quick`, the settings of the profiles full and quick, `math`, `ps8.collapse.collapse_plateau`,
        `layer_table(reference, input_shape)`, and of `solution.baselines` `accuracies(tables)` and `label_accuracies(table)`.
    """
    import ps8  # brings torch, which a build without lessons can do without
    from ps8.collapse import collapse_plateau

    from solution.baselines import labels_markdown, markdown

    notebooks = [path.stem for path in sorted(folder.glob("*.md"))]
    facts = {
        **course.tables,
        **course.tables.get("course", {}),
        "title": course.title,
        "deadline": course.deadline,
        "total": course.total,
        "kit": course.kit,
        "colab": {name: course.colab(name) for name in notebooks},
    }
    return {
        **{path.stem: _table(path) for path in sorted(folder.glob("*.toml"))},
        "baselines": {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("baselines/*.json"))},
        "runs": all_runs(folder / "runs"),
        "scales": {probe: extremes(SCALES, probe) for probe in ("plain", "standardised")},
        "course": facts,
        "ai": course.ai,
        "points": course.points,
        "explain": {
            "graded": course.explain_graded,
            "points": course.explain_points,
            "questions": counted(course.points),
        },
        "cfg": ps8.settings("full"),
        "quick": ps8.settings("quick"),
        "layer_table": reference_table,
        "accuracies": markdown,
        "label_accuracies": labels_markdown,
        "math": math,
        "collapse_plateau": collapse_plateau,
    }


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BuildError([Problem(shown(path), 0, f"not readable as TOML: {error}")]) from None


def reference_table(reference: str, input_shape: tuple[int, ...], **arguments: Any) -> str:
    """The layer table of a model of the reference.

    Args:
        reference: such as `solution.autoencoder:Encoder`.
        input_shape: of one input, without the batch.
        **arguments: what the model is made with.
    """
    from ps8.layers import layer_table

    module, _, name = reference.partition(":")
    with redirect_stderr(io.StringIO()):  # what the reference says of this machine is no part of the lesson
        model = getattr(importlib.import_module(module), name)(**arguments)
    return str(layer_table(model, input_shape)).rstrip()
