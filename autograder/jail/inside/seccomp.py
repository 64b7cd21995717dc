"""A filter of system calls for student code: a second wall behind the namespaces.

It refuses what a notebook never needs and what would get around a bound or widen the kernel's attack surface:
new namespaces and mounts, memory that no limit counts (memfd, System V shared memory), keyrings, tracing, BPF,
io_uring, and every socket family but Unix and IP (vsock is not bound to a network namespace). Refused calls
fail with an ordinary error. Known for x86-64 and 64-bit ARM; elsewhere there is no filter.

Sources: seccomp(2), the kernel's syscall tables (arch/x86/entry/syscalls/syscall_64.tbl,
include/uapi/asm-generic/unistd.h).
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000

# BPF instructions: load a word of seccomp_data, jump if equal / greater or equal / any bit set, return.
_LD, _JEQ, _JGE, _JSET, _RET = 0x20, 0x15, 0x35, 0x45, 0x06
_NR, _ARCH, _ARG0 = 0, 4, 16

_NAMESPACE_FLAGS = 0x7E020080  # CLONE_NEW{TIME,NS,CGROUP,UTS,IPC,USER,PID,NET}
_SOCKET_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6

# name: (x86-64, 64-bit ARM); None where the architecture has no such call.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "quotactl": (179, 60), "quotactl_fd": (443, 443),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "shmat": (30, 196),
    "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "io_setup": (206, 0), "fanotify_init": (300, 262), "lookup_dcookie": (212, 18),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "reboot": (169, 142), "syslog": (103, 116),
    "acct": (163, 89), "swapon": (167, 224), "swapoff": (168, 225), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "sethostname": (170, 161), "setdomainname": (171, 162), "vhangup": (153, 58),
    "iopl": (172, None), "ioperm": (173, None), "uselib": (134, None), "personality": (135, 92),
    "modify_ldt": (154, None), "nfsservctl": (180, 42), "vmsplice": (278, 75),
}  # fmt: skip
# clone3 hides its flags behind a pointer: say "no such call", and the C library falls back to clone.
_ARCHITECTURES = {
    "x86_64": {"audit": 0xC000003E, "column": 0, "clone": 56, "clone3": 435, "socket": 41, "socketpair": 53},
    "aarch64": {"audit": 0xC00000B7, "column": 1, "clone": 220, "clone3": 435, "socket": 198, "socketpair": 199},
}


def program(*, keep_children: bool = False) -> bytes | None:
    """The filter for this machine as an array of `struct sock_filter`, or None on an unknown architecture."""
    here = _ARCHITECTURES.get(platform.machine())
    if here is None:
        return None
    code: list[tuple[int, int, int, int]] = [
        (_LD, 0, 0, _ARCH),
        (_JEQ, 1, 0, here["audit"]),
        (_RET, 0, 0, _KILL_PROCESS),  # 32-bit calls have other numbers: nothing here would hold for them
        (_LD, 0, 0, _NR),
    ]
    if here["column"] == 0:
        code += [(_JGE, 0, 1, 0x40000000), (_RET, 0, 0, _ERRNO | errno.ENOSYS)]  # the x32 calls
    for numbers in _REFUSED.values():
        number = numbers[here["column"]]
        if number is not None:
            code += [(_JEQ, 0, 1, number), (_RET, 0, 0, _ERRNO | errno.EPERM)]
    code += [(_JEQ, 0, 1, here["clone3"]), (_RET, 0, 0, _ERRNO | errno.ENOSYS)]
    code += [
        (_JEQ, 0, 4, here["clone"]),
        (_LD, 0, 0, _ARG0),
        (_JSET, 0, 1, _NAMESPACE_FLAGS & ~0xFF),
        (_RET, 0, 0, _ERRNO | errno.EPERM),
        (_RET, 0, 0, _ALLOW),
    ]
    code += [(_JEQ, 1, 0, here["socket"]), (_JEQ, 0, 2 + len(_SOCKET_FAMILIES), here["socketpair"])]
    code += [(_LD, 0, 0, _ARG0)]
    for left, family in enumerate(reversed(_SOCKET_FAMILIES)):
        code += [(_JEQ, len(_SOCKET_FAMILIES) - left, 0, family)]
    code += [(_RET, 0, 0, _ERRNO | errno.EAFNOSUPPORT), (_RET, 0, 0, _ALLOW)]
    return b"".join(struct.pack("<HBBI", op, yes, no, value) for op, yes, no, value in code)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def install(*, keep_children: bool) -> bool:
    """Put the filter on this process and all that come of it. Needs `no_new_privs`. False if there is none."""
    code = program(keep_children=keep_children)
    if code is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    wrapped = _Program(len(code) // 8, code)
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(wrapped), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel refused the filter of system calls")
    return True
