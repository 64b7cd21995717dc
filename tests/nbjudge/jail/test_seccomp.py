"""The filter of system calls, run by a small interpreter of its own, for both processors."""

from __future__ import annotations

import errno
import struct

import pytest
from nbjudge.jail.inside import seccomp
from nbjudge.jail.inside.syscalls import ALLOWED, REFUSED

ALLOW, KILL = 0x7FFF0000, 0x80000000
X86, ARM = 0xC000003E, 0xC00000B7


def refused(number: int) -> int:
    return 0x00050000 | number


def verdict(code: bytes, number: int, arch: int, first: int = 0, second: int = 0) -> int:
    """What the filter says of a call: classic BPF, the five instructions it uses."""
    data = struct.pack("<IIQ6Q", number, arch, 0, first, second, 0, 0, 0, 0)
    steps = [struct.unpack_from("<HBBI", code, at) for at in range(0, len(code), 8)]
    at, word = 0, 0
    while True:
        operation, yes, no, value = steps[at]
        at += 1
        if operation == 0x20:
            (word,) = struct.unpack_from("<I", data, value)
        elif operation == 0x06:
            return value
        else:
            holds = {0x15: word == value, 0x35: word >= value, 0x45: bool(word & value)}[operation]
            at += yes if holds else no


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request, monkeypatch):
    monkeypatch.setattr(seccomp.platform, "machine", lambda: request.param)
    code = seccomp.program()
    assert code is not None and len(code) // 8 <= 4096
    here = seccomp.ARCHITECTURES[request.param]
    return code, here.audit, here.column, here


def test_every_number_is_answered_as_listed(machine):
    """All that there are, and some that there are not yet."""
    code, arch, column, here = machine
    named = {numbers[column]: refused(errno.EPERM) for numbers in REFUSED.values()}
    named |= {numbers[column]: ALLOW for numbers in ALLOWED.values()}
    by_argument = {here.clone, here.socket, here.socketpair, here.fcntl, here.ioctl}
    for number in {*range(1200), 0x3FFFFFFF, 0x80000000, 0xFFFFFFFF} - by_argument:
        assert verdict(code, number, arch) == named.get(number, refused(errno.ENOSYS)), number


def test_the_lists_say_different_things():
    assert not ALLOWED.keys() & REFUSED.keys()
    for column in (0, 1):
        numbers = [entry[column] for table in (ALLOWED, REFUSED) for entry in table.values() if entry[column] is not None]
        assert len(numbers) == len(set(numbers))


def test_orders_to_descriptors(machine):
    code, arch, _, here = machine
    for order in range(4096):
        assert verdict(code, here.fcntl, arch, 0, order) == (refused(errno.EPERM) if order in (1026, 1031) else ALLOW)
    for order in range(0x5400, 0x5500):
        assert verdict(code, here.ioctl, arch, 0, order) == (refused(errno.EPERM) if order in (0x5412, 0x541C) else ALLOW)


def test_children_that_a_process_would_forget_are_kept(machine):
    _, arch, _, here = machine
    code = seccomp.program(keep_children=True)
    assert code is not None
    for pointer in (1, 0x7FFF0000, 0x7FFF_0000_0000):  # in either half of the word
        assert verdict(code, here.sigaction, arch, 17, pointer) == refused(0)  # done, it says, and nothing was
    assert verdict(code, here.sigaction, arch, 17, 0) == ALLOW  # a question
    assert verdict(code, here.sigaction, arch, 2, 0x7FFF0000) == ALLOW


def test_clone_makes_processes_and_threads_but_no_namespaces(machine):
    code, arch, _, here = machine
    assert verdict(code, here.clone, arch, 17) == ALLOW  # fork
    assert verdict(code, here.clone, arch, 0x003D0F00) == ALLOW  # a thread
    for flag in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        assert verdict(code, here.clone, arch, flag | 17) == refused(errno.EPERM)
    assert verdict(code, here.clone3, arch) == refused(errno.ENOSYS)


def test_sockets_are_of_three_families(machine):
    code, arch, _, here = machine
    for call in (here.socket, here.socketpair):
        for family in range(50):
            wanted = ALLOW if family in (1, 2, 10) else refused(errno.EAFNOSUPPORT)
            assert verdict(code, call, arch, family) == wanted, (call, family)


def test_calls_of_another_architecture_end_the_process(machine):
    code, arch, _, _ = machine
    assert verdict(code, 0, 0x40000003) == KILL
    assert verdict(code, 0, ARM if arch == X86 else X86) == KILL


def test_x32_calls_do_not_exist(monkeypatch):
    monkeypatch.setattr(seccomp.platform, "machine", lambda: "x86_64")
    code = seccomp.program()
    assert code is not None
    assert verdict(code, 0x40000000 | 41, X86, 40) == refused(errno.ENOSYS)


def test_elsewhere_there_is_none(monkeypatch):
    monkeypatch.setattr(seccomp.platform, "machine", lambda: "riscv64")
    assert seccomp.program() is None
