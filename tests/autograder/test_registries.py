from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.paths import COURSE
from autograder.registries import JUDGED, compared, problems

CELLS = [(question, True) for question in next(iter(JUDGED.values()))] + [("report", False)]
POINTS = {question: 10.0 for question, _ in CELLS}


def test_this_course_can_be_graded() -> None:
    assert problems() == []


def test_a_test_that_no_judge_knows_is_an_ordinary_one() -> None:
    assert compared({**POINTS, "compression": 5}, [*CELLS, ("compression", True)], JUDGED) == []


@pytest.mark.parametrize("place", JUDGED)
def test_what_one_place_lacks_is_said(place: str) -> None:
    lacking = {**JUDGED, place: tuple(name for name in JUDGED[place] if name != "cmc_score")}
    (told,) = compared(POINTS, CELLS, lacking)
    assert told.startswith("question cmc_score is in the test cells of source") and told.endswith(f"but not in {place}")


def test_a_question_without_points_or_cell_is_said_once() -> None:
    without = {name: points for name, points in POINTS.items() if name != "nce"}
    assert compared(without, CELLS, JUDGED) == [
        "question nce is in the graded cells of source, but not in [points] of course.toml"
    ]
    (told,) = compared(POINTS, [cell for cell in CELLS if cell[0] != "report"], JUDGED)
    assert told == "question report is in [points] of course.toml, but not in the graded cells of source"


def test_a_judged_question_that_is_graded_by_hand_is_said() -> None:
    (told,) = compared(POINTS, [(name, test and name != "nce") for name, test in CELLS], JUDGED)
    assert told.startswith("question nce is in the judge") and told.endswith("but not in the test cells of source")


def test_the_notebooks_are_read(tmp_path: Path) -> None:
    source = tmp_path / "source" / "ps8"
    source.mkdir(parents=True)
    for path in (COURSE / "source" / "ps8").glob("*.ipynb"):
        notebook = json.loads(path.read_text())
        notebook["cells"] = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") != "train_ae"]
        (source / path.name).write_text(json.dumps(notebook))
    (told,) = problems(tmp_path)
    assert told == "question train_ae is in [points] of course.toml, but not in the graded cells of source"
