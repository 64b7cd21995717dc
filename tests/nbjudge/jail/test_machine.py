"""Machines that offer less: no bubblewrap, no control groups, an ordinary user."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from nbjudge.jail import JailKernelManager, JailSettings, JailUnavailable, Limits, cgroups, findings, provisioner, requirements

from autograder.kernel_setup import ps8_settings
from autograder.paths import DATA, ROOT


@pytest.fixture
def no_jail(monkeypatch):
    monkeypatch.setattr(provisioner, "reasons_unavailable", lambda: ("bubblewrap is missing. Type: sudo apt-get …",))


def test_without_a_jail_nothing_runs_and_the_message_says_what_to_do(no_jail):
    manager = JailKernelManager()
    manager.settings = JailSettings(unjailed=False)
    with pytest.raises(JailUnavailable) as caught:
        asyncio.run(manager._async_start_kernel())
    for words in ("bubblewrap is missing", "sudo apt-get", "unjailed = true", "NBJUDGE_UNJAILED=1"):
        assert words in str(caught.value)


def test_unjailed_by_choice_has_the_same_face(no_jail, start, monkeypatch):
    monkeypatch.setenv("CANVAS_TOKEN", "secret-of-ada")
    box = start(settings=replace(ps8_settings(), unjailed=True), files={"results.json": b"{}"})
    assert box.run("import os; sorted(os.listdir('.')), 'CANVAS_TOKEN' in os.environ").text == "(['results.json'], False)"
    assert box.run("import ps8, os; os.environ['PS8_DATA']").text == repr(str(DATA))
    exchange = box.manager.exchange
    exchange.put("a", b"asked")
    code = f"open({exchange.inside_evidence!r} + '/a', 'wb').write(open({exchange.inside_challenge!r} + '/a', 'rb').read())"
    assert box.run(code).status == "ok"
    assert exchange.take("a", 10) == b"asked"
    reply_to = box.ask("while True: pass")
    reply = box.wait(box.manager.stop_cell(box.client, reply_to))
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    root = box.manager.jail.kernel.root
    box.manager.release()
    assert not root.exists()


def test_unjailed_time_is_bounded(no_jail, start):
    box = start(limits=Limits(seconds_per_notebook=2), settings=JailSettings(unjailed=True))
    assert box.run("import time; time.sleep(60)", 20).status == "dead"
    assert "longer than its 2 s" in box.manager.cause_of_death


def test_a_missing_program_is_explained(monkeypatch):
    monkeypatch.setattr(requirements.bubblewrap, "find_bubblewrap", lambda: None)
    (finding,) = requirements._needed()
    assert not finding.good and "missing" in finding.says and finding.fix.startswith("Type: ")


def test_namespaces_that_are_refused_are_explained(monkeypatch, tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(requirements.bubblewrap, "find_bubblewrap", lambda: str(fake))
    monkeypatch.setattr(requirements, "_reads", lambda path: "1" if path.endswith("restrict_unprivileged_userns") else "")
    (finding,) = requirements._needed()
    assert "uid map: Permission denied" in finding.says
    assert "sysctl kernel.apparmor_restrict_unprivileged_userns=0" in finding.fix


def test_every_finding_that_is_not_good_has_a_fix_or_a_consequence():
    for finding in findings():
        assert finding.good or finding.fix or "not filtered" in finding.says


def test_a_trial_group_of_version_2_goes_beside_our_own(tmp_path):
    beside = tmp_path / "user.slice/app.slice"
    (beside / "grader.scope").mkdir(parents=True)
    (tmp_path / "cgroup.controllers").write_text("memory pids")
    (beside / "cgroup.subtree_control").write_text("cpu memory pids")
    membership = "0::/user.slice/app.slice/grader.scope\n"
    assert cgroups.find_places(tmp_path, membership) is None  # made folders hold no cgroup.procs here: not a real one
    assert not list(beside.glob("nbjudge-*"))


@pytest.mark.parametrize("membership", ["", "0::/\n", "4:memory:/a\n"])
def test_no_groups_where_none_can_be_made(tmp_path, membership):
    assert cgroups.find_places(tmp_path, membership) is None


def test_bounds_hold_without_control_groups(start, monkeypatch):
    monkeypatch.setattr(cgroups, "places", lambda: None)
    box = start(limits=Limits(memory_bytes=600 << 20, processes=40))
    box.run("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", 3)
    box.wait(box.manager.jail.kill())
    box = start(limits=Limits(memory_bytes=600 << 20))
    box.run("import os, time\nfor _ in range(10):\n    if os.fork() == 0: held = os.urandom(1 << 20) * 100; time.sleep(60)\n"
            "time.sleep(60)", 20)  # fmt: skip
    assert "memory" in (box.manager.cause_of_death or "")


def test_a_cold_start_is_as_tight(start):
    box = start(settings=JailSettings(warm=False))
    assert box.run("import os; os.getcwd(), os.getuid(), os.getppid()").text == "('/home/student/work', 1000, 1)"
    assert box.run(f"import os; os.listdir({str(ROOT)!r})").error


SCRIPT = """
import asyncio, sys
sys.path.insert(0, ROOT)
from nbjudge.jail import JailKernelManager, JailSettings, Limits, close_all
async def main():
    manager = JailKernelManager()
    manager.settings, manager.limits = JailSettings(preload=()), Limits(processes=40)
    await manager._async_start_kernel()
    client = manager.client(); client.start_channels(); await client.wait_for_ready(30)
    manager.exchange.put("a", b"asked")
    msg = client.execute("import os; open('/exchange/evidence/a', 'w').write(open('/exchange/challenge/a').read()"
                         " + str(os.getuid()) + open('/proc/self/uid_map').read())")
    assert (await client.reply_to(msg, 30))["content"]["status"] == "ok"
    print(manager.exchange.take("a", 1000).decode())
    msg = client.execute("import os\\nwhile True:\\n    try: os.fork()\\n    except OSError: pass")
    await client.reply_to(msg, 2)
    await manager._async_shutdown_kernel(now=True)
    client.stop_channels(); manager.release(); close_all()
asyncio.run(asyncio.wait_for(main(), 60))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="for ordinary users every other test says this")
def test_an_ordinary_user_can_grade(start):
    if not all(shutil.which(program) for program in ("setpriv", "unshare", "mount")):
        pytest.skip("needs util-linux")
    start()  # a jail works here at all
    home, base = Path.home(), Path(sys.base_prefix)
    hidden = home != Path("/") and home in base.parents  # Python lies in root's home, closed to others
    show = f"""
        set -e
        if {"true" if hidden else "false"}; then
            mount --bind {base} /mnt; mount -t tmpfs -o mode=755 tmpfs {home}; mkdir -p {base}; mount --move /mnt {base}
        fi
        mount -t tmpfs -o mode=1777 tmpfs /var/tmp; cat > /var/tmp/script.py; chmod 644 /var/tmp/script.py
        cd /var/tmp; exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs \\
            env -i PATH="$PATH" TMPDIR=/var/tmp {sys.executable} /var/tmp/script.py
    """
    script = f"ROOT = {str(ROOT)!r}\n" + textwrap.dedent(SCRIPT)
    argv = ["unshare", "-m", "sh", "-c", textwrap.dedent(show)]
    done = subprocess.run(argv, input=script, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:2] == ["asked1000", "1000"], done.stdout


def test_stock_jupyter_tools_are_jailed_by_the_kernel_spec(start, monkeypatch):
    """Nbclient as it comes, a kernel spec that names our provisioner, and nothing else."""
    start()
    import importlib.metadata

    import nbformat
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_client.provisioning import KernelProvisionerFactory
    from nbclient import NotebookClient

    group = "jupyter_client.kernel_provisioners"
    ours = importlib.metadata.EntryPoint("nbjudge-jail", "nbjudge.jail.provisioner:JailProvisioner", group)
    monkeypatch.setitem(KernelProvisionerFactory.instance().provisioners, "nbjudge-jail", ours)
    specs = KernelSpecManager(kernel_dirs=[str(Path(cgroups.__file__).with_name("kernelspec"))])
    cells = [nbformat.v4.new_code_cell(code) for code in ("import os; os.getcwd()", "while True: pass", "6 * 7")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    manager = AsyncKernelManager(kernel_name="nbjudge-jail", kernel_spec_manager=specs)
    NotebookClient(notebook, km=manager, timeout=2, interrupt_on_timeout=True, allow_errors=True).execute()
    first, second, third = notebook.cells
    assert first.outputs[0]["data"]["text/plain"] == "'/home/student/work'"
    assert second.outputs[0]["ename"] == "KeyboardInterrupt"
    assert third.outputs[0]["data"]["text/plain"] == "42"
    asyncio.run(manager._async_shutdown_kernel(now=True))
    manager.provisioner.release()


def test_a_kernel_spec_says_whose_settings_its_kernels_have(start):
    start()
    spec = {"kernel_id": "a", "settings_from": "autograder.kernel_setup:ps8_settings"}
    assert provisioner.JailProvisioner(**spec)._named_settings() == ps8_settings()
    assert provisioner.JailProvisioner(kernel_id="a")._named_settings() == JailSettings()
