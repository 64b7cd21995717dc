from __future__ import annotations

import base64
import csv
import hashlib
import html
import re
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbjudge.grade.failures import Failures
from nbjudge.grade.student_names import shown_student
from nbjudge.judge.verdict import CriterionResult, Status, Verdict
from nbjudge.nbgrader_ext.execute import CUDA_REMARK
from nbjudge.reports.attention import counts, likenesses, looks
from nbjudge.reports.class_report import class_report, mistake_rows, write_class_report
from nbjudge.reports.details import Details, read_details
from nbjudge.reports.items import ALIKE, FEW, REST_ALIKE, correlation, items
from nbjudge.reports.plots import distribution, histogram, quality
from nbjudge.reports.score_table import safe, table_text, write_csv
from nbjudge.reports.scores import StudentScores, with_ungraded
from nbjudge.reports.similar import OWN_CELLS, Pair, lines_of, similar_pairs

from autograder.course_notebooks import released
from autograder.definition import PS8, at
from autograder.paths import SOLUTION
from autograder.provenance.devices import OnCpu, sentence
from autograder.questions import QUESTIONS, READERS
from trials.misconceptions.rewriting import written_by_hand

from ..course import SHEET
from ..harmless import dangers


def row(student: str, share: float = 1.0, late: float = 0.0, **scores: float | None) -> StudentScores:
    return StudentScores(student, {**{q: share * p for q, p in SHEET.points.items()}, **scores}, late)


def test_total_counts_what_is_graded_less_the_penalty() -> None:
    assert row("ada").total == sum(SHEET.points.values())
    assert row("ada", report_numbers=None).total == sum(SHEET.points.values()) - SHEET.points["report_numbers"]
    assert row("ada", late=5).total == sum(SHEET.points.values()) - 5
    assert row("ada", share=0, late=5).total == 0
    assert row("ada", report_numbers=None).waiting == ("report_numbers",)


def test_table_shows_who_waits_for_a_human() -> None:
    lines = table_text([row("ada", report_numbers=None), row("student02", share=0)], SHEET).splitlines()
    assert lines[4].split()[0] == "ada"
    assert "-" in lines[4].split()
    assert lines[5].split()[-1] == "0"


def test_the_table_is_no_wider_than_it_must_be() -> None:
    """Two lines of names; every column still has its whole name."""
    above, below, *_ = table_text([row("ada")], SHEET).splitlines()
    assert len(below) < 160 and above.split().count("report") == 6
    assert below.split()[1:3] == ["encoder", "decoder"] and "comparisons" in below.split() and "ae" not in below.split()


def test_who_could_not_be_graded_has_a_row_all_the_same() -> None:
    rows = with_ungraded([row("ada"), row("student03")], ["student03", "student02", "ada"], SHEET)
    assert [r.student for r in rows] == ["ada", "student02", "student03"]
    assert rows[1].waiting == tuple(SHEET.points)
    assert rows[1].total == 0
    (look,) = looks(rows, [], [], SHEET)
    assert look.student == "student02" and look.reasons[0][0] == "not graded"


FORMULAS = [
    "=1+1",
    "+x",
    "-x",
    "@x",
    "\tx",
    "\r=1",
    "\n",
    " =1",
    "\uff1d1+1",
    "\uff0bx",
    "\uff0dx",
    "\uff20x",
    "\u22121",
    "\ufe62x",
]
FORMULAS += ["\x1b=1", "\u200b=1", "\ufeff@x", "\xa0+x", "\u3000\uff1d1"]


@pytest.mark.parametrize("name", FORMULAS)
def test_no_name_becomes_a_formula(name: str, tmp_path: Path) -> None:
    assert safe(name) == "'" + name
    write_csv([row(name)], tmp_path / "grades.csv", SHEET)
    with (tmp_path / "grades.csv").open(newline="", encoding="utf-8") as file:
        told = next(csv.DictReader(file))["student"]
    assert told == safe(shown_student(name)) and told.isprintable()
    assert told[0] in "'\\"  # a quote, or a backslash in place of what cannot be seen


@pytest.mark.parametrize("name", ["ada", "M\xfcller, J\xf6rg", "\u5c71\u7530", "a=b", "a-b", "o'neil", "7"])
def test_a_name_that_is_none_stays_as_it_is(name: str) -> None:
    assert safe(name) == name


ODD = [
    "caf\udce9",
    "line\nend",
    "esc\x1b[31m",
    "x" * 255,
    "x" * 254 + "y",
    "e\u0301",
    "\xe9",
    "[a]",
    " ada",
    "\u202eada",
    "\u5c71\u7530",
]


def test_every_name_has_a_row_everywhere(tmp_path: Path) -> None:
    rows = with_ungraded([row("ada")], [*ODD, "ada"], SHEET)
    lines = table_text(rows, SHEET).splitlines()
    assert len(lines) == len(ODD) + 1 + 4 and all(line.isprintable() for line in lines)
    assert len({line[: line.index("  ")] for line in lines[4:]}) == len(ODD) + 1
    write_csv(rows, tmp_path / "grades.csv", SHEET)
    with (tmp_path / "grades.csv").open(newline="", encoding="utf-8") as file:
        assert [line["student"] for line in csv.DictReader(file)] == [safe(shown_student(r.student)) for r in rows]
    write_class_report(rows, tmp_path / "report.html", at(tmp_path), SHEET)
    page = html.unescape((tmp_path / "report.html").read_text("utf-8"))
    assert all(f"<td>{shown_student(name)}</td>" in page for name in ODD)


def test_a_page_is_linked_whatever_its_folder_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "feedback" / "caf\udce9 #1" / "ps8"
    folder.mkdir(parents=True)
    (folder / "ps8.html").touch()
    assert 'href="feedback/caf%E9%20%231/ps8/ps8.html"' in class_report([row("caf\udce9 #1")], at(tmp_path), SHEET)


def test_why_the_last_grading_failed_is_said(tmp_path: Path) -> None:
    failures = Failures(at(tmp_path).graded)
    for student in ("eve", "mallory"):
        failures.keep(student, "OSError: why it is", OSError("why it is"))
    failures.drop("mallory")
    page = class_report(
        [row("eve"), row("mallory"), StudentScores("ada", dict.fromkeys(SHEET.points), problem="Damaged so.")],
        at(tmp_path),
        SHEET,
    )
    assert page.count("why it is") == 1 and "what stands here is of an earlier one" in page and "Damaged so." in page


DAMAGES = [
    "",
    "{",
    "[" * 100_000,
    "null",
    '{"cells": 7, "metadata": {}}',
    '{"metadata": {"nbjudge": {"remarks": 5}}, "cells": []}',
]
DAMAGES += ['{"metadata": {"nbjudge": {"verdicts": {"encoder": {"status": {}, "mistakes": [], "lines": []}}}}, "cells": []}']


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_notebook_is_said_and_stops_nobody(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "autograded" / "eve" / "ps8" / "ps8.ipynb"
    graded_notebook(path.with_name("nce.ipynb"), verdicts={}, remarks=["of the other one"])
    path.write_text(damage)
    page = class_report([row("eve"), row("ada")], at(tmp_path), SHEET)
    assert "autograded/eve/ps8/ps8.ipynb cannot be read" in page and "of the other one" in page and "<td>ada</td>" in page


def test_difficulty_and_discrimination() -> None:
    rows = [row(f"student{i:02}", share=i / 4) for i in range(5)]
    figures = {item.id: item for item in items(rows, [], SHEET)}
    assert figures["encoder"].difficulty == pytest.approx(0.5)
    assert figures["encoder"].discrimination == pytest.approx(1.0)
    against = [row(f"student{i:02}", share=i / 4, encoder=10 - 2.5 * i) for i in range(5)]
    assert {item.id: item for item in items(against, [], SHEET)}["encoder"].discrimination == pytest.approx(-1.0)
    assert correlation([1, 1, 1], [1, 2, 3]) == (None, ALIKE) and correlation([1, 2, 3], [1, 1, 1]) == (None, REST_ALIKE)
    assert correlation([1, 2], [1, 2]) == (None, FEW)


def test_discrimination_leaves_out_the_question_itself_and_the_penalty() -> None:
    """A question that goes its own way has no correlation with the rest, though it is a part of the total."""
    shares = [(0, 0), (0, 1), (1, 0), (1, 1)]  # of the rest, of the encoder
    rows = [row(f"student{i:02}", share=a, encoder=10 * b, late=50.0 * b) for i, (a, b) in enumerate(shares)]
    assert {item.id: item for item in items(rows, [], SHEET)}["encoder"].discrimination == 0.0


def test_what_is_not_graded_for_everyone_is_left_out_of_the_rest() -> None:
    rows = [row(f"student{i:02}", share=i / 4, report_numbers=[None, 2.0, 0.0, None, 1.0][i]) for i in range(5)]
    figures = {item.id: item for item in items(rows, [], SHEET)}
    assert figures["encoder"].discrimination == pytest.approx(1.0)
    assert figures["report_numbers"].graded == 3


def test_a_submission_without_grades_is_in_no_figure() -> None:
    rows = [row("ada"), row("student02", share=0.5), StudentScores("student03", dict.fromkeys(SHEET.points))]
    assert {item.difficulty for item in items(rows, [], SHEET)} == {0.75}


def test_statuses_are_counted() -> None:
    details = [
        Details("ada", status={"encoder": "right"}),
        Details("student02", status={"encoder": "wrong"}, unnamed=["encoder"]),
        Details("student03", status={"encoder": "wrong"}, mistakes=["encoder.padding"]),
    ]
    item = next(item for item in items([], details, SHEET) if item.id == "encoder")
    assert item.statuses == {"right": 1, "wrong": 2} and item.unnamed == 1 and item.difficulty is None
    assert [(m.name, m.count) for m in mistake_rows(details, PS8)] == [("the padding is left at 0", 1)]


def test_histogram_holds_everyone_once() -> None:
    bars = histogram([0, 4.9, 5, 55, 100, 110, -1], 100)
    assert sum(bars) == 7
    assert (bars[0], bars[1], bars[11], bars[-1]) == (3, 1, 1, 2)


def test_plots_are_well_formed_and_say_what_they_show() -> None:
    rows = [row(f"student{i:02}", share=i / 4) for i in range(5)]
    for plot in (distribution([row.total for row in rows], 100, 55.0, 55.0), quality(items(rows, [], SHEET))):
        told = ElementTree.fromstring(plot).attrib["aria-label"]
        assert "5 students" in told or "1.1 Encoder 50 %, 1.00" in told
    assert quality([]) == "" and "0 students" in distribution([], 100, 0.0, 0.0)


GIVEN = "\n".join(f"given_line({i})  # of the stub" for i in range(40))


def work(seed: int, lines: int = 12) -> str:
    return "\n".join(f"value{seed}_{i} = step{seed}(value{seed}_{i - 1}, {i * seed})" for i in range(lines))


def pairs_of(answers: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (pair.one, pair.other)
        for pair in similar_pairs({s: {"encoder": text} for s, text in answers.items()}, GIVEN, QUESTIONS, READERS)
    ]


def test_copies_are_found_in_spite_of_comments_layout_and_a_changed_line() -> None:
    copied = work(2).replace(" = ", "=").replace("value2_3", "another") + "\n# all my own work\n\n"
    assert pairs_of({"ada": f"{GIVEN}\n{work(2)}", "student02": copied, "student03": work(3)}) == [("ada", "student02")]


@pytest.mark.parametrize("renamed", [False, True])
def test_a_copy_in_an_own_cell_is_found(renamed: bool) -> None:
    """An answer may be used from any cell: the answer's own cell holds the stub."""
    copied = re.sub(r"value2_(\d+)", r"mine\1", work(2)) if renamed else work(2)
    answers = {
        "ada": {"encoder": f"{GIVEN}\n{work(2)}"},
        "eve": {"encoder": GIVEN, OWN_CELLS: f"print(1)\n{copied}"},
        "student03": {"encoder": f"{GIVEN}\n{work(3)}", OWN_CELLS: work(5)},
    }
    (pair,) = similar_pairs(answers, GIVEN, QUESTIONS, READERS)
    assert (pair.one, pair.other) == ("ada", "eve") and pair.questions["encoder"] > 90


def test_what_many_wrote_is_no_reason_to_look_in_an_own_cell_either() -> None:
    answers = {f"student{i:02}": {"encoder": work(1)} for i in range(10)}
    assert similar_pairs({**answers, "eve": {"encoder": GIVEN, OWN_CELLS: work(1)}}, GIVEN, QUESTIONS, READERS) == []


def test_own_cells_are_compared_with_own_cells() -> None:
    answers = {s: {"encoder": GIVEN, OWN_CELLS: work(n)} for s, n in (("ada", 2), ("eve", 2), ("student03", 3))}
    (pair,) = similar_pairs(answers, GIVEN, QUESTIONS, READERS)
    assert (pair.one, pair.other, list(pair.questions)) == ("ada", "eve", [OWN_CELLS])


def test_stubs_and_short_answers_do_not_count() -> None:
    assert pairs_of({"ada": GIVEN, "student02": GIVEN}) == []
    assert pairs_of({"ada": work(2, 2), "student02": work(2, 2)}) == []


def test_what_several_wrote_alike_does_not_count() -> None:
    """A right answer that many give is no reason to look; what two have besides is."""
    alike = {f"student{i:02}": work(1) for i in range(10)}
    assert pairs_of(alike) == []
    assert pairs_of({**alike, "ada": f"{work(1)}\n{work(7)}", "eve": f"{work(1)}\n{work(7)}"}) == [("ada", "eve")]


def test_renamed_variables_hide_nothing() -> None:
    renamed = re.sub(r"value2_(\d+)", r"mine\1", work(2))
    assert pairs_of({"ada": work(2), "eve": renamed, "student03": work(3)}) == [("ada", "eve")]


@pytest.mark.parametrize("question", QUESTIONS)
def test_right_answers_written_differently_are_not_taken_for_copies(question: str) -> None:
    answers = {answer.id: {question: answer.text} for answer in written_by_hand(question)}
    assert len(answers) > 5
    assert similar_pairs(answers, released(), QUESTIONS, READERS) == []


def test_a_table_with_one_right_answer_is_no_copy() -> None:
    table = (SOLUTION / "comparisons.py").read_text()
    assert (
        similar_pairs({student: {"report_differences": table} for student in ("ada", "student02")}, "", QUESTIONS, READERS)
        == []
    )


def test_reports_are_compared_by_their_words() -> None:
    text = "I was surprised that a random encoder sees colours so well, because nothing in it was ever trained. " * 4
    answers = {
        "ada": {"report_numbers": text},
        "student02": {"report_numbers": text.replace("surprised", "amazed")},
        "student03": {"report_numbers": "Fine."},
    }
    (pair,) = similar_pairs(answers, "", QUESTIONS, READERS)
    assert (pair.one, pair.other) == ("ada", "student02") and pair.questions["report_numbers"] > 90
    told = likenesses([pair], SHEET)
    assert told["ada"][0].startswith("Nearly the same as student02: Report numbers (9")


def test_code_that_is_none_and_many_words_do_not_stop_it() -> None:
    odd = "def (:\n  'never closed\n\x00\ud800 " + " ".join(f"w{i}" for i in range(3000))
    assert pairs_of({"ada": odd, "eve": odd}) == [("ada", "eve")]


def test_reasons_to_look_by_urgency() -> None:
    details = [
        Details("ada", repairs=["a cell was restored"]),
        Details(
            "eve", reasons={"encoder": "the kernel died here", "decoder": "the kernel died here"}, remarks=["cell 7: stopped"]
        ),
        Details("student02", unreadable=True, repairs=["This is not a notebook."], reasons={"encoder": "nothing"}),
        Details("student03"),
    ]
    rows = [row("ada"), StudentScores("student04", dict.fromkeys(SHEET.points))]
    found = {look.student: look for look in looks(rows, details, [Pair("ada", "eve", {"report_numbers": 99.0})], SHEET)}
    assert list(found) == ["student04", "student02", "eve", "ada"]
    assert found["student02"].reasons == [("unreadable", "This is not a notebook.")]
    assert found["eve"].reasons[0] == ("stopped", "1.1 Encoder, 1.2 Decoder could not be run: the kernel died here")
    assert ("odd run", "cell 7: stopped") in found["eve"].reasons
    assert [kind for kind, _ in found["ada"].reasons] == ["alike", "repaired"]
    assert counts(list(found.values())) == {
        "not graded": 1,
        "unreadable": 1,
        "stopped": 1,
        "odd run": 1,
        "alike": 2,
        "repaired": 1,
    }
    (mended,) = looks([], [Details("ada", repairs=["a cell was restored"])], [], SHEET)
    assert not mended.urgent


def test_who_lost_most_points_comes_first_whatever_cost_them() -> None:
    statuses = dict.fromkeys(QUESTIONS, "right")
    details = [
        Details("a", status=statuses, remarks=["cell 7: a time-out"]),
        Details("b", status={**statuses, "encoder": "could not run"}, reasons={"encoder": "it stopped"}),
        Details("c", status={**statuses, "encoder": "not started", "cmc_score": "not started"}, repairs=["cut"], lost=["cut"]),
        Details("d", status=dict.fromkeys(QUESTIONS, "not started")),
        Details("e", status=dict.fromkeys(QUESTIONS, "wrong")),
        Details("f", status={**statuses, "encoder": "wrong"}),
    ]
    rows = [
        row("a"),
        row("b", encoder=0.0),
        row("c", encoder=0.0, cmc_score=0.0),
        row("d", share=0.0, report_numbers=None),
        row("e", share=0.0, report_numbers=2.0),
        row("f", encoder=0.0),
    ]
    found = looks(rows, details, [], SHEET)
    assert [look.student for look in found] == ["d", "c", "b", "a"]
    assert [look.lost for look in found] == [98, 30, 10, 0]
    assert found[0].reasons[0][0] == "nothing" and "not started" in found[0].reasons[0][1]
    assert found[1].reasons == [("lost", "cut")] and found[1].urgent


def test_no_point_at_all_is_always_listed() -> None:
    for status in ("wrong", "not started", "could not run"):
        (look,) = looks(
            [row("ada", share=0.0, report_numbers=None)], [Details("ada", status=dict.fromkeys(QUESTIONS, status))], [], SHEET
        )
        assert look.urgent and look.lost == 98 and status in look.reasons[0][1]


def test_the_page_says_how_many_points_were_lost(tmp_path: Path) -> None:
    path = tmp_path / "autograded" / "eve" / "ps8" / "ps8.ipynb"
    graded_notebook(path, repairs=["No ps8.ipynb was found."], lost=["No ps8.ipynb was found."], remarks=[], unreadable=True)
    page = class_report([row("eve", share=0.0)], at(tmp_path), SHEET)
    assert "No ps8.ipynb was found." in page and re.search(r"<tr><td>eve</td><td>100</td>", page)


def graded_notebook(path: Path, **told: object) -> None:
    """A graded notebook with an answer that claims, in every place it can reach, to be right."""
    forged = {"question": "encoder", "status": "right", "mistakes": []}
    answer = new_code_cell("work()", metadata={"nbjudge": {"verdicts": {"encoder": forged}}})
    answer.outputs = [new_output("display_data", data={"text/plain": "x"}, metadata={"nbjudge": forged})]
    answer.metadata["nbgrader"] = {"grade": False, "solution": True, "grade_id": "encoder-answer"}
    test = new_code_cell("", metadata={"nbgrader": {"grade": True, "solution": False, "grade_id": "encoder"}})
    path.parent.mkdir(parents=True)
    nbformat.write(new_notebook(cells=[answer, test], metadata={"nbjudge": told}), path)


def test_details_are_the_graders_own(tmp_path: Path) -> None:
    verdict = Verdict("encoder", 10, 0, Status.COULD_NOT_RUN, (CriterionResult("layers", 10, 0, "stopped after 30 seconds"),))
    path = tmp_path / "autograded" / "eve" / "ps8" / "ps8.ipynb"
    on_gpu = sentence("2.2", 4, [OnCpu(3, "torch.zeros", "Expected all tensors", "x.device")])
    remarks = ["repaired", CUDA_REMARK, on_gpu, "cell 3: the kernel died here"]
    graded_notebook(path, verdicts={"encoder": verdict.as_dict()}, repairs=["repaired"], remarks=remarks, unreadable=False)
    details = read_details("eve", at(tmp_path))
    assert details.status == {"encoder": "could not run"}
    assert details.reasons == {"encoder": "stopped after 30 seconds"}
    assert (details.repairs, details.remarks) == (["repaired"], ["cell 3: the kernel died here"])
    assert details.answers == {"encoder": "work()"}
    path.write_text("{")
    assert "cannot be read" in read_details("eve", at(tmp_path)).remarks[0]


def test_the_page_escapes_what_students_named_and_stands_alone(tmp_path: Path) -> None:
    name = "<script>alert(1)</script>"
    folder = tmp_path / "autograded" / "eve" / "ps8"
    graded_notebook(folder / "ps8.ipynb", repairs=[], remarks=[f"{name} `<img src=x onerror=alert(1)>`"])
    (tmp_path / "feedback" / "eve" / "ps8").mkdir(parents=True)
    (tmp_path / "feedback" / "eve" / "ps8" / "ps8.html").touch()
    page = class_report([row(name), row("eve", report_numbers=None)], at(tmp_path), SHEET)
    assert dangers(page) == ["<script>"]  # the one that sorts
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{allowed}'" in page and "default-src 'none'" in page
    assert "&lt;script&gt;" in page and 'href="feedback/eve/ps8/ps8.html"' in page
    assert "prefers-color-scheme: dark" in page


def test_a_large_class_is_a_page_of_a_fair_size(tmp_path: Path) -> None:
    rows = [row(f"student{i:03}", share=(i % 11) / 10) for i in range(400)]
    assert len(class_report(rows, at(tmp_path), SHEET).encode()) < 400_000


def test_an_error_in_the_answers_own_cell_is_the_reason(tmp_path: Path) -> None:
    verdict = Verdict("encoder", 10, 0, Status.COULD_NOT_RUN, (CriterionResult("layers", 10, 0, "KeyError: 'Encoder'"),))
    path = tmp_path / "autograded" / "ada" / "ps8" / "ps8.ipynb"
    graded_notebook(path, verdicts={"encoder": verdict.as_dict()})
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].outputs = [new_output("error", ename="SyntaxError", evalue="invalid syntax", traceback=[])]
    nbformat.write(notebook, path)
    assert read_details("ada", at(tmp_path)).reasons == {"encoder": "its cell stopped with `SyntaxError: invalid syntax`"}


@pytest.mark.parametrize(("score", "shade"), [(None, ""), (10.0, ""), (9.9, "s3"), (5.0, "s2"), (0.0, "s0"), (12.0, "")])
def test_lost_points_are_to_be_seen_in_the_table(score: float | None, shade: str, tmp_path: Path) -> None:
    page = class_report([row("ada", encoder=score)], at(tmp_path), SHEET)
    cell = re.search(r'<td><b>[^<]*</b></td><td class="(\w*)"', page)
    assert cell and cell[1] == shade


def test_quotes_in_a_string_without_end_are_soon_read() -> None:
    """Minutes, if time went by the square of their number."""
    assert lines_of('"' + '\\"' * 64_000, False)


def test_a_string_without_end_is_a_word_of_the_line() -> None:
    assert list(lines_of("x = 'open\ny = 'closed' + \"two\"", False)) == [
        ("x", "=", "'open"),
        ("y", "=", "'closed'", "+", '"two"'),
    ]
