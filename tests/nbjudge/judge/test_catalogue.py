"""A catalogue says what a known mistake is, or which entry of which file lacks what."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbjudge.judge.catalogue import Edit, Misconception, read_catalogue
from nbjudge.judge.severity import Severity

ONE = '''
[no_shift]
name = "the shift is forgotten"
explanation = """It goes
  through zero."""
severity = "other numbers"
module = "line"
old = " + 5"
new = ""
'''
TWO = """
[both]
name = "both"
explanation = "Both of them."
severity = ["not general", "cannot run here"]
module = "line"
hints = ["steep", "other.cause"]
unseen = "only for long inputs"
edits = [{old = "a", new = "b"}, {module = "parts", old = "c", new = "d"}]

[again]
name = "again"
explanation = "Again."
severity = "style"
edits = [{module = "parts", old = "c", new = "e"}]
"""


def written(folder: Path, name: str, text: str) -> tuple[str, Path]:
    path = folder / name / "mistakes.toml"
    path.parent.mkdir()
    path.write_text(text)
    return name, path


def test_entries_become_misconceptions_in_the_order_of_the_files(tmp_path: Path) -> None:
    files = [written(tmp_path, "slopes", TWO), written(tmp_path, "line", ONE)]
    both, again, no_shift = read_catalogue(files, {"line": 10, "slopes": 4})
    assert no_shift == Misconception(
        id="line.no_shift",
        question="line",
        name="the shift is forgotten",
        explanation="It goes through zero.",
        points=10,
        severities=(Severity.OTHER_NUMBERS,),
        edits=(Edit("line", " + 5", ""),),
        hints=("line.no_shift",),
    )
    assert both.edits == (Edit("line", "a", "b"), Edit("parts", "c", "d"))
    assert both.hints == ("slopes.both", "slopes.steep", "other.cause")
    assert both.unseen == "only for long inputs" and not no_shift.unseen
    assert both.severities == (Severity.NOT_GENERAL, Severity.CANNOT_RUN)
    assert (no_shift.costs, both.costs, again.costs) == (2, 3.2, 0)


@pytest.mark.parametrize("lacks", ["name", "explanation", "severity", "module", "old", "new"])
def test_an_entry_that_lacks_something_is_named_with_its_file(lacks: str, tmp_path: Path) -> None:
    lines = ONE.replace('"""It goes\n  through zero."""', '"It goes through zero."').splitlines()
    text = "\n".join(line for line in lines if not line.startswith(lacks))
    with pytest.raises(ValueError, match=rf"^line/mistakes\.toml: \[no_shift\] lacks '{lacks}'$"):
        read_catalogue([written(tmp_path, "line", text)], {"line": 1})


def test_a_severity_that_the_table_does_not_know_is_named_beside_those_that_it_does(tmp_path: Path) -> None:
    text = ONE.replace("other numbers", "terrible")
    with pytest.raises(ValueError, match=r"^line/mistakes\.toml: \[no_shift\] has the severity 'terrible': choose of style, "):
        read_catalogue([written(tmp_path, "line", text)], {"line": 1})
