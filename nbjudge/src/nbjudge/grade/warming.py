"""The warm parent of all kernels, begun while the grader itself is imported: each takes seconds, on a core of its own."""

from __future__ import annotations

import contextlib
import sys
import threading

from nbjudge.assignment import Assignment
from nbjudge.jail import JailUnavailable, reasons_unavailable, warm_up

_GRAMMAR = "rfc3987_syntax"


def begin(assignment: Assignment) -> threading.Thread:
    """Has the warm parent begin, and goes on. Whoever asks for a kernel meanwhile waits until it is there."""
    begun = threading.Thread(target=warm, args=(assignment,), name="nbjudge-warming", daemon=True)
    begun.start()
    return begun


def warm(assignment: Assignment) -> None:
    """Starts the warm parent, where there is a jail. If it cannot be had, the first kernel says so."""
    with contextlib.suppress(JailUnavailable):
        jail = assignment.jail()
        if jail.data is not None and not jail.data.is_dir():  # it is shown in the jail, and made once
            assignment.make_ready()
        if not reasons_unavailable():
            warm_up(jail)


def without_address_grammar() -> None:
    """Has jsonschema, which checks notebooks, do without its grammar of international addresses.

    To build it takes a second of each start, and no notebook's schema asks for one. Whoever has imported jsonschema has it.
    """
    if "jsonschema" in sys.modules or _GRAMMAR in sys.modules:
        return
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]  # as where it is not installed
    try:
        import jsonschema  # noqa: F401
    finally:
        del sys.modules[_GRAMMAR]
