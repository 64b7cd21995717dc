"""The one list of what a jail shows."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from nbjudge.jail import JailSettings, JailUnavailable, bubblewrap, mounts, provisioner, warm_up

from autograder.kernel_setup import ps8_settings
from autograder.paths import COURSE, ROOT, SOLUTION


def _inside(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


@pytest.fixture
def listed() -> list[mounts.Mount]:
    return mounts.view(ps8_settings(), Path("/tmp/etc"))


def test_no_source_contains_an_answer_or_a_record(listed):
    secret = [SOLUTION, ROOT / ".git", Path.home() / ".ssh", Path("/etc/shadow"), Path("/sys")]
    secret += [COURSE / name for name in ("judge", "misconceptions", "source", "submitted", "gradebook.db")]
    for mount in listed:
        source = Path(mount.source) if mount.kind != "link" else Path("/nowhere")
        for path in secret:
            assert not _inside(path, source), f"{mount} shows {path}"


def test_of_the_repository_only_kit_collector_and_environment_are_shown(listed):
    allowed = {ROOT / "assignment/ps8", COURSE / "collector", mounts.INSIDE, ROOT / "data_cache"}
    for mount in listed:
        source = Path(mount.source)
        if _inside(source, ROOT):
            assert source in allowed or _inside(source, Path(sys.prefix)), mount


def test_nothing_of_the_host_is_writable(listed):
    assert "shared" not in {mount.kind for mount in listed}
    assert all(mount.size > 0 for mount in listed if mount.kind == "memory")
    assert all(mount.why for mount in listed)


def test_a_checkout_below_tmp():
    """What lies where each kernel gets a fresh folder is named, to be shown again; and mounted after what it lies below."""
    places = [Path("/tmp/repo/.venv/bin"), Path("/opt/python/lib"), Path("/tmpfoo/lib")]
    assert mounts.below_own_folders(places) == ["/tmp/repo/.venv/bin"]
    deep = mounts.Mount("read-only", "/tmp/repo/.venv/bin", "/")
    memory = mounts.Mount("memory", "/tmp", size=1)
    argv = bubblewrap.command([deep, memory], {}, bwrap="bwrap", setup=False, shared={})
    assert argv.index("/tmp") < argv.index("/tmp/repo/.venv") < argv.index("/tmp/repo/.venv/bin")


def _python(monkeypatch, prefix: Path, base: Path) -> list[Path]:
    for name in ("prefix", "exec_prefix"):
        monkeypatch.setattr(sys, name, str(prefix))
    for name in ("base_prefix", "base_exec_prefix"):
        monkeypatch.setattr(sys, name, str(base))
    monkeypatch.setattr(sys, "executable", str(prefix / "bin/python"))
    monkeypatch.setattr(sys, "path", [str(prefix / "lib/python3.11/site-packages")])
    monkeypatch.setattr(mounts.site, "getusersitepackages", lambda: str(prefix.parent / "nothing/site-packages"))
    return mounts.python_places()


def _environment(prefix: Path, *, links_to: Path | None = None) -> Path:
    (prefix / "lib/python3.11/site-packages").mkdir(parents=True)
    (prefix / "bin").mkdir()
    (prefix / "etc/jupyter").mkdir(parents=True)
    if links_to:
        (prefix / "bin/python").symlink_to(links_to / "bin/python")
        (prefix / "pyvenv.cfg").write_text("home = " + str(links_to / "bin"))
    else:
        (prefix / "bin/python").write_text("")
    return prefix


def test_an_environment_that_is_the_repository(monkeypatch, tmp_path):
    """`python -m venv .` in a checkout: its bin and lib are shown, not what lies beside them."""
    repo = tmp_path / "repo"
    (repo / "solution").mkdir(parents=True)
    base = _environment(tmp_path / "home/ada/.pyenv/versions/3.11.7")
    places = _python(monkeypatch, _environment(repo, links_to=base), base)
    assert set(places) == {repo / "bin", repo / "lib", repo / "pyvenv.cfg", base / "bin", base / "lib"}


def test_a_conda_environment(monkeypatch, tmp_path):
    base = _environment(tmp_path / "miniconda3")
    env = _environment(base / "envs/ps8")
    assert set(_python(monkeypatch, env, env)) == {env / "bin", env / "lib"}


def test_an_executable_behind_several_links(monkeypatch, tmp_path):
    real = _environment(tmp_path / "uv/cpython-3.11.7")
    alias = tmp_path / "uv/cpython-3.11"
    alias.symlink_to(real)
    places = _python(monkeypatch, _environment(tmp_path / "repo/.venv", links_to=alias), alias)
    assert alias / "bin" in places and alias / "lib" in places


def test_the_systems_python(monkeypatch):
    places = _python(monkeypatch, Path("/usr"), Path("/usr"))
    assert not [path for path in places if _inside(path, Path("/usr"))]


def test_folders_on_the_way_to_a_mount_cannot_be_listed():
    listed = [mounts.Mount("read-only", "/home/ada/repo/.venv/lib", "/x"), mounts.Mount("memory", "/home/student", size=1)]
    assert mounts.hollow_parents(listed) == ["/home", "/home/ada", "/home/ada/repo", "/home/ada/repo/.venv"]
    argv = bubblewrap.command(listed, {}, bwrap="bwrap", setup=False, shared={})
    assert argv.index("/home/ada") < argv.index("/home/ada/repo/.venv/lib")
    assert argv[argv.index("/home/ada") - 3 : argv.index("/home/ada")] == ["--perms", "0111", "--dir"]


@pytest.mark.parametrize("setup", [True, False])
def test_the_command_line_leaves_every_namespace(listed, setup):
    argv = bubblewrap.command(listed, {"A": "b"}, bwrap="bwrap", setup=setup, shared={"/run/x": "/tmp/x"})
    for option in ("--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--clearenv"):
        assert option in argv
    assert ("--cap-add" in argv) is setup
    assert "--share-net" not in argv and "--dev-bind" not in argv
    assert argv[-1] == "--" and argv[argv.index("A") - 1] == "--setenv"
    bound = [argv[i + 2] for i, option in enumerate(argv) if option == "--bind"]
    assert bound == ["/run/x"]


def test_the_published_list_names_no_path_of_this_machine():
    told = mounts.mount_rows(replace(ps8_settings(), readable=(Path("/var"),)))
    places = [place for place, _, _ in told]
    assert len(places) == len(set(places))
    assert not [place for place in places if str(ROOT) in place or str(Path.home()) in place or "/var" in place]
    assert {"/packages/ps8", "/tmp", "/exchange/evidence", "folders that the course names as readable"} <= set(places)


@pytest.mark.parametrize(
    "path", [ROOT, ROOT.parent, Path("/"), SOLUTION, COURSE / "judge", Path("/tmp"), Path("/nowhere"), Path("x")]
)
def test_what_an_instructor_may_not_make_readable(path):
    with pytest.raises(ValueError, match="readable"):
        mounts.view(replace(ps8_settings(), readable=(path,)), Path("/tmp/etc"))


def package(folder: Path, text: str = "") -> Path:
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    (folder / "__init__.py").write_text(text)
    return folder


def test_packages_are_shown_by_their_names_and_nothing_around_them(tmp_path):
    tools = package(tmp_path / "course/src/tools")
    settings = JailSettings(packages={"mycourse.lib.tools": tools, "kit": package(tmp_path / "kit")})
    shown = {mount.place: mount for mount in mounts.view(settings, Path("/tmp/etc")) if mount.place.startswith("/packages")}
    sources = {place: mount.source for place, mount in shown.items() if mount.kind == "read-only"}
    assert sources == {
        "/packages/nbjudge_inside": str(mounts.INSIDE),
        "/packages/mycourse/__init__.py": "/tmp/etc/__init__.py",
        "/packages/mycourse/lib/__init__.py": "/tmp/etc/__init__.py",
        "/packages/mycourse/lib/tools": str(tools),
        "/packages/kit": str(tmp_path / "kit"),
    }
    assert {place for place, mount in shown.items() if mount.kind == "folder"} == {
        "/packages", "/packages/mycourse", "/packages/mycourse/lib",
    }  # fmt: skip


@pytest.mark.parametrize("what", ["packages", "data"])
def test_what_is_secret_is_shown_in_no_way(tmp_path, what):
    """Neither by itself nor in a folder around it, nor through a link. That was looked at for `readable` alone."""
    course, link = tmp_path / "real/course", tmp_path / "link"
    (course / "answers").mkdir(parents=True)
    link.symlink_to(tmp_path / "real")
    for place in (course / "answers", course, link, link / "course"):
        chosen = {"packages": {"kit": place}, "data": place}[what]
        for secret in (course / "answers", link / "course/answers"):
            with pytest.raises(ValueError, match=r"is shown to student code.*answers or records"):
                mounts.view(JailSettings(secret=(secret,), **{what: chosen}), Path("/tmp/etc"))


@pytest.mark.parametrize("installed", ["lib/python3.11/site-packages/answers", "bin"])
def test_what_is_secret_does_not_lie_in_the_environment(monkeypatch, tmp_path, installed):
    """A package with answers that was installed beside the grader is in every kernel."""
    env = _environment(tmp_path / "env")
    secret = env / installed
    secret.mkdir(parents=True, exist_ok=True)
    _python(monkeypatch, env, env)
    with pytest.raises(ValueError, match=r"\(the Python environment\), and .*answers or records: move one"):
        mounts.view(JailSettings(secret=(secret,)), Path("/tmp/etc"))


def test_settings_that_cannot_be_stop_the_grading_and_no_submission(start, tmp_path):
    """They were met at each submission anew, as if it were its fault."""
    start()
    for settings in (JailSettings(readable=(tmp_path / "gone",)), JailSettings(packages={"kit": tmp_path / "gone"})):
        with pytest.raises(JailUnavailable, match=r"gone.* not a"):
            warm_up(settings)


def test_a_package_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ValueError, match=r"packages: kit is to come from .*gone, which is not a folder"):
        mounts.view(JailSettings(packages={"kit": tmp_path / "gone"}), Path("/tmp/etc"))


IMPORTS = "import json, mycourse.tools, subprocess, sys\n"
AGAIN = (
    "code = 'import mycourse.tools; print(mycourse.tools.ANSWER)'\n"
    "done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)\n"
    "print(mycourse.tools.ANSWER, mycourse.__file__, done.stdout.strip() or done.stderr)"
)


@pytest.mark.parametrize("warm", [True, False])
def test_kernels_and_what_they_start_import_the_packages(start, tmp_path, warm):
    """A kernel that was started cold found no package below another, and a Python that a cell started found none at all."""
    settings = JailSettings(packages={"mycourse.tools": package(tmp_path / "tools", "ANSWER = 42")}, warm=warm)
    answer = start(settings=settings).run(IMPORTS + AGAIN)
    assert answer.text.strip() == "42 /packages/mycourse/__init__.py 42", answer


def test_without_a_jail_the_packages_are_the_same(start, tmp_path, monkeypatch):
    start()
    monkeypatch.setattr(provisioner, "reasons_unavailable", lambda: ("none",))
    tools = package(tmp_path / "course/tools", "ANSWER = 42")
    package(tmp_path / "elsewhere/mycourse", "raise SystemExit('another of that name')")
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    answer = start(settings=JailSettings(packages={"mycourse.tools": tools}, unjailed=True)).run(IMPORTS + AGAIN)
    first, file, second = answer.text.split()
    assert (first, second) == ("42", "42") and file.endswith("/packages/mycourse/__init__.py"), answer


def test_a_package_that_others_cannot_read_can_be_imported(start, tmp_path):
    """Where the grader is root, kernels run as another user, unless that one could not read what they need."""
    tools = package(tmp_path / "tools", "ANSWER = 42")
    (tools / "__init__.py").chmod(0o600)
    assert start(settings=JailSettings(packages={"tools": tools}, preload=())).run("import tools; tools.ANSWER").text == "42"
