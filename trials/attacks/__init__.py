"""Hostile submissions: at least one for each known family of attacks on autograders.

`catalogue()` lists them; `tests/trials/attacks` proves what they do not achieve; `benchmarks/attacks.py` compares graders.
Family 48 (a submission replaced while it is graded) is a matter of time, not of a file: its test makes it itself.
"""

from __future__ import annotations

import functools

from trials.attacks.base import Attack, Scene

FAMILIES = {
    1: "a number or a result in a test cell", 2: "lying comparisons", 3: "replaced assertions and builtins",
    4: "replaced collector", 5: "IPython's hooks", 6: "NaN, negative, huge, not a number as a score",
    7: "SystemExit, KeyboardInterrupt, the kernel ended", 8: "forged messages", 9: "lying tensors", 10: "lying modules",
    11: "recognising the grader's inputs", 12: "right at the checked place only", 13: "patched generators",
    14: "odd evidence", 15: "evidence for another question, or late", 16: "trace functions, watcher threads, exit hooks",
    17: "pickles and bombs in artifacts", 18: "hidden tests from frames and files", 19: "answers and records by path",
    20: "the secret", 21: "the instructor's home and environment", 22: "one bit for each submission",
    23: "gradebook and other submissions written", 24: "links, pipes, climbing archives, clashing names",
    25: "files that our side would run", 26: "script in pages", 27: "formulas in names", 28: "control characters",
    29: "sockets", 30: "DNS", 31: "pip", 32: "endless loop", 33: "a loop that ignores interrupts", 34: "fork bomb",
    35: "memory", 36: "disk", 37: "descriptors", 38: "output flood", 39: "huge notebooks", 40: "detached child",
    41: "killing the parent", 42: "residue in a warm kernel", 43: "changed metadata", 44: "duplicate, missing, retyped cells",
    45: "another student's name", 46: "time stamps", 47: "broken files", 48: "replaced while it is graded",
    49: "stored outputs that claim success",
}  # fmt: skip


@functools.cache
def catalogue() -> tuple[Attack, ...]:
    """Every attack, by family."""
    from trials.attacks import exhausting, file_names, network, reading, records, tampering, undeserved_points, writing

    modules = (undeserved_points, tampering, reading, writing, network, exhausting, file_names, records)
    return tuple(sorted((a for m in modules for a in m.ATTACKS), key=lambda a: a.family))


__all__ = ["FAMILIES", "Attack", "Scene", "catalogue"]
