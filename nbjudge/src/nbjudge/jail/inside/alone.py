"""A kernel in a process of its own, started from nothing: where there is no warm parent."""

from __future__ import annotations

import json
import os
import sys

from . import kernel


def main() -> None:
    """Read what to do from stdin, then be a kernel."""
    spec = json.load(sys.stdin)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    kernel.set_limits(spec["limits"], memory=spec["limits"]["memory_bytes"] + (1 << 30), addresses=None, processes=None)

    def ready() -> None:
        os.write(spec["ready"], b"r")
        os.close(spec["ready"])

    kernel.serve(spec["sockets"], spec["key"], ready)


if __name__ == "__main__":
    main()
