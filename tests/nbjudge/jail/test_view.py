"""What student code sees: its own things, and none of the instructor's (attacks 18-21, 23, 25, 29-31, 41)."""

from __future__ import annotations

import json
import os
import socket
import textwrap
from pathlib import Path

import pytest

from autograder.kernel_setup import ps8_settings
from autograder.paths import COURSE, ROOT, SOLUTION

NOTHING = "\n".join(
    [
        "import os",
        "def look(path):",
        "    try:",
        "        os.listdir(path); return 'listed'",
        "    except OSError as problem:",
        "        return type(problem).__name__",
    ]
)


def told(box, code):
    """The JSON that a cell printed."""
    answer = box.run(textwrap.dedent(code))
    assert answer.status == "ok", answer
    return json.loads(answer.text)


def test_a_cell_runs_where_it_should_with_everything_it_needs(start):
    box = start(settings=ps8_settings(), files={"results.json": b'{"ae": 1}', "ae.pth": b"\x00" * 1000})
    seen = told(
        box,
        """
        import json, os, getpass, torch, torchvision, skimage.color, matplotlib, ps8
        print(json.dumps([os.getcwd(), os.path.expanduser("~"), sorted(os.listdir(".")), open("results.json").read(),
                          os.environ["PS8_PROFILE"], ps8.__file__, getpass.getuser(), os.getuid(), os.sep]))
        """,
    )
    assert seen == [
        "/home/student/work",
        "/home/student",
        ["ae.pth", "results.json"],
        '{"ae": 1}',
        "grade",
        "/packages/ps8/__init__.py",
        "student",
        1000,
        "/",
    ]


def test_files_lie_in_their_folders_and_are_the_students_to_change(start):
    box = start(files={"data/deep/a.csv": b"1", "own.py": b"x = 2"})
    code = """
        import json, os
        open("data/deep/a.csv", "a").write("2"); open("data/new", "w").write("n"); os.remove("own.py")
        print(json.dumps([open("data/deep/a.csv").read(), sorted(os.listdir("data")), os.listdir(".")]))
    """
    assert told(box, code) == ["12", ["deep", "new"], ["data"]]
    for name in ("../a", "a//b", "/a", "a/./b", ""):
        with pytest.raises(ValueError, match="not the name of a file below its folder"):
            start(files={name: b""})


def test_answers_and_records_are_not_there(start):
    box = start(settings=ps8_settings())
    hidden = [SOLUTION, *(COURSE / name for name in ("judge", "misconceptions", "source", "submitted", "autograded"))]
    hidden += [COURSE / "gradebook.db", ROOT / "assignment" / "course.toml", ROOT / ".git", Path.home() / ".bashrc"]
    seen = told(
        box,
        f"""
        import json, os
        {textwrap.indent(NOTHING, "        ").strip()}
        print(json.dumps([os.path.exists(path) for path in {[str(path) for path in hidden]!r}]
                         + [look({str(ROOT)!r}), look({str(Path.home())!r}), look("/work"), look("/root"), look("/home")]))
        """,
    )
    assert not any(seen[: len(hidden)])
    assert "listed" not in seen[len(hidden) :]


@pytest.mark.parametrize("module", ["solution", "autograder.judge", "autograder.questions", "autograder.paths"])
def test_answers_cannot_be_imported(start, module):
    assert start(settings=ps8_settings()).run(f"import {module}").error.startswith("ModuleNotFoundError")


def test_the_instructors_environment_stays_outside(start, monkeypatch):
    monkeypatch.setenv("CANVAS_TOKEN", "secret-of-ada")
    box = start()
    answer = box.run(
        "import glob\n"
        "for name in ['/proc/self/environ', *glob.glob('/proc/*/environ')]:\n"
        "    try: print(open(name).read())\n"
        "    except OSError: pass\n"
        "import os; print(dict(os.environ))"
    )
    assert answer.status == "ok" and "secret-of-ada" not in answer.text and str(Path.home()) + "/." not in answer.text


def test_only_its_own_processes(start):
    box = start()
    seen = told(
        box,
        """
        import json, os
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        def readable(path):
            try:
                os.listdir(path) if path.endswith("fd") else open(path, "rb").read(1); return True
            except OSError: return False
        of_first = [readable(f"/proc/1/{name}") for name in ("environ", "maps", "mem", "fd")]
        print(json.dumps([sorted(pids), os.getpid(), os.getppid(), of_first]))
        """,
    )
    assert seen == [[1, 2], 2, 1, [False] * 4]


def test_no_descriptor_is_inherited(start):
    """Every open descriptor is the kernel's own: its sockets, its pipes, nothing of a file outside."""
    links = told(
        start(),
        """
        import json, os
        print(json.dumps([os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")
                          if os.path.lexists(f"/proc/self/fd/{name}")]))
        """,
    )
    kinds = {link.split(":")[0] for link in links}
    assert kinds <= {"/dev/null", "pipe", "socket", "anon_inode", "/proc/2/fd", "/dev/urandom"}, links


def test_network_is_not_there(start):
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind("\0ps8-host-secret")
        abstract.listen()
        seen = told(
            start(),
            f"""
            import json, socket
            def attempt(call):
                try: call(); return "connected"
                except OSError as problem: return type(problem).__name__
            def unix():
                socket.socket(socket.AF_UNIX).connect("\\0ps8-host-secret")
            results = [attempt(lambda: socket.create_connection(address, 2)) for address in
                       [("127.0.0.1", {server.getsockname()[1]}), ("169.254.169.254", 80), ("1.1.1.1", 53)]]
            results += [attempt(unix), attempt(lambda: socket.getaddrinfo("example.org", 443)),
                        attempt(lambda: socket.socket(40, socket.SOCK_STREAM))]  # vsock
            print(json.dumps(results + [open("/proc/net/unix").read().count("ps8-host-secret")]))
            """,
        )
    assert "connected" not in seen and seen[-1] == 0


def test_pip_gets_nowhere(start):
    answer = start().run("import subprocess, sys\nprint(subprocess.run([sys.executable, '-m', 'pip', 'install', "
                         "'--retries', '0', '--timeout', '1', 'six==1.16.0'], capture_output=True).returncode)")  # fmt: skip
    assert answer.status == "ok" and answer.text.strip() != "0"


def test_nothing_outside_can_be_written(start):
    box = start(settings=ps8_settings())
    targets = ["/x", "/usr/bin/x", "/etc/passwd", "/dev/x", "/sys/x", "/data/x", "/packages/ps8/x.py", "/packages/x"]
    targets += ["/proc/sys/kernel/x", "/proc/sysrq-trigger", "/run/nbjudge/sockets/k-9", "/exchange/challenge/x"]
    targets += [str(ROOT / ".venv/x"), str(ROOT / ".venv/lib/x")]
    seen = told(
        box,
        f"""
        import json
        done = []
        for path in {targets!r}:
            try: open(path, "w").write("x"); done.append(path)
            except OSError: pass
        print(json.dumps(done))
        """,
    )
    assert seen == []
    assert box.run("import os; os.unlink('/run/nbjudge/sockets/k-1')").error.startswith("OSError")


def test_start_up_files_do_not_run_on_our_side_or_in_the_next_kernel(start):
    box = start(settings=ps8_settings(), files={"sitecustomize.py": b"raise SystemExit('hijacked')", "torch.py": b"x = 1"})
    assert box.run("import torch; torch.__version__").status == "ok"
    box.run("import os; os.makedirs('/home/student/.ipython/profile_default/startup', exist_ok=True)\n"
            "open('/home/student/.ipython/profile_default/startup/a.py', 'w').write('stolen = 1')")  # fmt: skip
    assert start().run("stolen").error.startswith("NameError")


def test_killing_the_parent_hurts_nobody(start):
    box, other = start(), start()
    answer = box.run(
        "import os, signal\n"
        "for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGSTOP, signal.SIGKILL):\n"
        "    for pid in (os.getppid(), 1, 0x7fffffff):\n"
        "        try: os.kill(pid, number)\n"
        "        except OSError as problem: print(type(problem).__name__)\n"
    )
    assert answer.status == "ok"
    assert other.run("6 * 7").text == "42"
    assert box.run("6 * 7").text == "42"


def test_killing_everything_ends_its_own_kernel_only(start):
    box, other = start(), start()
    box.run("import os; os.kill(-1, 9)", 10)
    assert other.run("6 * 7").text == "42"


@pytest.mark.parametrize(
    "call",
    [
        "libc.unshare(0x10000000)",  # a user namespace
        "libc.mount(b'tmpfs', b'/tmp', b'tmpfs', 0, None)",
        "libc.ptrace(16, 1, 0, 0)",
        "libc.syscall(250, 0, 0, 0, 0, 0)" if os.uname().machine == "x86_64" else "libc.syscall(219, 0, 0)",  # keyctl
        "os.memfd_create('x')",
        "libc.shmget(0, 4096, 0o1600)",
        "libc.setns(os.open('/proc/self/ns/net', 0), 0)",
        "os.setuid(0)",
        "os.chroot('/tmp')",
    ],
)
def test_privileged_calls_are_refused(start, call):
    answer = start().run(
        f"import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        f"try: print({call} if {call.startswith('libc')} else ({call}, 0)[1])\nexcept OSError: print(-1)"
    )
    assert answer.text.strip() == "-1", answer


def test_the_root_of_the_jail_is_the_whole_of_it(start):
    names = told(start(settings=ps8_settings()), "import json, os\nprint(json.dumps(sorted(os.listdir('/'))))")
    known = {"bin", "data", "dev", "etc", "exchange", "home", "lib", "lib32", "lib64", "libx32", "nix", "opt", "proc"}
    known |= {"packages", "root", "run", "sbin", "tmp", "usr", *(part.parts[1] for part in [ROOT, Path.home()])}
    assert set(names) <= known
    assert "sys" not in names
