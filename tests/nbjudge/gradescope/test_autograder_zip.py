"""What is in the zip, and what must not be: nothing of a class, and not the course's own secret."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from nbjudge.assignment import Assignment, Refusal
from nbjudge.gradescope.autograder_zip import AutograderZip, derived, requirements_of
from nbjudge.gradescope.run_autograder import GRADER, SETTINGS
from nbjudge.workspace import Workspace

from autograder.definition import at
from trials.attacks.arena import CANARIES
from trials.foreign.example_course import ASSERTED, plant

from ..course import new_course

SECRET = "ab" * 32


@pytest.fixture
def course(tmp_path: Path) -> Path:
    course = plant(tmp_path)
    (course / "nbgrader_config.py").write_text("c = get_config()\n" + ASSERTED)
    (course / "secret.key").write_text(SECRET)
    (course / "helping.py").write_text("helps = True\n")
    for name in ("gradebook.db", "roster.csv", "extensions.csv", "grades.csv"):
        (course / name).write_text("ada@example.edu")
    return course


def test_what_is_started_is_there_and_nothing_of_the_class(course: Path, tmp_path: Path) -> None:
    made = AutograderZip.of(Workspace(course, Assignment("ps1")), minutes=10)
    made.write(tmp_path / "ps1.zip")
    assert (tmp_path / "ps1.zip").stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(tmp_path / "ps1.zip") as archive:
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
        held = b"".join(archive.read(name) for name in modes)
    assert modes["run_autograder"] == modes["setup.sh"] == 0o755 and set(modes) == set(made.files)
    of_course = {name for name in modes if name.startswith("course/")}
    wanted = ("nbgrader_config.py", "helping.py", "secret.key", "source/ps1/problem1.ipynb")
    assert of_course >= {f"course/{name}" for name in wanted}
    assert not [name for name in of_course if not re.match(r"course/(source/ps1/|\w+\.py$|secret\.key$)", name)]
    assert f"packages/{GRADER.replace('.', '/')}.py" in modes
    canaries = json.loads((tmp_path / CANARIES).read_text())
    assert canaries["hidden"].encode() in held, "hidden tests are needed"
    for foreign in (canaries["bystander"], canaries["home"], "ada@example.edu", SECRET):
        assert foreign.encode() not in held


def test_the_same_course_asks_the_same_and_its_own_secret_stays_at_home(course: Path) -> None:
    here = Workspace(course, Assignment("ps1"))
    first, again = (AutograderZip.of(here, minutes=10).files for _ in range(2))
    assert first == again and first["course/secret.key"].decode().strip() == derived(bytes.fromhex(SECRET)) != SECRET
    assert derived(bytes(32)) != derived(bytes.fromhex(SECRET)) and len(derived(bytes(32))) == 64


def test_the_steps_of_the_setup_name_what_is_there(course: Path) -> None:
    files = AutograderZip.of(Workspace(course, Assignment("ps1")), minutes=10).files
    script = files["setup.sh"].decode()
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
    assert re.findall(r"-r (\S+)", script) == ["requirements.txt"] and "python3 run_autograder --prepare" in script
    assert {"requirements.txt", "run_autograder"} <= set(files)
    lines = files["requirements.txt"].decode().splitlines()
    assert any(line.startswith("nbgrader") for line in lines) and not any("dask" in line or "extra" in line for line in lines)
    with pytest.raises(Refusal, match="not installed"):
        list(requirements_of("no-such-distribution"))


@pytest.mark.parametrize("where", ["public", "release", "public-draft/docs", "site"])
def test_it_is_not_written_where_students_files_come_from(course: Path, tmp_path: Path, where: str) -> None:
    folder = tmp_path / where
    folder.mkdir(parents=True)
    if where == "site":
        (folder / ".published").write_text("")
    made = AutograderZip.of(Workspace(course, Assignment("ps1")), minutes=10)
    with pytest.raises(Refusal, match="students get"):
        made.write(folder / "ps1.zip")
    assert not list(folder.glob("*.zip"))


def test_of_ps8_it_has_the_judge_and_no_work_of_a_class(tmp_path: Path) -> None:
    here = at(new_course(tmp_path))
    files = AutograderZip.of(here, minutes=10).files
    assert json.loads(files[SETTINGS]) == {"assignment": "ps8", "seconds": 570, "import_from": ["", "assignment"]}
    wanted = ("solution/contrast.py", "assignment/ps8/__init__.py", "autograder/judging.py", "autograder/source/ps8/ps8.ipynb")
    assert {f"packages/{name}" for name in wanted} <= set(files)
    of_a_class = re.compile(r"secret\.key|gradebook\.db|submitted/|evidence/|prepared/|\.bin$|/\.")
    assert [name for name in files if of_a_class.search(name)] == ["course/secret.key"]
