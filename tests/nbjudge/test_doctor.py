"""Each line of `nbjudge doctor`, well and provoked to be red; a red one says what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbformat import NotebookNode
from nbjudge.gather import Gathered
from nbjudge.jail import MachineCheck, findings, reasons_unavailable, requirements

from autograder.definition import PS8, at
from autograder.paths import COURSE
from autograder.sample_images import finding
from nbjudge import doctor

from .course import new_course

Break = Callable[[pytest.MonkeyPatch, Path], object]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return new_course(tmp_path / "course")


def printed(*text: str) -> Gathered:
    return Gathered(outputs={"look": [NotebookNode(output_type="stream", name="stdout", text=line) for line in text]})


def jail_findings(course: Path) -> MachineCheck:
    """The first line about the jail that is not well, or the last of all."""
    requirements.reasons_unavailable.cache_clear()
    found = findings()
    return next((finding for finding in found if not finding.good), found[-1])


def other_version(patch: pytest.MonkeyPatch, name: str, answer: str | type[Exception]) -> None:
    real = doctor.version

    def version(wanted: str) -> str:
        if wanted != name:
            return real(wanted)
        if isinstance(answer, str):
            return answer
        raise answer(name)

    patch.setattr(doctor, "version", version)


def configured(text: str) -> Break:
    return lambda patch, course: (course / "nbgrader_config.py").write_text(text)


def keyed(text: str, mode: int = 0o600) -> Break:
    def write(patch: pytest.MonkeyPatch, course: Path) -> None:
        (course / "secret.key").write_text(text)
        (course / "secret.key").chmod(mode)

    return write


def refuse(*args: object, **kwargs: object) -> None:
    raise PermissionError(13, "Permission denied")


VERSIONS = lambda course: next(doctor.versions("nbjudge"))  # noqa: E731
KERNEL = lambda course: doctor.kernel(at(course))  # noqa: E731
ATTRIBUTE = (COURSE / "nbgrader_config.py").read_text("utf-8") + "\nc = get_config()\n"
RED: dict[str, tuple[Callable[[Path], MachineCheck], Break, str]] = {
    "no-bubblewrap": (
        jail_findings,
        lambda p, c: p.setattr(requirements.bubblewrap, "find_bubblewrap", lambda: None),
        "is missing",
    ),
    "no-namespaces": (
        jail_findings,
        lambda p, c: p.setattr(requirements, "_trial", lambda path: "refused"),
        "cannot make namespaces",
    ),
    "no-linux": (jail_findings, lambda p, c: p.setattr(requirements.platform, "system", lambda: "Darwin"), "this is Darwin"),
    "no-cgroups": (
        jail_findings,
        lambda p, c: p.setattr(requirements.cgroups, "find_places", lambda: None),
        "rlimits bound each process",
    ),
    "no-landlock": (jail_findings, lambda p, c: p.setattr(requirements.landlock, "version", lambda: 0), "this kernel has none"),
    "no-count": (
        lambda c: requirements._counted(requirements.cgroups.find_places()),
        lambda p, c: uncounted(p),
        "are not counted on this processor",
    ),
    "no-filter": (jail_findings, lambda p, c: p.setattr(requirements.seccomp, "program", lambda: None), "not filtered"),
    "unjailed": (lambda c: doctor.unjailed(PS8), lambda p, c: p.setenv("NBJUDGE_UNJAILED", "1"), "with your rights"),
    "no-jail": (KERNEL, lambda p, c: p.setattr(doctor, "reasons_unavailable", lambda: ("none",)), "not tried"),
    "no-start": (KERNEL, lambda p, c: p.setattr(doctor, "gather", refuse), "does not start (PermissionError"),
    "silent": (KERNEL, lambda p, c: p.setattr(doctor, "gather", lambda *a: printed()), "gives no answer"),
    "open": (KERNEL, lambda p, c: p.setattr(doctor, "gather", lambda *a: printed("seen: /home")), "to be found: /home"),
    "old": (
        lambda c: next(doctor.versions("nbjudge")),
        lambda p, c: other_version(p, "nbgrader", "0.8.1"),
        "nbgrader 0.8.1, needed",
    ),
    "gone": (
        lambda c: next(doctor.versions("nbjudge")),
        lambda p, c: other_version(p, "ipykernel", PackageNotFoundError),
        "ipykernel is missing",
    ),
    "half-data": (lambda c: finding(c / "data"), lambda p, c: half_data(c / "data"), "STL-10"),
    "no-source": (lambda c: doctor.check_source(at(c)), lambda p, c: shutil.rmtree(c / "source"), "0 notebooks"),
    "no-config": (doctor.config, lambda p, c: (c / "nbgrader_config.py").unlink(), "Autograde.autograde_preprocessors"),
    "broken-config": (doctor.config, configured("this is no Python"), "Autograde.autograde_preprocessors"),
    "other-config": (
        doctor.config,
        configured(ATTRIBUTE + "c.Autograde.autograde_preprocessors = ['nbgrader.preprocessors.Execute']\n"),
        "another Autograde.autograde_preprocessors",
    ),
    "open-secret": (lambda c: doctor.secret(at(c).secret), keyed("ab" * 32, 0o644), "can be read by others"),
    "short-secret": (lambda c: doctor.secret(at(c).secret), keyed("abcd"), "holds 2 bytes"),
    "no-secret": (lambda c: doctor.secret(at(c).secret), keyed("not hexadecimal"), "non-hexadecimal"),
    "full-disk": (
        doctor.room,
        lambda p, c: p.setattr(doctor.shutil, "disk_usage", lambda path: SimpleNamespace(free=2**20)),
        "0.0 GB free",
    ),
    "read-only": (doctor.writable, lambda p, c: p.setattr(doctor.tempfile, "TemporaryFile", refuse), "cannot be written to"),
}
WEAK = {"no-cgroups", "no-filter", "no-landlock", "no-count"}


def uncounted(patch: pytest.MonkeyPatch) -> None:
    """A processor without a filter, where no control group can be made."""
    patch.setattr(requirements.cgroups, "find_places", lambda: None)
    patch.setattr(requirements.seccomp, "program", lambda: None)


def half_data(folder: Path) -> None:
    """A download of STL-10 that was cut off."""
    (folder / "stl10_binary").mkdir(parents=True)
    (folder / "stl10_binary" / "train_X.bin").write_bytes(b"cut off")


@pytest.mark.parametrize("name", RED)
def test_a_red_line_says_what_was_found_and_what_to_do(monkeypatch: pytest.MonkeyPatch, course: Path, name: str) -> None:
    look, spoil, says = RED[name]
    assert name in WEAK or look is KERNEL or look is jail_findings or name == "half-data" or look(course).good
    spoil(monkeypatch, course)
    found = look(course)
    assert not found.good and says in found.says and found.fix
    assert found.needed is (name not in WEAK)
    monkeypatch.undo()
    requirements.reasons_unavailable.cache_clear()


@pytest.mark.parametrize(("version", "covers"), [(1, "files"), (4, "files, network"), (7, "files, network, signals")])
def test_how_much_of_landlock_there_is(monkeypatch: pytest.MonkeyPatch, version: int, covers: str) -> None:
    monkeypatch.setattr(requirements.landlock, "version", lambda: version)
    assert requirements._landlock().says == f"version {version}: {covers}"


def test_each_wall_has_a_line(course: Path) -> None:
    walls = {"bubblewrap", "namespaces", "memory bound", "CPU time", "system calls", "Landlock", "inotify"}
    assert walls <= {finding.name for finding in findings()} or not findings()[0].good


def test_a_secret_that_is_not_there_yet_is_well(course: Path) -> None:
    assert doctor.secret(at(course).secret).good


def test_a_jailed_kernel_sees_nothing(course: Path) -> None:
    if reasons_unavailable():
        pytest.skip("; ".join(reasons_unavailable()))
    finding = doctor.kernel(at(course))
    assert finding.good and "found neither network nor course" in finding.says


@pytest.mark.parametrize(("needed", "status", "mark"), [(True, 1, "NO  disk: full"), (False, 0, "--  disk: full")])
def test_the_command_prints_the_fix_and_fails_for_what_is_needed(monkeypatch, capsys, needed, status, mark) -> None:
    found = [MachineCheck("kernel", True, "answers"), MachineCheck("disk", False, "full", "make room", needed)]
    monkeypatch.setattr(doctor, "checks", lambda course: iter(found))
    assert doctor.main(at()) == status
    out = capsys.readouterr().out
    assert f"ok  kernel: answers\n{mark}\n     make room\n" in out
    assert ("can grade" in out) is not needed


def test_every_part_is_looked_at(monkeypatch: pytest.MonkeyPatch, course: Path) -> None:
    monkeypatch.setattr(doctor, "gather", lambda *a: printed("seen:"))
    names = [finding.name for finding in doctor.checks(at(course))]
    assert names[-9:] == ["kernel", "versions", "versions", "data", "source", "nbgrader", "secret", "disk", "course directory"]
