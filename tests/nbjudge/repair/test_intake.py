"""The notebook that was meant, out of whatever folder was handed in; and nothing followed that should not be."""

from __future__ import annotations

import io
import json
import os
import socket
import stat
import zipfile
from pathlib import Path

import jupytext
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbjudge.ground.foreign_names import shown_file as shown
from nbjudge.repair import file_reader, search
from nbjudge.repair.candidates import stem
from nbjudge.repair.file_reader import FileRefused, read_file
from nbjudge.repair.intake import artifacts, intake
from nbjudge.repair.plan import make_plan
from nbrepair.plan import Plan
from nbrepair.remarks import costs

from trials.broken_files import written

from .conftest import graded

NAMES = ("ps8", "nce")


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "submitted" / "ada" / "ps8"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def data(good) -> bytes:
    return written(good)


@pytest.fixture
def unfinished(good) -> bytes:
    good.cells[4].source = "class Double:\n    raise NotImplementedError"
    return written(good)


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_an_ordinary_submission(folder, data):
    (folder / "ps8.ipynb").write_bytes(data)
    (folder / "results.json").write_bytes(b"{}")
    (folder / "ae.pth").write_bytes(b"weights")
    (folder / "timestamp.txt").write_bytes(b"2026-12-01 10:00:00 UTC")
    found = intake(folder, NAMES)
    assert found.notebooks == {"ps8": data}
    assert found.files == {"results.json": b"{}", "ae.pth": b"weights"}
    assert found.remarks == []


def test_what_our_side_might_run_is_not_taken(folder, data):
    (folder / "ps8.ipynb").write_bytes(data)
    for name in ("sitecustomize.py", "conftest.py", "ps8.py", "x.pth.py", "nbgrader_config.py", ".bashrc", "a.so"):
        (folder / name).write_text("import os")
    assert intake(folder, NAMES).files == {}


@pytest.mark.parametrize(
    "name",
    [
        "Copy of ps8.ipynb",
        "Copy of Copy of ps8.ipynb",
        "ps8 (1).ipynb",
        "PS8.ipynb",
        "ps8.IPYNB",
        "ps8-ada.ipynb",
        "ada_ps8.ipynb",
        "ps8-Copy1.ipynb",
        "Kopie von ps8.ipynb",
        "ps8.ipynb.txt",
        "ps8.ipynb.json",
        "my homework.ipynb",
        "Untitled12.ipynb",
        "ps8/ps8.ipynb",
        "submission/deep/down/Copy of ps8 (2).ipynb",
    ],
)
def test_odd_names(folder, data, name):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    found = intake(folder, NAMES)
    assert found.notebooks == {"ps8": data}
    assert found.remarks == [f"{name} was taken for ps8.ipynb."]


@pytest.mark.parametrize("name", ["ps8-nce.ipynb", "NCE.ipynb", "Copy of nce.ipynb", "nce-ada.ipynb"])
@pytest.mark.parametrize("names", [NAMES, NAMES[::-1]])
def test_the_optional_notebook(folder, data, name, names):
    (folder / "ps8.ipynb").write_bytes(data)
    (folder / name).write_bytes(b"nce")
    assert intake(folder, names).notebooks == {"ps8": data, "nce": b"nce"}


@pytest.mark.parametrize("names", [NAMES, NAMES[::-1]])
def test_an_unknown_name_is_the_main_notebook(folder, data, names):
    (folder / "final version.ipynb").write_bytes(data)
    assert intake(folder, names).notebooks == {"ps8": data}


def test_nothing_at_all(folder):
    found = intake(folder, NAMES)
    assert found.notebooks == {} and found.files == {}
    assert found.remarks == ["No ps8.ipynb was found in the submission."]


def test_no_folder(tmp_path):
    found = intake(tmp_path / "ps8", NAMES)
    assert found.notebooks == {} and "could not be read" in found.remarks[1]


def test_stems():
    assert stem("Copy of PS8 (1).ipynb") == stem("ps8 - Copy.ipynb") == stem("ps8.ipynb") == "ps8"
    assert stem("ps8(2).ipynb") == "ps8"


class TestCandidates:
    def test_the_most_complete(self, folder, data, unfinished):
        (folder / "ps8.ipynb").write_bytes(unfinished)
        (folder / "Copy of ps8.ipynb").write_bytes(data)
        os.utime(folder / "Copy of ps8.ipynb", (1, 1))
        found = intake(folder, NAMES)
        assert found.notebooks["ps8"] == data
        assert found.remarks == ["There were several files for ps8.ipynb: Copy of ps8.ipynb was taken, not ps8.ipynb."]

    def test_the_newest_of_complete_ones(self, folder, data):
        for when, name in enumerate(["ps8 (2).ipynb", "ps8.ipynb", "ps8 (1).ipynb"]):
            (folder / name).write_bytes(data + b"\n" * when)
            os.utime(folder / name, (10**9 + 100 * when, 10**9 + 100 * when))
        assert intake(folder, NAMES).notebooks["ps8"] == data + b"\n\n"

    def test_the_right_name_if_they_are_as_old(self, folder, data):
        for name in ("a ps8.ipynb", "ps8.ipynb", "Copy of ps8.ipynb"):
            (folder / name).write_bytes(data + name.encode())
            os.utime(folder / name, (10**9, 10**9))
        assert intake(folder, NAMES).notebooks["ps8"].endswith(b"}\nps8.ipynb")

    def test_one_that_can_be_read(self, folder, data):
        (folder / "ps8.ipynb").write_bytes(b"oh no")
        (folder / "old ps8.ipynb").write_bytes(data)
        os.utime(folder / "old ps8.ipynb", (1, 1))
        assert intake(folder, NAMES).notebooks["ps8"] == data

    def test_the_same_file_twice_is_no_choice(self, folder, data):
        (folder / "ps8.ipynb").write_bytes(data)
        (folder / "ps8 (1).ipynb").write_bytes(data)
        assert intake(folder, NAMES).remarks == []

    def test_an_unreadable_one_alone_is_still_the_submission(self, folder):
        (folder / "ps8.ipynb").write_bytes(b"oh no")
        assert intake(folder, NAMES).notebooks == {"ps8": b"oh no"}


def blank_of(plan) -> bytes:
    cells = [{"cell_type": slot.cell.cell_type, "id": slot.key, "source": slot.released} for slot in plan.slots]
    return json.dumps({"cells": cells}).encode()


def answered(plan, good, *keys: str) -> bytes:
    """A notebook in which some of the answers are written."""
    raw = json.loads(blank_of(plan))
    texts = {cell.id: cell.source for cell in good.cells}
    for cell in raw["cells"]:
        cell["source"] = texts[cell["id"]] if cell["id"] in keys else cell["source"]
    return json.dumps(raw).encode()


@pytest.fixture
def other_plan() -> Plan:
    """Of an optional notebook with one answer."""
    third = "def third(x):\n    ### BEGIN SOLUTION\n    return x / 3\n    ### END SOLUTION"
    cells = [
        graded(new_code_cell(third), "third-answer", solution=True),
        graded(new_code_cell("assert third(3) == 1"), "third", 10),
    ]
    return make_plan(new_notebook(cells=cells))


class TestWhatIsWritten:
    """The file with most answers in it is the notebook, whatever the files are called and however old they are."""

    def test_a_blank_one_of_the_right_name(self, folder, plan, data):
        (folder / "my work final.ipynb").write_bytes(data)
        (folder / "ps8.ipynb").write_bytes(blank_of(plan))
        os.utime(folder / "my work final.ipynb", (1, 1))
        found = intake(folder, NAMES, plans={"ps8": plan})
        assert found.notebooks == {"ps8": data}
        assert found.remarks == [
            "There were several files for ps8.ipynb: my work final.ipynb was taken, not ps8.ipynb, because more answers are "
            "written in it (5; elsewhere 0)."
        ]

    def test_half_done_ones(self, folder, plan, good):
        files = {
            "ps8.ipynb": (),
            "Untitled.ipynb": ("double-answer",),
            "old/Untitled2.ipynb": ("double-answer", "halve-answer"),
            "ps8 (1).ipynb": ("report",),
        }
        for age, (name, keys) in enumerate(files.items()):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(answered(plan, good, *keys))
            os.utime(folder / name, (10**9 - age, 10**9 - age))
        assert intake(folder, NAMES, plans={"ps8": plan}).notebooks["ps8"] == answered(
            plan, good, *files["old/Untitled2.ipynb"]
        )

    def test_a_stub_that_was_left_beside_code_is_written(self, folder, plan, good):
        code = answered(plan, good, "halve-answer").replace(b"return Double", b"raise NotImplementedError\\n    return Double")
        (folder / "b.ipynb").write_bytes(code)
        (folder / "ps8.ipynb").write_bytes(blank_of(plan))
        assert intake(folder, NAMES, plans={"ps8": plan}).notebooks == {"ps8": code}

    def test_another_assignments_notebook(self, folder, plan):
        other = json.dumps({"cells": [{"cell_type": "code", "source": "print('homework 7')"}]}).encode()
        (folder / "homework 7.ipynb").write_bytes(other)
        (folder / "ps8.ipynb").write_bytes(blank_of(plan))
        assert intake(folder, NAMES, plans={"ps8": plan}).notebooks == {"ps8": blank_of(plan)}

    def test_an_export_beside_its_notebook_is_no_other_file(self, folder, plan, data, good):
        (folder / "ps8.ipynb").write_bytes(data)
        (folder / "ps8.py").write_text(jupytext.writes(good, fmt="py:percent"))
        found = intake(folder, NAMES, plans={"ps8": plan})
        assert found.notebooks == {"ps8": data} and found.remarks == []

    def test_an_export_in_which_more_is_written(self, folder, plan, good):
        text = jupytext.writes(good, fmt="py:percent")
        (folder / "ps8.ipynb").write_bytes(blank_of(plan))
        (folder / "work.py").write_text(text)
        found = intake(folder, NAMES, plans={"ps8": plan})
        assert found.notebooks == {"ps8": text.encode()} and "work.py was taken" in found.remarks[0]

    @pytest.mark.parametrize(
        "names", [("ps8.ipynb", "nce.ipynb"), ("nce.ipynb", "ps8.ipynb"), ("a.ipynb", "b.ipynb"), ("b.ipynb", "ps8.ipynb")]
    )
    def test_neither_notebook_takes_the_others_file(self, names, folder, plan, other_plan, data):
        optional = b'{"cells": [{"cell_type": "code", "source": "def third(x):\\n    return x / 3"}]}'
        (folder / names[0]).write_bytes(data)
        (folder / names[1]).write_bytes(optional)
        for order in (NAMES, NAMES[::-1]):
            found = intake(folder, order, plans={"ps8": plan, "nce": other_plan})
            assert found.notebooks == {"ps8": data, "nce": optional}


class TestNamesFirst:
    """However many other files there are and whatever their names begin with: what was meant is found."""

    @pytest.mark.parametrize("junk", ["a{:04}.txt", "z{:04}.txt", "a{:04}.pth", "a{:04}.json", "a{:04}", "sub/a{:04}.py"])
    def test_five_thousand_files(self, junk, folder, data):
        (folder / "sub").mkdir()
        for n in range(5_000):
            (folder / junk.format(n)).touch()
        for name, content in {"ps8.ipynb": data, "nce.ipynb": b"nce", "results.json": b"{}"}.items():
            (folder / name).write_bytes(content)
        found = intake(folder, NAMES)
        assert found.notebooks == {"ps8": data, "nce": b"nce"} and found.files["results.json"] == b"{}"
        assert artifacts(folder, expected=("results.json",)).files["results.json"] == b"{}"

    @pytest.mark.parametrize("name", ["ps8.ipynb", "zz work.ipynb", "my ps8 final.ipynb"])
    def test_many_other_notebooks(self, name, folder, plan, data):
        for n in range(1_000):
            (folder / f"a{n:04}.ipynb").write_text(f'{{"cells": [{n}]}}')
        (folder / name).write_bytes(data)
        assert intake(folder, NAMES, plans={"ps8": plan}).notebooks["ps8"] == data

    @pytest.mark.parametrize("bound", ["MAX_ENTRIES", "MAX_LISTED"])
    def test_bounds_hold_for_the_rest(self, bound, folder, data, monkeypatch):
        monkeypatch.setattr(search, bound, 5)
        for n in range(20):
            (folder / f"a{n:04}.ipynb").write_bytes(b"%d" % n)
        for name in ("ps8.ipynb", "nce.ipynb", "results.json"):
            (folder / name).write_bytes(data)
        found = intake(folder, NAMES)
        assert found.notebooks == {"ps8": data, "nce": data} and found.files == {"results.json": data}
        assert any("more than 5 files" in remark for remark in found.remarks)

    def test_weights_of_the_expected_names_come_before_others(self, folder):
        for n in range(100):
            (folder / f"a{n:04}.pth").write_bytes(b"%d" % n)
        (folder / "probe_cmc.pth").write_bytes(b"mine")
        assert "probe_cmc.pth" in artifacts(folder, expected=("probe_cmc.pth",)).files


class TestNothingIsSilent:
    @pytest.mark.parametrize(
        ("files", "says"),
        [
            ({".ipynb_checkpoints/ps8-checkpoint.ipynb": b"{}", "report.pdf": b"%PDF"}, ["a checkpoint", "report.pdf (a PDF)"]),
            ({"ps8.rar": b"Rar!", "b.7z": b"7z"}, ["ps8.rar (a rar archive, which is not read)", "b.7z (a 7z archive"]),
            ({"ps8.gdoc": b'{"url": "https://x"}'}, ["a link to a Google document"]),
            ({"ps8.py": b"import torch"}, ["ps8.py (a Python script without marks between cells)"]),
            ({"page.html": b"<html>"}, ["page.html (a web page)"]),
            ({"a.zip": zipped(**{"report.docx": b"x", "b.txt": b""})}, ["a.zip (an archive)", "a.zip/b.txt"]),
            ({f"{n}.png": b"" for n in range(50)}, ["a picture", "and 42 more"]),
            ({"a.zip": zipped(**{f"{n:03}.txt": b"" for n in range(200)})}, ["a.zip (an archive), a.zip/000.txt"]),
        ],
    )
    def test_what_was_there(self, files, says, folder):
        for name, content in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        (remark,) = [remark for remark in intake(folder, NAMES).remarks if remark.startswith("No ps8.ipynb was found")]
        assert all(words in remark for words in says) and costs(remark)
        assert len(remark) < 800 and remark.endswith(".")

    def test_a_checkpoint_is_not_the_submission(self, folder, plan, data):
        (folder / ".ipynb_checkpoints").mkdir()
        (folder / ".ipynb_checkpoints" / "ps8-checkpoint.ipynb").write_bytes(data)
        (folder / "ps8.ipynb").write_bytes(blank_of(plan))
        found = intake(folder, NAMES, plans={"ps8": plan})
        assert found.notebooks == {"ps8": blank_of(plan)}
        assert "Nothing is written in the notebook" in found.remarks[0] and "a checkpoint" in found.remarks[0]

    def test_nothing_is_said_of_a_checkpoint_beside_the_work(self, folder, plan, data):
        (folder / ".ipynb_checkpoints").mkdir()
        (folder / ".ipynb_checkpoints" / "ps8-checkpoint.ipynb").write_bytes(data)
        (folder / "ps8.ipynb").write_bytes(data)
        assert intake(folder, NAMES, plans={"ps8": plan}).remarks == []


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            b"\xff\xfe",
            b"[a]*?",
            b"a\nb",
            b"\x1b[31m",
            b"x" * 250,
            b" ",
            b"ps8.ipynb.",
            b"-rf",
            b"...",
            b".work",
            b"\xe2\x80\xae",
            b"ps8.ipynb ",
        ],
    )
    def test_no_name_of_a_file_or_a_folder_stops_it(self, name, folder, data):
        os.makedirs(os.fsencode(folder) + b"/" + name + b"/" + name)
        for path in (name + b"/" + name + b"/ps8.ipynb", name + b"/" + name + b"/" + name[:200] + b".pth"):
            with open(os.fsencode(folder) + b"/" + path, "wb") as file:
                file.write(data)
        found = intake(folder, NAMES)
        assert found.notebooks == {"ps8": data}
        assert all(remark.isprintable() for remark in found.remarks)
        "".join([*found.remarks, *found.files]).encode()

    def test_a_folder_that_may_not_be_read_hides_nothing_else(self, folder, data, monkeypatch):
        for name in ("a", "m"):
            (folder / name).mkdir()
        (folder / "m" / "ps8.ipynb").write_bytes(data)
        opens = os.open

        def refused(path, *args, **options):
            if path == "a":
                raise PermissionError(13, "Permission denied")
            return opens(path, *args, **options)

        monkeypatch.setattr(file_reader.os, "open", refused)
        found = intake(folder, NAMES)
        assert found.notebooks == {"ps8": data}
        assert "a could not be looked through (Permission denied)." in found.remarks

    def test_folders_that_are_called_like_files(self, folder, data):
        for name in ("ps8.ipynb", "results.json", "x.zip", "timestamp.txt"):
            (folder / name).mkdir()
        (folder / "ps8.ipynb" / "ps8.ipynb").write_bytes(data)
        assert intake(folder, NAMES).notebooks == {"ps8": data}


class TestHostileFiles:
    def test_links(self, folder, tmp_path, data):
        secret = tmp_path / "secret.ipynb"
        secret.write_bytes(data)
        (folder / "ps8.ipynb").symlink_to(secret)
        (folder / "results.json").symlink_to("/etc/passwd")
        (folder / "all").symlink_to("/")
        (folder / "broken.pth").symlink_to("nowhere")
        found = intake(folder, NAMES)
        assert found.notebooks == {} and found.files == {}
        assert sum("is a link and was not read" in remark for remark in found.remarks) == 4

    def test_a_folder_that_is_a_link(self, tmp_path, folder):
        (tmp_path / "ps8").symlink_to(folder)
        (folder / "ps8.ipynb").write_bytes(b"x")
        assert intake(tmp_path / "ps8", NAMES).notebooks == {}

    def test_hard_links(self, folder, tmp_path, data):
        (tmp_path / "gradebook.db").write_bytes(b"secret")
        os.link(tmp_path / "gradebook.db", folder / "ae.pth")
        found = intake(folder, NAMES)
        assert found.files == {}
        assert "ae.pth is a hard link to another file and was not read." in found.remarks

    def test_pipes_and_sockets_do_not_block(self, folder, monkeypatch):
        os.mkfifo(folder / "ps8.ipynb")
        os.mkfifo(folder / "x.zip")
        monkeypatch.chdir(folder)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("ae.pth")
            found = intake(folder, NAMES)
        assert found.notebooks == {} and found.files == {}
        assert any("ps8.ipynb is a pipe" in remark for remark in found.remarks)

    def test_a_device(self):
        with pytest.raises(FileRefused, match="device"):
            read_file(Path("/dev/zero"))

    def test_a_folder_for_a_notebook(self, folder):
        (folder / "ps8.ipynb").mkdir()
        (folder / "ps8.ipynb" / "results.json").write_bytes(b"{}")
        found = intake(folder, NAMES)
        assert found.notebooks == {} and found.files == {"results.json": b"{}"}

    def test_a_file_swapped_for_a_pipe_while_it_is_read(self, folder, monkeypatch):
        path = folder / "ps8.ipynb"
        path.write_bytes(b"x")
        look = os.stat

        def swapped(name, **options):
            info = look(name, **options)
            if name == "ps8.ipynb" and stat.S_ISREG(info.st_mode):
                path.unlink()
                os.mkfifo(path)
            return info

        monkeypatch.setattr(file_reader.os, "stat", swapped)
        found = intake(folder, NAMES)
        assert found.notebooks == {} and any("is a pipe" in remark for remark in found.remarks)

    def test_nothing_can_be_read(self, folder, data, monkeypatch):
        (folder / "ps8.ipynb").write_bytes(data)

        def refused(*_: object, **__: object) -> int:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(file_reader.os, "open", refused)
        assert "Permission denied" in " ".join(intake(folder, NAMES).remarks)

    def test_case_clashes(self, folder):
        (folder / "results.json").write_bytes(b"1")
        (folder / "Results.JSON").write_bytes(b"2")
        (folder / "AE.PTH").write_bytes(b"3")
        found = intake(folder, NAMES)
        assert found.files == {"results.json": b"1", "AE.PTH": b"3"}
        assert any("Results.JSON was left out" in remark for remark in found.remarks)

    def test_names_that_are_no_text(self, folder, data):
        name = os.fsencode(folder) + b"/\xff\x1b[31m\xe2\x80\xae ps8.ipynb"
        with open(name, "wb") as file:
            file.write(data)
        found = intake(folder, NAMES)
        assert found.notebooks == {"ps8": data}
        assert all(remark.isprintable() for remark in found.remarks)
        "".join(found.remarks).encode()

    def test_many_and_deep(self, folder, data, monkeypatch):
        monkeypatch.setattr(search, "MAX_ENTRIES", 50)
        for n in range(60):
            (folder / f"{n:03}.pth").write_bytes(b"")
        assert any("more than 50 files" in remark for remark in intake(folder, NAMES).remarks)
        deep = folder / "000/1/2/3/4/5/6/7".replace("000", "a")
        deep.mkdir(parents=True)
        (deep / "ps8.ipynb").write_bytes(data)
        assert intake(folder, NAMES).notebooks == {}

    def test_huge_files_are_not_read_whole(self, folder, monkeypatch):
        monkeypatch.setattr(search, "MAX_FILE", 1000)
        monkeypatch.setattr("nbjudge.repair.intake.MAX_FILE", 1000)
        for name in ("ae.pth", "x.zip"):
            with (folder / name).open("wb") as file:
                file.truncate(2**40)  # a terabyte of nothing
        found = intake(folder, NAMES)
        assert found.files == {}
        assert sum("too large" in remark for remark in found.remarks) == 2


class TestArchives:
    def test_a_zip(self, folder, data):
        (folder / "ada.zip").write_bytes(zipped(**{"work/ps8.ipynb": data, "work/results.json": b"{}", "work/.x.pth": b""}))
        found = intake(folder, NAMES)
        assert found.notebooks == {"ps8": data} and found.files["results.json"] == b"{}"
        assert found.remarks == ["ada.zip/work/ps8.ipynb was taken for ps8.ipynb."]

    def test_paths_that_lead_out(self, folder, data):
        members = {"../ps8.ipynb": data, "/etc/ps8.ipynb": data, "C:\\ps8.ipynb": data, "a/../../ps8.ipynb": data}
        (folder / "x.zip").write_bytes(zipped(**members))
        found = intake(folder, NAMES)
        assert found.notebooks == {}
        assert sum("points out of the archive" in remark for remark in found.remarks) == 4

    def test_a_link_in_a_zip(self, folder):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            info = zipfile.ZipInfo("ps8.ipynb")
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
        (folder / "x.zip").write_bytes(file.getvalue())
        assert intake(folder, NAMES).notebooks == {}

    def test_a_bomb(self, folder, monkeypatch):
        monkeypatch.setattr(search, "MAX_FILE", 10**6)
        monkeypatch.setattr(search, "MAX_TOTAL", 3 * 10**6)
        (folder / "x.zip").write_bytes(zipped(**{f"{n}.pth": bytes(10**7) for n in range(9)}))
        found = intake(folder, NAMES)
        assert sum(map(len, found.files.values())) <= 3 * 10**6

    def test_a_broken_one(self, folder, data):
        whole = zipped(**{"ps8.ipynb": data})
        (folder / "a.zip").write_bytes(whole[: len(whole) // 2])
        (folder / "b.zip").write_bytes(b"no zip")
        found = intake(folder, NAMES)
        assert found.notebooks == {}
        assert sum("could not be unpacked" in remark for remark in found.remarks) == 2

    def test_contents_that_do_not_fit_their_checksum(self, folder, data):
        whole = bytearray(zipped(**{"ps8.ipynb": data}))
        whole[60] ^= 0xFF
        (folder / "a.zip").write_bytes(whole)
        found = intake(folder, NAMES)
        assert found.notebooks == {} and "could not be unpacked" in " ".join(found.remarks)

    def test_an_archive_in_an_archive_and_no_deeper(self, folder, data):
        inner = zipped(**{"ps8.ipynb": data})
        (folder / "a.zip").write_bytes(zipped(**{"b.zip": inner}))
        assert intake(folder, NAMES).notebooks == {"ps8": data}
        (folder / "a.zip").write_bytes(zipped(**{"b.zip": zipped(**{"c.zip": inner})}))
        found = intake(folder, NAMES)
        assert found.notebooks == {}
        assert "a.zip/b.zip/c.zip lies in an archive within another and was not unpacked." in found.remarks


def test_shown_names_are_one_short_line():
    assert shown("a\nb\x1b\u202e" + "x" * 500).isprintable()
    assert len(shown("x" * 500)) == 80


def test_a_name_as_long_as_an_archive_may_have_it_is_soon_looked_at() -> None:
    """Half an hour, if time went by the square of its length."""
    assert stem("copy of" + " " * 65_000 + "y.ipynb").endswith("y")
