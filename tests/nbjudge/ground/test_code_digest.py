from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nbjudge.gather import evidence_cache
from nbjudge.grade import state
from nbjudge.ground import code_digest
from nbjudge.ground.code_digest import digest_of, imported, package_folder
from nbjudge.nbgrader_ext.config import AUTOGRADE, SANITIZE

from autograder.definition import PS8
from autograder.paths import ROOT


def names(files: list[Path]) -> set[str]:
    return {path.relative_to(ROOT).as_posix().removeprefix("nbjudge/src/") for path in files}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "mine"
    (folder / "low").mkdir(parents=True)
    texts = {
        "__init__.py": "",
        "top.py": "from mine.low import one\nimport json",
        "aside.py": "import mine.top",
        "low/__init__.py": "",
        "low/one.py": "def later():\n    from . import two\n",
        "low/two.py": "x = 1\n",
        "low/three.py": "y = 1\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    package_folder.cache_clear()
    yield folder
    package_folder.cache_clear()


def test_what_is_imported_is_followed_and_nothing_else(package: Path) -> None:
    found = [path.relative_to(package).as_posix() for path in imported(["mine.top"])]
    assert found == ["__init__.py", "low/__init__.py", "low/one.py", "low/two.py", "top.py"]


def test_what_a_package_finds_by_its_folders_is_followed(package: Path) -> None:
    (package / "high").mkdir()
    (package / "high" / "__init__.py").write_text("from mine.low import three\n")
    found = [path.relative_to(package).as_posix() for path in imported(["mine.*"])]
    assert found == ["__init__.py", "high/__init__.py", "low/__init__.py", "low/three.py"]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("x = 1  # why\n", True),
        ("\n\nx   =   (1)\n", True),
        ("x = 2\n", False),
        ("x = (\n", False),
        ('"""Doc."""\nx = 1\n', False),
    ],
)
def test_a_comment_is_no_change_and_code_is(text: str, same: bool, package: Path) -> None:
    before = digest_of(imported(["mine.top"]))
    (package / "low" / "two.py").write_text(text)
    assert (digest_of(imported(["mine.top"])) == before) == same


def test_a_module_that_is_renamed_is_another_one(package: Path) -> None:
    before = digest_of([package / "low" / "two.py"])
    (package / "low" / "two.py").rename(package / "low" / "four.py")
    assert digest_of([package / "low" / "four.py"]) != before


def test_evidence_hangs_on_what_gathers_it_and_on_nothing_that_judges_or_reports() -> None:
    files = names(imported(evidence_cache._CODE))
    assert {
        "nbjudge/gather/notebook_run.py",
        "nbrepair/slicing.py",
        "nbrepair/definitions.py",
    } <= files
    assert {
        "nbjudge/jail/zygote_host.py",
        "nbjudge/jail/bubblewrap.py",
        "nbjudge/jail/mounts.py",
    } <= files
    assert not [
        name
        for name in files
        if name.startswith(("nbjudge/judge", "autograder/judge", "autograder/questions", "nbjudge/reports", "solution"))
    ]
    assert not files & {"nbjudge/jail/startup_time.py", "nbjudge/doctor.py"}


def test_grades_hang_on_all_that_nbgrader_is_told_to_run() -> None:
    named = {name.rpartition(".")[0] for name in (*SANITIZE, *AUTOGRADE) if name.startswith("nbjudge.")}
    assert named <= set(state.CODE) and "nbjudge.nbgrader_ext.exporter" in state.CODE


def test_grades_hang_on_the_judge_and_not_on_reports_and_demonstrations() -> None:
    files = names(imported((*state.CODE, *PS8.modules)))
    assert {
        "nbjudge/judge/judge.py",
        "autograder/judging.py",
        "autograder/questions/encoder/question.py",
        "nbjudge/repair/rebuild.py",
        "nbrepair/rebuild.py",
        "nbjudge/gather/ask.py",
    } <= files
    assert not [name for name in files if name.startswith(("nbjudge/reports", "nbjudge/pages", "book", "benchmarks"))]
    assert not files & {"nbjudge/doctor.py", "nbjudge/jail/startup_time.py"}


@pytest.mark.parametrize("package", ["nbjudge", "nbrepair", "autograder", "assignment", "ps8", "solution"])
def test_every_package_of_ours_is_known(package: str) -> None:
    folder = package_folder(package)
    assert folder is not None and folder.is_relative_to(ROOT)


@pytest.mark.parametrize("package", ["json", "numpy", "torch", "nothing_of_that_name", "sys"])
def test_what_others_wrote_is_not_ours(package: str) -> None:
    assert package_folder(package) is None


def test_what_was_read_before_is_not_read_again(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_digest, "KEPT", tmp_path / "course" / "code.json")
    (tmp_path / "course").mkdir()

    def anew() -> str:
        code_digest._known.cache_clear()
        return digest_of(imported(["mine.top"]))

    first = anew()
    monkeypatch.setattr(code_digest, "_parsed", None)  # a call would raise
    assert anew() == first
    monkeypatch.undo()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', '{"a": [[], 2, 3]}'])
def test_a_damaged_file_of_what_was_read_costs_nothing_but_time(
    text: str, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest_of(imported(["mine.top"]))
    kept = tmp_path / "code.json"
    kept.write_text(text)
    monkeypatch.setattr(code_digest, "KEPT", kept)
    code_digest._known.cache_clear()
    assert digest_of(imported(["mine.top"])) == before
    code_digest._known.cache_clear()


def test_where_nothing_can_be_written_the_digest_is_the_same(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest_of(imported(["mine.top"]))
    monkeypatch.setattr(code_digest, "KEPT", package / "top.py" / "no folder" / "code.json")
    code_digest._known.cache_clear()
    assert digest_of(imported(["mine.top"])) == before
    code_digest._known.cache_clear()


def test_a_relative_import_is_followed_however_its_module_was_reached(package: Path) -> None:
    """Half of a question's modules were in no key: found by a name in another module, their own imports led nowhere."""
    (package / "top.py").write_text("from mine.low.one import later\n")
    (package / "low" / "one.py").write_text("from .two import x\n\ndef later(): ...\n")
    found = [path.relative_to(package).as_posix() for path in imported(["mine.top"])]
    assert "low/two.py" in found


def test_every_module_of_the_judge_is_in_the_key_of_grades() -> None:
    folder = ROOT / "autograder" / "questions"
    modules = {path for path in folder.rglob("*.py") if path.name not in ("right_answers.py", "practice.py")}
    assert not modules - set(imported((*state.CODE, *PS8.modules)))


def test_what_is_imported_for_types_alone_is_not_followed(package: Path) -> None:
    (package / "top.py").write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from mine.low import one\n")
    assert [path.name for path in imported(["mine.top"])] == ["__init__.py", "top.py"]


def test_a_module_beside_a_program_counts_and_one_that_a_setting_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A course's judge in a file beside its configuration was in no key: changed, the class was graded by the old one."""
    monkeypatch.syspath_prepend(str(tmp_path))
    texts = {"of_course_judge": "import of_course_tools\n", "of_course_tools": "", "of_course_late": "", "of_course_unused": ""}
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
    config = tmp_path / "nbgrader_config.py"
    setting = "c.AssignLatePenalties.plugin_class = 'of_course_late.Penalty'\n"
    config.write_text(f"from of_course_judge import PS1\n{setting}import json\n")
    found = [path.name for path in imported((), [config])]
    assert found == ["of_course_judge.py", "of_course_late.py", "of_course_tools.py"]
    assert [path.name for path in imported(["of_course_judge"])] == ["of_course_judge.py", "of_course_tools.py"]
    config.write_text("this is no Python")
    assert imported((), [config]) == []


def test_every_form_of_an_import_is_followed(package: Path) -> None:
    for name in ("four", "five", "six", "seven", "eight"):
        (package / "low" / f"{name}.py").write_text(f"x = '{name}'\n")
    (package / "top.py").write_text(
        "import json, mine.low.one\nimport mine.low.four as four, mine.low.five\nfrom mine.low import six, seven\n"
        "if True:\n    try:\n        from .low.eight import x\n    except ImportError:\n        pass\n"
    )
    found = {path.stem for path in imported(["mine.top"])}
    assert found == {"__init__", "top", "one", "two", "four", "five", "six", "seven", "eight"}


def test_relative_imports_go_up_as_far_as_they_say(package: Path) -> None:
    (package / "low" / "deep").mkdir()
    (package / "low" / "deep" / "__init__.py").write_text("from ... import aside\n")
    (package / "low" / "deep" / "here.py").write_text("from . import there\nfrom .. import three\nfrom ...low.two import x\n")
    (package / "low" / "deep" / "there.py").write_text("")
    (package / "aside.py").write_text("")
    found = {path.relative_to(package).as_posix() for path in imported(["mine.low.deep.here"])}
    below = {"low/deep/__init__.py", "low/deep/here.py", "low/deep/there.py", "low/three.py", "low/two.py"}
    assert found == {"__init__.py", "low/__init__.py", "aside.py"} | below


def test_what_runs_where_types_are_not_checked_is_followed(package: Path) -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import mine.low.one\nelse:\n    import mine.low.three\n"
    (package / "top.py").write_text(text)
    assert {path.stem for path in imported(["mine.top"])} == {"__init__", "top", "three"}
    (package / "top.py").write_text(
        "DEBUG = 1\nif DEBUG:\n    import mine.low.three\nif 'TYPE_CHECKING':\n    import mine.aside\n"
    )
    assert {path.stem for path in imported(["mine.top"])} == {"__init__", "top", "three", "aside"}


def test_a_circle_of_imports_and_a_module_named_twice_are_met_once(package: Path) -> None:
    (package / "low" / "two.py").write_text(
        "import mine.top\nimport mine.top\nimport mine.gone\nimport .x\n".replace("import .x\n", "")
    )
    found = imported(["mine.top", "mine.top", "mine.aside"])
    assert found == sorted(set(found)) and {"top.py", "aside.py", "two.py"} <= {path.name for path in found}


def test_the_digest_holds_each_files_place_and_not_the_order(package: Path, tmp_path: Path) -> None:
    one, two = package / "low" / "one.py", package / "low" / "two.py"
    assert digest_of([one, two]) == digest_of([two, one]) != digest_of([one])
    assert len(digest_of([])) == 64
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "loose.py").write_text("x = 1\n")
    assert digest_of([tmp_path / "a" / "loose.py"]) == digest_of([tmp_path / "b" / "loose.py"])  # in no package
    (tmp_path / "b" / "__init__.py").write_text("")
    assert digest_of([tmp_path / "a" / "loose.py"]) != digest_of([tmp_path / "b" / "loose.py"])


def test_of_a_file_that_is_no_python_every_byte_counts(tmp_path: Path) -> None:
    digests = set()
    for name, content in (
        ("a.toml", b"x = 1"),
        ("a.toml", b"x = 1 # why"),
        ("a.py", b"x = 1"),
        ("a.py", b"x = ("),
        ("a.py", b"x = (\n"),
    ):
        (tmp_path / name).write_bytes(content)
        digests.add(digest_of([tmp_path / name]))
    assert len(digests) == 5
    (tmp_path / "a.py").write_bytes(b"x = '\\ud800'\n")
    assert len(digest_of([tmp_path / "a.py"])) == 64
    (tmp_path / "a.py").write_bytes(b"x = 1\0")
    assert len(digest_of([tmp_path / "a.py"])) == 64


def test_what_is_kept_of_what_was_read_is_the_latest_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "new" / "folder" / "code.json"
    monkeypatch.setattr(code_digest, "KEPT", kept)
    monkeypatch.setattr(code_digest._Known, "MOST", 3)
    known = code_digest._Known()
    known.keep()
    assert not kept.exists()  # nothing new
    for number in range(5):
        known[str(number)] = code_digest._Read(((0, "a", ("b",)), (1, "", ())), f"digest {number}")
    known.keep()
    again = code_digest._Known()
    assert again == {name: known[name] for name in "234"} and list(known) == list("234")
    assert again["4"].statements == ((0, "a", ("b",)), (1, "", ()))
    kept.unlink()
    again.keep()
    assert not kept.exists()
    again["5"] = again["4"]
    again.keep()
    assert list(code_digest._Known()) == ["3", "4", "5"]


@pytest.mark.parametrize("place", ["lib/site-packages/theirs", "dist-packages/theirs", "theirs"])
def test_a_package_is_ours_unless_it_was_installed(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / place
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(folder.parent))
    package_folder.cache_clear()
    assert package_folder("theirs") == (folder if place == "theirs" else None)
    monkeypatch.setattr(code_digest, "_INSTALLED", {str(tmp_path)})
    package_folder.cache_clear()
    assert package_folder("theirs") is None
    monkeypatch.setattr(code_digest, "OURS", "theirs")
    package_folder.cache_clear()
    assert package_folder("theirs") == folder
    package_folder.cache_clear()
