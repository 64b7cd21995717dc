"""What a submission can use up: its own share, nobody else's (attacks 32-38, 40, 7)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from nbjudge.jail import Limits
from nbjudge.jail.policy import MiB

SMALL = Limits(memory_bytes=700 * MiB, processes=48, open_files=128, written_bytes=16 * MiB, evidence_bytes=4 * MiB)


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_full_disk_is_its_own(start):
    box, other = start(SMALL), start(SMALL)
    code = """
import os, errno
for folder in ("/tmp", "/home/student", "/dev/shm", "/exchange/evidence"):
    total = 0
    try:
        for number in range(100):
            with open(f"{folder}/f{number}", "wb") as file:
                total += file.write(bytes(1 << 20))
    except OSError as problem:
        print(folder, total >> 20, errno.errorcode[problem.errno])
"""
    lines = box.run(code).text.splitlines()
    assert [line.split()[2] for line in lines] == ["ENOSPC"] * 4
    assert all(int(line.split()[1]) <= 17 for line in lines)
    assert other.run("open('/tmp/x', 'wb').write(bytes(1 << 20))").status == "ok"


def test_many_small_files_are_bounded(start):
    answer = start(SMALL).run("for n in range(10**6): open(f'/tmp/{n}', 'w').close()")
    assert answer.error.startswith("OSError") and "space" in answer.error


def test_long_files_are_bounded(start):
    answer = start(SMALL).run("import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
                              "f = open('/tmp/sparse', 'wb'); f.seek(1 << 30); f.write(b'x'); f.flush()")  # fmt: skip
    assert answer.error.startswith("OSError")


def test_fork_bomb(start):
    box, other = start(SMALL), start()
    began = time.monotonic()
    box.run("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", 4)
    box.wait(box.manager.jail.kill())
    assert time.monotonic() - began < 20
    assert other.run("6 * 7").text == "42"
    assert not alive(box.supervisor)


def test_threads_count_as_processes(start):
    answer = start(SMALL).run(
        "import threading, time\nfor n in range(10000): threading.Thread(target=time.sleep, args=(30,), daemon=True).start()"
    )
    assert "RuntimeError" in answer.error


def test_memory_of_one_process(start):
    box = start(SMALL)
    answer = box.run("import numpy; kept = [numpy.ones(1 << 24) for _ in range(1000)]", 30)
    assert answer.error.startswith(("MemoryError", "numpy")) or box.manager.cause_of_death
    assert start().run("6 * 7").text == "42"


def test_memory_of_many_processes_together(start):
    box = start(Limits(memory_bytes=600 * MiB))
    box.run(
        "import os, time\n"
        "for _ in range(12):\n"
        "    if os.fork() == 0:\n"
        "        held = bytearray(os.urandom(1 << 20) * 100); time.sleep(60)\n"
        "time.sleep(60)",
        20,
    )
    for _ in range(100):
        if box.wait(box.manager._async_is_alive()) is False:
            break
        time.sleep(0.05)
    assert "memory" in (box.manager.cause_of_death or "")


def test_open_files(start):
    answer = start(SMALL).run("kept = [open('/dev/null') for _ in range(1000)]")
    assert answer.error.startswith("OSError")


def test_cpu_time(start):
    box = start(Limits(cpu_seconds=2))
    assert box.run("while True: pass", 20).status == "dead"
    assert "CPU" in (box.manager.cause_of_death or "")


def test_notebook_time(start):
    box = start(Limits(seconds_per_notebook=2))
    assert box.run("import time; time.sleep(60)", 20).status == "dead"
    assert "longer than its 2 seconds" in (box.manager.cause_of_death or "")


def test_an_interrupt_stops_a_cell_and_not_the_kernel(start):
    box = start()
    box.run("x = 41")
    msg_id = box.ask("while True: pass")
    time.sleep(0.3)
    reply = box.wait(box.manager.stop_cell(box.client, msg_id))
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert box.run("x + 1").text.endswith("42")


@pytest.mark.parametrize(
    "code",
    [
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
        "import ctypes; ctypes.PyDLL(None).sleep(1000)",  # hangs in C, holding the interpreter's lock
    ],
)
def test_a_cell_that_ignores_interrupts_is_ended(start, code):
    box = start()
    msg_id = box.ask(code)
    time.sleep(0.3)
    began = time.monotonic()
    reply = box.wait(box.manager.stop_cell(box.client, msg_id, grace=1.0))
    assert time.monotonic() - began < 5
    if reply is None:
        assert "did not answer an interrupt" in box.manager.cause_of_death
        assert not alive(box.supervisor)
    else:  # C's sleep returns early when a signal comes
        assert reply["content"]["status"] == "error"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import os; os._exit(3)", "exit status 3"),
        ("import os; os.kill(os.getpid(), 11)", "SIGSEGV"),
        ("import os; os.kill(os.getpid(), 9)", "SIGKILL"),
    ],
)
def test_a_kernel_that_ends_says_how(start, code, says):
    box = start()
    assert box.run(code).status == "dead"
    assert says in box.manager.cause_of_death


def test_a_detached_child_dies_with_the_kernel(start):
    box = start()
    box.run(
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        while True: time.sleep(0.01)\n"
        "    os._exit(0)\n"
        "time.sleep(0.2); print(len([name for name in os.listdir('/proc') if name.isdigit()]))"
    )
    children = descendants(box.supervisor)
    assert len(children) >= 2
    box.wait(box.manager._async_shutdown_kernel(now=True))
    time.sleep(0.1)
    assert not any(alive(pid) for pid in children)


def descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def test_output_flood_is_cut_and_the_next_cell_works(start):
    box = start(Limits(output_bytes=2 * MiB))
    answer = box.run("for n in range(3000): print('x' * 5000, flush=True)", 60)
    assert answer.status == "ok" and len(answer.text) < 3 * MiB
    assert "stopped recording" in answer.text
    assert box.client.outputs_dropped > 0
    assert box.run("x = 1").status == "ok"


def test_one_enormous_message_does_not_reach_us(start):
    box = start(Limits(message_bytes=1 * MiB))
    msg_id = box.ask("print('x' * (50 << 20))")
    reply = box.wait(box.client.reply_to(msg_id, 30))
    assert reply is not None and reply["content"]["status"] == "ok"


def test_a_crowd_of_busy_processes_gives_way(start, monkeypatch):
    monkeypatch.setattr("nbjudge.jail.cgroups.places", lambda: None)
    box = start()
    box.run("import os\nfor _ in range(6):\n    if os.fork() == 0:\n        while True: pass")
    found: set[str] = set()
    for _ in range(100):
        found = {Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[16] for pid in descendants(box.supervisor)}
        if found == {"19"}:
            break
        time.sleep(0.1)
    assert found == {"19"}


def test_stopping_whichever_cell_is_running(start):
    box = start()
    box.ask("while True: pass")
    time.sleep(0.3)
    assert box.wait(box.manager.stop_cell(box.client))["content"]["ename"] == "KeyboardInterrupt"
    assert box.run("6 * 7").text == "42"
