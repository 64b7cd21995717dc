"""Submissions come from each platform's download to where nbgrader looks; what is not taken is said, and nothing is lost."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

import pytest
from nbjudge.command import main
from nbjudge.nbgrader_ext.timestamps import read_timestamp
from nbjudge.repair.intake import intake

from .downloads import NOTEBOOK, download, new_course, packed, submitted


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return new_course(tmp_path)


def collect(course: Path, *arguments: str | Path, status: int = 0) -> None:
    assert main(["collect", "--course", str(course), *map(str, arguments)]) == status


CANVAS = {
    "lovelaceada_11_901_ps1-1.ipynb": NOTEBOOK,
    "lovelaceada_11_902_results-1.json": "{}",
    "hoppergracebrewster_LATE_12_903_hand_in_12_34_final.zip": packed({"ps1.ipynb": NOTEBOOK, "a/model.safetensors": "w"}),
    "turingalan_13_text.html": "<p>I could not upload.</p>",
    "ångströmoneilzoë_LATE_14_904_ps1.ipynb": NOTEBOOK,
    "projectgroup3_15_905_ps1.ipynb": NOTEBOOK,
    "nobodyhere_777_906_ps1.ipynb": NOTEBOOK,
    "anon_Ab3xY_907_ps1.ipynb": NOTEBOOK,
    "read me.txt": "hello",
    "__MACOSX/._lovelaceada_11_901_ps1-1.ipynb": "junk",
}


def test_a_canvas_download_is_said_and_then_taken(course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    zip = download(tmp_path / "submissions.zip", CANVAS)
    before = zip.read_bytes()
    collect(course, "ps1", zip)
    said = capsys.readouterr().out
    assert "Canvas, 7 submissions" in said and "4 new" in said and "2 are marked late" in said
    assert "turingalan" not in said.split("Unreadable")[0] and "alan: turingalan_13_text.html is a text" in said
    assert "nobodyhere_777 is of nobody on the roster (number 777)" in said and "anonymous grading" in said
    assert "read me.txt" in said and "Missing: on the roster, and nothing submitted (1):\n  tom2  Tom Smith" in said
    assert "projectgroup3_15 goes to tom1" in said and "--groups" in said
    assert not (course / "submitted").exists() and not (course / "collected").exists(), "so far it was only said"
    collect(course, "ps1", zip, "--write")
    assert zip.read_bytes() == before
    assert submitted(course) == {
        "ada/ps1/ps1.ipynb": NOTEBOOK,
        "ada/ps1/results.json": b"{}",
        "grace/ps1/hand_in_12_34_final.zip": CANVAS["hoppergracebrewster_LATE_12_903_hand_in_12_34_final.zip"],
        "zoe/ps1/ps1.ipynb": NOTEBOOK,
        "tom1/ps1/ps1.ipynb": NOTEBOOK,
    }
    assert intake(course / "submitted" / "ada" / "ps1", ["ps1"]).remarks == [], "no repair that a student is told of"
    notes = [json.loads(line) for line in (course / "collected" / "ps1" / "log.jsonl").read_text("utf-8").splitlines()]
    assert {note["student"]: note["late"] for note in notes} == {"ada": False, "grace": True, "zoe": True, "tom1": False}
    assert notes[0]["files"]["ps1.ipynb"]["from"] == "lovelaceada_11_901_ps1-1.ipynb"


def test_a_newer_submission_replaces_and_the_old_one_is_kept(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = download(
        tmp_path / "first.zip", {"lovelaceada_11_901_ps1.ipynb": NOTEBOOK, "turingalan_13_902_ps1.ipynb": NOTEBOOK}
    )
    newer = NOTEBOOK + b"\n"
    second = download(
        tmp_path / "second.zip", {"lovelaceada_11_950_ps1-1.ipynb": newer, "turingalan_13_902_ps1.ipynb": NOTEBOOK}
    )
    collect(course, first, "--write")
    collect(course, second, first, "--write")  # in whichever order: Canvas's numbers tell
    said = capsys.readouterr().out
    assert "1 replace what is there, 1 are there already" in said and "lovelaceada_11 in second.zip counts" in said
    assert submitted(course)["ada/ps1/ps1.ipynb"] == newer
    (kept,) = (course / "collected" / "ps1" / "replaced").glob("*/ada/ps1.ipynb")
    assert kept.read_bytes() == NOTEBOOK
    collect(course, second, "--write")
    assert "0 new, 0 replace what is there, 2 are there already" in capsys.readouterr().out
    assert len(list((course / "collected" / "ps1" / "replaced").glob("*"))) == 1


def test_times_come_from_a_worksheet_and_groups_from_canvas(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zip = download(tmp_path / "s.zip", {"group3_LATE_15_905_ps1.ipynb": NOTEBOOK, "lovelaceada_11_906_ps1.ipynb": NOTEBOOK})
    times = tmp_path / "times.csv"
    times.write_text("student,time\nada,2026-02-01T10:00:00+01:00\nS-005,2026-02-02 12:00 UTC\ngrace,yesterday\n")
    groups = tmp_path / "groups.csv"
    groups.write_text("name,canvas_user_id,user_id,login_id,group_name\nT,15,S-005,,G 3\nT,16,S-006,,G 3\nA,11,S-001,,\n")
    collect(course, zip, "--worksheet", times, "--groups", groups, "--write")
    assert "not understood (1):\n  yesterday" in capsys.readouterr().out
    assert set(submitted(course)) >= {"tom1/ps1/ps1.ipynb", "tom2/ps1/ps1.ipynb", "ada/ps1/ps1.ipynb"}
    when, problem = read_timestamp(course / "submitted" / "ada" / "ps1")
    assert (f"{when}", problem) == ("2026-02-01 09:00:00", "")


MOODLE = {
    "Ada Lovelace_501_assignsubmission_file/ps1.ipynb": NOTEBOOK,
    "Ada Lovelace_501_assignsubmission_file/extra/results.json": "{}",
    "Ada Lovelace_501_assignsubmission_onlinetext/onlinetext.html": "<p>see file</p>",
    "Grace Brewster Hopper_502_assignsubmission_file_/ps1.ipynb": NOTEBOOK,
    "Group B-Alan Turing_503_assignsubmission_file_ps1.ipynb": NOTEBOOK,
    "Tom Smith_504_assignsubmission_file/ps1.ipynb": NOTEBOOK,
    "Tom Smith_505_assignsubmission_file/ps1.ipynb": NOTEBOOK + b" ",
    "Zoë Ångström-O'Neil_506_assignsubmission_onlinetext/onlinetext.html": "<p>none</p>",
}
WORKSHEET = (
    'Identifier,"Full name","Email address","Last modified (submission)",Grade,"Last modified (grade)"\n'
    'Participant 504,"Tom Smith",tom1@example.edu,"Sunday, 1 February 2026, 9:48 PM",,-\n'
    'Participant 505,"Tom Smith",tom2@example.edu,-,,-\n'
)


def test_a_moodle_download_is_taken(course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    zip = download(tmp_path / "PS1-1234.zip", MOODLE)
    collect(course, zip)
    said = capsys.readouterr().out
    assert "Moodle, 6 submissions" in said and said.count("may be of tom1, tom2, who have the same name") == 2
    worksheet = tmp_path / "grades.csv"
    worksheet.write_text(WORKSHEET)
    collect(course, zip, "--worksheet", worksheet, "--write")
    found = submitted(course)
    assert found["tom2/ps1/ps1.ipynb"] == NOTEBOOK + b" " and found["alan/ps1/ps1.ipynb"] == NOTEBOOK
    assert found["ada/ps1/extra/results.json"] == b"{}" and "grace/ps1/ps1.ipynb" in found
    assert found["tom1/ps1/timestamp.txt"] == b"2026-02-01 21:48:00.000000 UTC\n"
    assert "zoe: Zoë Ångström-O'Neil_506 is a text that was typed into Moodle" in capsys.readouterr().out


GRADESCOPE = """
submission_7001:
  :submitters:
  - :name: Ada Lovelace
    :sid: S-001
    :email: ada@example.edu
  :created_at: 2026-02-01 10:15:00.123 -08:00
  :score: 3
  :history:
  - :created_at: 2026-01-31 10:00:00 -08:00
submission_7002:
  :submitters:
  - :name: Tom Smith
    :sid: S-005
  - :name: Tom Smith
    :email: TOM2@example.edu
  :created_at: '2026-02-02T00:00:00Z'
submission_7003:
  :submitters:
  - :name: Some Body
    :sid: S-999
"""


def test_a_gradescope_export_is_taken_with_its_times_and_groups(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = "assignment_99_export/"
    files = {f"{root}submission_metadata.yml": GRADESCOPE}
    files |= {f"{root}submission_{number}/ps1.ipynb": NOTEBOOK.decode() for number in (7001, 7002, 7003)}
    collect(course, download(tmp_path / "export.zip", files), "--write")
    assert set(submitted(course)) == {f"{name}/ps1/{file}" for name in ("ada", "tom1", "tom2") for file in FILES}
    assert submitted(course)["ada/ps1/timestamp.txt"] == b"2026-02-01 18:15:00.123000 UTC\n"
    assert "submission_7003 is of nobody on the roster (number S-999)" in capsys.readouterr().out


FILES = ("ps1.ipynb", "timestamp.txt")


@pytest.mark.parametrize("unpacked", [False, True])
def test_zips_named_after_students_are_taken(course: Path, tmp_path: Path, unpacked: bool) -> None:
    zips = {"ada.zip": packed({"ps1.ipynb": NOTEBOOK, "results.json": "{}"}), "S-002_ps1.ipynb": NOTEBOOK}
    source = tmp_path / "all"
    if unpacked:
        source.mkdir()
        for name, data in zips.items():
            (source / name).write_bytes(data)
    else:
        download(source, zips)
    alone = download(tmp_path / "alan.zip", {"ps1.ipynb": NOTEBOOK, "results.json": "{}"})
    collect(course, source, alone, "--write")
    assert set(submitted(course)) == {
        "ada/ps1/ada.zip",
        "grace/ps1/S-002_ps1.ipynb",
        "alan/ps1/ps1.ipynb",
        "alan/ps1/results.json",
    }
    submission = intake(course / "submitted" / "ada" / "ps1", ["ps1"])
    assert set(submission.notebooks) == {"ps1"}


def test_no_name_leads_out_and_none_is_believed(course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 400
    folder = "Ada Lovelace_501_assignsubmission_file"
    zip = tmp_path / "evil.zip"
    link = zipfile.ZipInfo(f"{folder}/link.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(zip, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{folder}/../../../../escaped.ipynb", "{}")
        archive.writestr(link, "/etc/passwd")
        archive.writestr(f"{folder}/timestamp.txt", "2020-01-01 00:00 UTC")
        archive.writestr(f"{folder}/{long}.ipynb", NOTEBOOK)
        archive.writestr(f"{folder}/.hidden", "h")
        archive.writestr(f"{folder}/a\tb.txt", "t")
        archive.writestr(f"{folder}/PS1.ipynb", NOTEBOOK)
        archive.writestr(f"{folder}/ps1.ipynb", NOTEBOOK + b" ")
        archive.writestr(f"{folder}/bomb.json", b"0" * (65 * 2**20))
        archive.writestr("Alan Turing_503_assignsubmission_file/ps1.zip", b"PK\x03\x04 broken")
        archive.writestr("Grace Brewster Hopper_502_assignsubmission_file/essay.pdf", b"%PDF")
        archive.writestr("Tom Smith_504_assignsubmission_file/../x", b"")
    collect(course, zip, "--write")
    said = capsys.readouterr().out
    assert not list(tmp_path.rglob("escaped.ipynb"))
    names = {path.name for path in (course / "submitted" / "ada" / "ps1").iterdir()}
    assert "timestamp.txt" not in names and "submitted-timestamp.txt" in names
    assert {"PS1.ipynb", "ps1 (2).ipynb", "_hidden", "a_b.txt"} <= names and all(len(name) < 256 for name in names)
    assert "bomb.json" not in names and not any(path.is_symlink() for path in course.rglob("*"))
    for told in ("points out of the archive", "is a link", "bomb.json is larger than 64 MB", "no notebook: essay.pdf"):
        assert told in said
    assert "alan: ps1.zip could not be unpacked" in said, "taken as it is, and said"
    assert "alan/ps1/ps1.zip" in submitted(course)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"submission_metadata.yml": ": : not yaml ["}, "cannot be read"),
        ({"ada+ps1+2026-02-01 10:00:00 UTC+x/ps1.ipynb": NOTEBOOK}, "nbgrader collect ps1"),
        ({}, "is empty"),
    ],
)
def test_what_is_no_download_is_refused(
    course: Path, tmp_path: Path, files: dict[str, bytes], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    collect(course, download(tmp_path / "d.zip", files), status=2)
    assert why in capsys.readouterr().err


def test_without_a_roster_or_a_zip_it_is_said_what_to_do(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"<html>log in</html>")
    collect(course, broken, status=2)
    collect(course, tmp_path / "absent.zip", status=2)
    (course / "roster.csv").unlink()
    collect(course, broken, status=2)
    assert "could not be unpacked" in (said := capsys.readouterr().err) and "nbjudge roster" in said and "No such file" in said


def test_an_older_one_counts_where_nothing_of_the_newest_can_be_read(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = download(tmp_path / "old.zip", {"lovelaceada_11_901_ps1.ipynb": NOTEBOOK})
    new = tmp_path / "new.zip"
    info = zipfile.ZipInfo("lovelaceada_11_950_ps1-1.ipynb")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(new, "w") as archive:
        archive.writestr(info, "elsewhere")
    collect(course, old, new, "--write")
    assert submitted(course) == {"ada/ps1/ps1.ipynb": NOTEBOOK}
    assert "lovelaceada_11 in old.zip counts, not lovelaceada_11 in new.zip" in capsys.readouterr().out
