"""Walls behind walls, each tried by itself: Landlock, a namespace's own limits, rlimits, a read-only /proc, memory's meters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from nbjudge.jail import Limits, cgroups, zygote_host
from nbjudge.jail.inside import landlock, usage
from nbjudge.jail.policy import MiB

from autograder.paths import ROOT

REFUSED = """
def attempt(call):
    try: call(); return "done"
    except OSError as problem: return errno.errorcode[problem.errno]
    except ValueError: return "not allowed"  # of `resource`
"""
LIBC = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    return errno.errorcode[ctypes.get_errno()] if getattr(libc, name)(*arguments) < 0 else "done"
"""
needs_landlock = pytest.mark.skipif(landlock.version() == 0, reason="this kernel has no Landlock")


def told(box, code):
    answer = box.run("import errno, json, os\n" + REFUSED + textwrap.dedent(code))
    assert answer.status == "ok", answer
    return json.loads(answer.text)


@pytest.fixture
def unfiltered(monkeypatch):
    """Kernels without the filter of system calls, to see what stands behind it."""
    real = json.dumps

    def dumps(value, *args, **kwargs):
        return real({**value, "filter_calls": False} if "filter_calls" in value else value, *args, **kwargs)

    monkeypatch.setattr(zygote_host.json, "dumps", dumps)


# ---- Landlock

ALONE = """
import json, os, sys
from nbjudge.jail.inside import landlock, linux
shown, mine, other = sys.argv[1:]
linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
rules = [(shown, landlock.LOOK), (mine, landlock.KEEP), (mine + "/none", landlock.KEEP), ("/dev", landlock.USE)]
landlock.restrict(rules)
def attempt(path, mode):
    try: open(path, mode).close(); return True
    except PermissionError: return False
seen = [attempt(f"{place}/a", mode) for place in (shown, mine, other) for mode in ("r", "w")]
open("/dev/null", "w").close(); os.mkdir(mine + "/d"); os.rename(mine + "/a", mine + "/d/a")
print(json.dumps(seen))
"""


@needs_landlock
def test_landlock_alone(tmp_path):
    for name in ("shown", "mine", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_text("a")
    argv = [sys.executable, "-c", ALONE, *(str(tmp_path / name) for name in ("shown", "mine", "other"))]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [True, False, True, True, False, False]


def test_a_kernel_without_landlock_carries_on(monkeypatch):
    monkeypatch.setattr(landlock, "version", lambda: 0)
    monkeypatch.setattr(landlock, "_call", lambda *arguments: pytest.fail("there is nothing to call"))
    assert landlock.restrict([("/", landlock.LOOK)]) == 0


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6, 7])
def test_no_kernel_is_asked_for_more_than_it_knows(monkeypatch, version):
    calls = []
    monkeypatch.setattr(landlock, "version", lambda: version)
    monkeypatch.setattr(landlock, "_call", lambda *arguments: calls.append(arguments) or os.open("/dev/null", os.O_RDONLY))
    assert landlock.restrict([("/", landlock.KEEP | landlock.USE)]) == version
    known = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    attributes, rule = calls[0][1]._obj, calls[1][3]._obj
    assert attributes.files == known and rule.allowed & ~known == 0
    assert calls[0][2].value == (8 if version < 4 else 16 if version < 6 else 24)
    assert calls[-1][2] == (1 if version >= 7 else 0)


@pytest.mark.skipif(landlock.version() < 4, reason="this kernel's Landlock knows no network")
def test_a_kernel_is_behind_landlock(start):
    """No way to loopback in any case; behind Landlock it is refused before it is looked for."""
    assert told(start(), """
        import socket
        print(json.dumps([attempt(lambda: socket.create_connection(("127.0.0.1", 9), 1)),
                          attempt(lambda: socket.create_server(("127.0.0.1", 0)))]))
    """) == ["EACCES", "EACCES"]  # fmt: skip


OWN = """
import shutil, socket
for place in ("/tmp", "/home/student/work", "/dev/shm", "/exchange/evidence"):
    os.chdir(place)
    os.makedirs("a/b"); open("a/c", "w").write("c"); os.rename("a/c", "a/b/d"); os.truncate("a/b/d", 0)
    os.symlink("a", "l"); os.mkfifo("f"); os.link("a/b/d", "h"); socket.socket(socket.AF_UNIX).bind("s")
    shutil.copytree("a", "e"); shutil.rmtree("a")
seen = [os.path.isfile("/tmp/e/b/d"), attempt(lambda: os.listdir("/")), attempt(lambda: open("/dev/null", "w"))]
print(json.dumps(seen))
"""


def test_its_own_folders_are_fully_its_own(start):
    assert told(start(), OWN) == [True, "done", "done"]


# ---- what Linux counts by user, or for all


def test_nothing_that_linux_counts_by_user(start):
    seen = told(start(), LIBC + """
import fcntl
print(json.dumps([call("inotify_init"), call("inotify_init1", 0), call("syscall", 9999),
                  attempt(lambda: fcntl.fcntl(os.pipe()[0], 1031, 1 << 20))]))
""")  # fmt: skip
    assert seen == ["EPERM", "EPERM", "ENOSYS", "EPERM"]


def user_limits():
    return {path.name: path.read_text() for path in Path("/proc/sys/user").iterdir()}


BEHIND = """
names = os.listdir("/proc/sys/user")
values = {open(f"/proc/sys/user/{name}").read().strip() for name in names}
pid = os.fork()
if pid == 0: os._exit(0 if call("unshare", 0x10000000) == "ENOSPC" else 1)  # a process with one thread
seen = [call("inotify_init1", 0), os.waitpid(pid, 0)[1], len(names), sorted(values)]
print(json.dumps([*seen, attempt(lambda: open("/proc/sys/user/max_inotify_instances", "w").write("9"))]))
"""


def test_the_namespace_itself_bounds_them(start, unfiltered):
    before, box = user_limits(), start()
    assert told(box, LIBC + BEHIND) == ["EMFILE", 0, len(before), ["0"], "EROFS"]
    assert user_limits() == before  # the machine's own


def test_rank_and_reserves_are_the_graders(start):
    seen = told(start(), """
        import resource
        names = ("SIGPENDING", "MSGQUEUE", "MEMLOCK", "RTPRIO", "NICE")
        raised = [attempt(lambda: resource.setrlimit(getattr(resource, "RLIMIT_" + n), (1 << 30, 1 << 30))) for n in names]
        fifo = attempt(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
        print(json.dumps([[resource.getrlimit(getattr(resource, "RLIMIT_" + n)) for n in names], raised, fifo,
                          attempt(lambda: os.setpriority(0, 0, -5))]))
    """)  # fmt: skip
    assert seen[0] == [[1024, 1024], [0, 0], [0, 0], [0, 0], [0, 0]]
    assert set(seen[1]) <= {"not allowed", "EPERM"} and seen[2] == "EPERM" and seen[3] in ("EACCES", "EPERM")


def test_terminals_are_bounded(start):
    answer = start().run("import os\nkept = [os.openpty() for _ in range(17)]")
    assert answer.error.startswith("OSError")
    assert start().run("import os; os.write(os.openpty()[0], b'a')").text == "1"


def test_the_first_to_go_when_memory_is_short(start):
    seen = told(start(), """
        import subprocess
        def score(value): return attempt(lambda: open("/proc/self/oom_score_adj", "w").write(value))
        child = subprocess.run(["cat", "/proc/self/oom_score_adj"], capture_output=True, text=True).stdout
        print(json.dumps([open("/proc/self/oom_score_adj").read(), child, score("-1000"), score("0"), score("1000")]))
    """)  # fmt: skip
    assert seen == ["1000\n", "1000\n", "EROFS", "EROFS", "EROFS"]


# ---- memory that no page of a process shows, with no control group to count it


def ended_for(box, word):
    for _ in range(400):
        if box.wait(box.manager._async_is_alive()) is False:
            break
        time.sleep(0.05)
    assert word in (box.manager.cause_of_death or "")


@pytest.fixture
def no_groups(monkeypatch):
    monkeypatch.setattr(cgroups, "places", lambda: None)


SPARSE = """
import ctypes, os, time
libc = ctypes.CDLL(None, use_errno=True)
size_t, number = ctypes.c_size_t, ctypes.c_int
libc.mmap.restype, libc.mmap.argtypes = ctypes.c_void_p, [ctypes.c_void_p, size_t, number, number, number, ctypes.c_long]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
def sparse(size):
    at = libc.mmap(None, size, 1, 0x4022, -1, 0)  # to be read, private, nobody's, nothing reserved
    if at == ctypes.c_void_p(-1).value: return False
    libc.madvise(at, size, 15)  # no huge pages
    for page in range(at, at + size, 2 << 20): ctypes.c_byte.from_address(page).value  # all the same page of zeros
    return True
"""


def test_the_page_tables_of_one_process_are_bounded(start):
    assert start().run(SPARSE + "sparse(1 << 30), sparse(1 << 40)").text == "(True, False)"


def test_page_tables_of_many_processes_count(start, no_groups):
    box = start(Limits(memory_bytes=600 * MiB))
    box.run(SPARSE + "for _ in range(60):\n    if os.fork() == 0: sparse(12 << 30); time.sleep(60)\ntime.sleep(60)", 30)
    ended_for(box, "memory")


def test_shared_memory_that_is_in_no_page_table_counts(start, no_groups):
    box = start(Limits(memory_bytes=600 * MiB))
    code = "import mmap, time\nshared = mmap.mmap(-1, 3 << 30)\nfor at in range(0, 3 << 30, 1 << 24):\n"
    box.run(code + "    shared[at:at + (1 << 24)] = bytes(1 << 24); shared.madvise(mmap.MADV_DONTNEED)\ntime.sleep(60)", 30)
    ended_for(box, "memory")


def test_what_is_reserved_and_not_used_does_not_count(start, no_groups):
    box = start(Limits(memory_bytes=600 * MiB))
    box.run("import mmap, time\nheld = mmap.mmap(-1, 4 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, mmap.PROT_READ)")
    time.sleep(0.5)
    assert box.run("6 * 7").text == "42"


@pytest.mark.parametrize("text", [b"1500000000\n", b"usage_usec 1500000\nuser_usec 1\nsystem_usec 2\n"])
def test_a_control_groups_count_of_either_version(text):
    assert usage.group_seconds(text) == 1.5
