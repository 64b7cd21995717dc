"""The same texts through every door by which a student's text reaches somebody's page, table or terminal."""

from __future__ import annotations

import csv
import html
import re
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.server_extensions.formgrader import handlers
from nbjudge.gather.evidence_file import parse_evidence
from nbjudge.gather.outputs import clean_outputs
from nbjudge.ground.foreign_names import shown, shown_file
from nbjudge.ground.markdown import showable
from nbjudge.judge.verdict import CriterionResult, Status, Verdict
from nbjudge.nbgrader_ext.config import configure
from nbjudge.nbgrader_ext.verdict_outputs import as_html, notes_cell, verdict_text
from nbjudge.pages import safe
from nbjudge.repair.intake import intake
from nbjudge.reports import score_table
from nbjudge.reports.class_report import class_report
from nbjudge.reports.scores import StudentScores
from ps8.probes import Evidence
from ps8.probes.evidence import describe
from traitlets.config import Config

from autograder.collector.inkernel import write
from autograder.definition import PS8, at

from .course import SHEET
from .ground.foreign import CHANGED, KEPT, NEVER, OUTPUTS

TEXTS = {**{name: (text, text) for name, text in KEPT.items()}, **CHANGED}
PLAIN = {name: pair for name, pair in TEXTS.items() if name != "markup"}  # in Markdown that is formatting


def told(page: str) -> str:
    """What a page says, without its tags."""
    assert not NEVER & set(page)
    body = re.sub(r"<(style|script|title)\b.*?</\1>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", "", body))


@pytest.fixture(scope="module")
def formgrader():
    """Renders a notebook as nbgrader's formgrader does."""
    config = Config()
    configure(config)
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    exporter = HTMLExporter(config=config)
    names = dict.fromkeys(["assignment_id", "notebook_id", "submission_id", "student", "last_name", "first_name"], "x")
    resources = {**names, "base_url": "", "notebook_path": "", "index": 0, "total": 1}

    def render(*cells: nbformat.NotebookNode) -> str:
        stored = nbformat.reads(nbformat.writes(new_notebook(cells=list(cells))), as_version=4)
        return str(exporter.from_notebook_node(stored, resources=dict(resources))[0])

    return render


@pytest.mark.parametrize("name", OUTPUTS)
def test_what_a_cell_printed(formgrader, name: str) -> None:
    text, seen = OUTPUTS[name]
    parts = [new_output("stream", text=part) for part in (text[:3], text[3:])]  # as they come
    outputs = clean_outputs(parts)
    assert [output.text for output in outputs] == [seen]
    assert seen.strip("\n") in told(formgrader(new_code_cell("1", outputs=outputs)))
    assert seen.strip("\n") in told(safe.safe_output(outputs[0]))


@pytest.mark.parametrize("name", OUTPUTS)
def test_what_a_cell_showed_or_raised(formgrader, name: str) -> None:
    text, seen = OUTPUTS[name]
    value = new_output("display_data", data={"text/plain": text})
    error = new_output("error", ename="E", evalue=text, traceback=text.split("\n"))
    for output in clean_outputs([value, error]):
        assert seen.strip("\n") in told(formgrader(new_code_cell("1", outputs=[output])))
        assert seen.strip("\n") in told(safe.safe_output(output))


@pytest.mark.parametrize("name", OUTPUTS)
def test_what_an_exception_says(formgrader, tmp_path: Path, name: str) -> None:
    text, seen = OUTPUTS[name]
    if name == "a lone surrogate":
        pytest.skip("the collector writes UTF-8")
    write(Evidence(errors={"call": describe(ValueError("said: " + text))}), str(tmp_path / "e"))
    reason = parse_evidence((tmp_path / "e").read_bytes()).errors["call"]
    if name in TEXTS:
        assert seen.removeprefix("\ufeff") in reason or "\ufeff" in text
    verdict = Verdict("encoder", 10, 0, Status.COULD_NOT_RUN, (CriterionResult("runs", 10, 0, reason),))
    assert reason in verdict_text(verdict) and not NEVER & set(verdict_text(verdict))
    assert reason in told(as_html(verdict))
    assert reason.replace("`", "") in told(safe.with_code(reason))


@pytest.mark.parametrize("name", OUTPUTS)
def test_what_a_file_is_called(formgrader, tmp_path: Path, name: str) -> None:
    text = OUTPUTS[name][0].replace("/", "").replace("\0", "")[:40]
    try:
        (tmp_path / f"{text}.ipynb").write_bytes(b"{}")
    except (UnicodeEncodeError, OSError):
        pytest.skip("the file system has no such name")
    remarks = intake(tmp_path, ("ps8",)).remarks
    said = " ".join(remarks)
    assert said == f"{shown_file(f'{text}.ipynb')} was taken for ps8.ipynb."
    assert not NEVER & set(said) and "\n" not in said
    page = told(formgrader(notes_cell([], remarks, PS8)))
    for word in re.findall(r"\w{3,}", said):
        assert word in page


@pytest.mark.parametrize("name", [*OUTPUTS, "no UTF-8"])
def test_what_a_student_is_called(tmp_path: Path, name: str) -> None:
    student = OUTPUTS[name][0][:80] if name in OUTPUTS else "caf\udce9"
    row = StudentScores(student, dict(SHEET.points.items()), 0.0)
    assert score_table.table_text([row], SHEET).split("\n")[4].startswith(shown(student, score_table.LONGEST))
    assert len(score_table.table_text([row], SHEET).split("\n")) == 5
    score_table.write_csv([row], tmp_path / "grades.csv", SHEET)
    with (tmp_path / "grades.csv").open(newline="", encoding="utf-8") as file:
        (read,) = csv.DictReader(file)
    assert read["student"].removeprefix("'") in (student, shown(student, longest=0)) and not NEVER & set(read["student"])
    page = class_report([row, StudentScores("ada", dict.fromkeys(SHEET.points), 0.0)], at(tmp_path), SHEET)
    assert shown(student, longest=0) in told(page)
    page.encode("utf-8")


@pytest.mark.parametrize("name", PLAIN)
def test_what_a_student_wrote(formgrader, name: str) -> None:
    text, seen = PLAIN[name]
    stored = showable(f"I say: {text}", {})
    for page in (formgrader(new_markdown_cell(stored)), safe.markdown(stored)):
        assert f"I say: {seen}" in told(page) or name == "a byte order mark at the beginning"
    if name != "a byte order mark at the beginning":
        assert f"I say: {seen}" in told(safe.code(f"# I say: {text}")) or "\n" in seen


@pytest.mark.parametrize("name", PLAIN)
def test_what_a_grader_comments(name: str) -> None:
    text, seen = PLAIN[name]
    assert f"Well: {seen}" in told(safe.markdown(f"Well: {text}")) or name == "a byte order mark at the beginning"


@pytest.mark.parametrize(
    "text",
    ["![x](https://a.example/b.png)", "<img src='//a.example/b.png'>", "[![x](https://a.example/b.png)](https://a.example)"],
)
def test_no_page_loads_what_a_student_names(formgrader, text: str) -> None:
    stored = showable(text, {})
    for page in (formgrader(new_markdown_cell(stored)), safe.markdown(stored), safe.markdown(text)):
        sources = re.findall(r"<(?:img|source|iframe|embed|object)\b[^>]*\b(?:src|srcset|data)=[\"']?([^\"'\s>]*)", page)
        assert not [source for source in sources if "a.example" in source]
        assert "a.example/b.png" in told(page)
