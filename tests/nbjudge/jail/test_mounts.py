"""The one list of what a jail shows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from nbjudge.jail import Settings, bubblewrap, mounts

from autograder.paths import COURSE, ROOT, SOLUTION


def _inside(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


@pytest.fixture
def listed() -> list[mounts.Mount]:
    return mounts.view(Settings(), Path("/tmp/etc"))


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
    told = mounts.rows(Settings(readable=(Path("/var"),)))
    places = [place for place, _, _ in told]
    assert len(places) == len(set(places))
    assert not [place for place in places if str(ROOT) in place or str(Path.home()) in place or "/var" in place]
    assert {"/ps8kit/ps8", "/tmp", "/exchange/evidence", "folders named in course.toml"} <= set(places)


@pytest.mark.parametrize(
    "path", [ROOT, ROOT.parent, Path("/"), SOLUTION, COURSE / "judge", Path("/tmp"), Path("/nowhere"), Path("x")]
)
def test_what_an_instructor_may_not_make_readable(path):
    with pytest.raises(ValueError, match="readable"):
        mounts.view(Settings(readable=(path,)), Path("/tmp/etc"))
