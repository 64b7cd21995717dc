"""Nothing passes from one submission to the next, and the warm parent comes back when it dies (attack 42)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from nbjudge.jail import JailSettings
from nbjudge.jail.startup_time import first_reply
from nbjudge.jail.zygote_host import shared

from autograder.kernel_setup import ps8_settings
from autograder.paths import ROOT

LEAVE = """
import os, sys, random, builtins, threading, socket, subprocess, time
import numpy, torch, ps8, json
torch.leftover = builtins.leftover = numpy.leftover = ps8.leftover = json.leftover = 1
sys.path.append("/tmp/mine"); sys.modules["stolen"] = torch
os.environ["LEFTOVER"] = "1"; os.umask(0o77); os.chdir("/tmp")
torch.manual_seed(1); numpy.random.seed(1); random.seed(1)
torch.set_default_dtype(torch.float64); torch.use_deterministic_algorithms(True); torch.set_grad_enabled(False)
for folder in ("/tmp", "/home/student", "/dev/shm", "/exchange/evidence"):
    open(f"{folder}/leftover", "w").write("1")
bound = socket.socket(socket.AF_UNIX); bound.bind("\\0leftover"); bound.listen()
subprocess.Popen(["sleep", "60"], start_new_session=True)
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)
torch.optim.Adam.step = None
"""
LOOK = """
import os, sys, random, builtins, threading, json, glob, socket, signal
import numpy, torch, ps8
print(json.dumps({
    "attributes": [hasattr(m, "leftover") for m in (torch, builtins, numpy, ps8, json)],
    "modules": ["stolen" in sys.modules, "/tmp/mine" in sys.path, torch.optim.Adam.step is None],
    "environment": ["LEFTOVER" in os.environ, os.umask(0o22) == 0o77, os.getcwd() == "/tmp"],
    "torch": [torch.get_default_dtype() == torch.float64, not torch.is_grad_enabled(),
              torch.are_deterministic_algorithms_enabled()],
    "files": [os.path.exists(f"{f}/leftover") for f in ("/tmp", "/home/student", "/dev/shm", "/exchange/evidence")],
    "sockets": ["leftover" in open("/proc/net/unix").read()],
    "processes": [len([p for p in os.listdir("/proc") if p.isdigit()]) > 2],
    "signals": [signal.getsignal(signal.SIGTERM) == signal.SIG_IGN],
}))
"""
RANDOM = """
import json, random, numpy, torch, uuid, tempfile
print(json.dumps([random.random(), float(numpy.random.rand()), float(torch.rand(1)), str(uuid.uuid4()),
                  tempfile.mktemp(), torch.initial_seed()]))
"""


def test_nothing_is_left_behind(start):
    first = start(settings=ps8_settings())
    assert first.run(LEAVE).status == "ok"
    during = json.loads(start(settings=ps8_settings()).run(LOOK).text)  # while the first still runs
    first.close()
    after = json.loads(start(settings=ps8_settings()).run(LOOK).text)
    for seen in (during, after):
        assert not any(any(values) for values in seen.values()), seen
    first.close = lambda: None


def test_random_states_differ(start):
    draws = [json.loads(start(settings=ps8_settings()).run(RANDOM).text) for _ in range(3)]
    for values in zip(*draws, strict=True):
        assert len(set(values)) == 3


def test_kernels_run_side_by_side(start):
    boxes = [start() for _ in range(3)]
    for number, box in enumerate(boxes):
        box.run(f"mine = {number}; open('/tmp/mine', 'w').write('{number}')")
    assert [box.run("print(mine, open('/tmp/mine').read())").text.split() for box in boxes] == [
        ["0", "0"],
        ["1", "1"],
        ["2", "2"],
    ]


@pytest.mark.parametrize("settings", [JailSettings(), ps8_settings()], ids=["plain", "ps8"])
def test_a_warm_parent_has_no_thread_and_missed_no_import(start, settings):
    start(settings=settings)
    report = shared(settings).report
    assert report["threads"] == 1
    assert report["missing"] == {}


def test_a_dead_warm_parent_is_started_again(start):
    box = start()
    zygote = shared(JailSettings())
    before = zygote.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    for _ in range(200):
        if not zygote.alive and not box.wait(box.manager._async_is_alive()):
            break
        time.sleep(0.02)
    assert box.run("1").status == "dead"  # the jail's kernels go with it
    assert start().run("6 * 7").text == "42"
    assert zygote.pid != before


def test_a_warm_parent_outlives_the_thread_that_asked_for_it(start):
    """The option --die-with-parent of bubblewrap acts when the starting thread ends, so that must be one of ours."""
    settings = JailSettings(preload=(), env={"COURSE_TEST": "1"})
    thread = threading.Thread(target=shared(settings).ensure)
    thread.start()
    thread.join(60)
    time.sleep(0.3)
    assert shared(settings).alive
    box = start(settings=settings)
    assert box.run("import os; os.environ['COURSE_TEST']").text == "'1'"
    shared(settings).close()


def test_the_hosts_folders_go_with_the_kernel(start):
    box = start()
    root = box.manager.jail.kernel.folders.root
    assert root.is_dir()
    box.run("open('/exchange/evidence/a', 'w').write('late')")
    box.wait(box.manager._async_shutdown_kernel(now=True))
    assert box.manager.exchange.take("a", 10) == b"late"  # evidence outlives the kernel
    box.manager.release()
    assert not root.exists()


def test_descriptors_do_not_grow(start):
    start()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        box = start()
        box.run("1")
        box.close()
        box.close = lambda: None
    assert len(os.listdir("/proc/self/fd")) <= before + 3


def test_the_socket_of_another_kernel_is_out_of_reach(start):
    first, second = start(), start()
    host_path = first.manager.jail.kernel.sockets / "k-1"
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(host_path))  # the host can
    answer = second.run(f"import socket; socket.socket(socket.AF_UNIX).connect({str(host_path)!r})")
    assert answer.error.startswith("FileNotFoundError")
    listed = second.run("import os; print(os.listdir('/run/nbjudge/host'))")
    assert listed.error.startswith(("FileNotFoundError", "PermissionError")) or listed.text.strip() == "[]"


def test_a_forked_grader_does_not_end_its_parents_kernels(start):
    box = start()
    pid = os.fork()
    if pid == 0:
        box.manager.release()
        os._exit(0)
    os.waitpid(pid, 0)
    assert box.run("6 * 7").text == "42"


def test_folders_of_killed_graders_are_swept(start, tmp_path):
    from nbjudge.jail.zygote_host import _sweep

    gone, mine = tmp_path / "nbjudge-jail-4194300-x", tmp_path / f"nbjudge-jail-{os.getpid()}-x"
    gone.mkdir()
    mine.mkdir()
    (tmp_path / "nbjudge-jail-4194301-y").symlink_to(mine)
    _sweep(tmp_path)
    assert not gone.exists() and mine.exists()


def test_threads_of_the_grader_share_one_warm_parent(start):
    start()
    zygote = shared(JailSettings())
    before = zygote.pid
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: asyncio.run(first_reply(JailSettings(), f"x = {number}")), range(8)))
    assert len(answers) == 8 and zygote.pid == before


KILLED = """
import asyncio, os, signal
from nbjudge.jail import JailKernelManager, JailSettings
from nbjudge.jail.zygote_host import shared
async def main():
    manager = JailKernelManager()
    manager.settings = JailSettings(preload=())
    await manager._async_start_kernel()
    print(shared(manager.settings).pid, manager.jail.kernel.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


def test_a_grader_that_is_killed_leaves_no_process(start):
    start()
    done = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, timeout=60, cwd=ROOT)
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 2, done.stderr
    for _ in range(100):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            break
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
