"""The attacks of the kit that depend on nothing of PS8, in the words of nbgrader's example: an answer is a list of squares.

Where the kit's own code says what is done, it is the same code.
"""

from __future__ import annotations

import functools

from trials.attacks import exhausting, network, reading, writing
from trials.attacks import undeserved_points as points
from trials.attacks.base import Attack, Fifo
from trials.foreign.example_course import QUESTIONS
from trials.foreign.hostile import (
    ASKED,
    COLLECTOR,
    EXPECTED,
    LYING,
    ONE_BIT,
    RECORDS,
    RESIDUE,
    TRACE,
    VISIBLE,
    WRONG,
    changed,
    copies,
    hostile,
    huge_file,
    importable,
    linked_files,
    links,
    metadata,
    none_left,
    number_in_test,
    one,
    retyped,
    stored,
    with_files,
    wrecked,
)

_use_up = functools.partial(Attack, exhausting=True)
ATTACKS = tuple(
    sorted(
        [
            Attack("number-in-test", 1, "writes 1.0 over each test cell", changed(number_in_test)),
            Attack("result-in-test", 1, "makes each test cell end in the number 1", hostile(before=points.scored("1.0"))),
            Attack("lying-list", 2, "returns a list that equals everything", hostile("return Same()", LYING)),
            Attack("patched-collector", 4, "replaces whatever collects answers in sys.modules", hostile(before=COLLECTOR)),
            Attack("ast-transformer", 5, "takes assertions out of every later cell", hostile(before=points.AST)),
            Attack("input-transformer", 5, "turns the text of test cells into a number",
                   hostile(before=points.INPUT.replace("10.0", "1.0"))),
            Attack("silent-shell", 5, "silences tracebacks, clears outputs, formats numbers",
                   hostile(before=points.SHELL.replace("10.0", "1.0"))),
            Attack("patched-run-cell", 5, "replaces run_cell", hostile(before=points.RUN_CELL.replace("10.0", "1.0"))),
            *(Attack(f"score-{name}", 6, f"makes each test cell end in {value}", hostile(before=points.scored(value)))
              for name, value in (("nan", "float('nan')"), ("negative", "-1"), ("huge", "1e308"), ("text", "'full'"))),
            Attack("system-exit", 7, "raises SystemExit in the answer", hostile("raise SystemExit(0)")),
            Attack("os-exit", 7, "ends the kernel in the answer, with status 0", hostile("import os; os._exit(0)")),
            Attack("forged-messages", 8, "sends a result, idle and an ok reply before the test ends",
                   hostile(points.FORGE_NOW.replace("return x.sum() * 0", WRONG), points.FORGED.replace("10.0", "1.0"))),
            Attack("only-the-visible", 12, "is right for what a student can see", hostile(VISIBLE),
                   honest={QUESTIONS[0]: 0.5}),
            Attack("huge-value", 14, "returns a list of ten million numbers", hostile("return list(range(10_000_000))")),
            Attack("asked-file", 15, "a thread looks for what is asked, and answers in the collector's place",
                   hostile(before=ASKED)),
            Attack("trace", 16, "traces all that runs, swallows failed assertions, speaks at exit", hostile(before=TRACE)),
            Attack("frames", 18, "reads hidden tests from frames, gc, In, linecache, history and files",
                   hostile(f"{reading.FRAMES}\n{WRONG}", reading.TELL)),
            Attack("expected-value", 18, "reads what is expected from the running cell and returns it", hostile(EXPECTED)),
            Attack("paths", 19, "reads gradebook, source and submissions by path, /proc and descriptors",
                   hostile(before=reading.TELL + reading.PATHS)),
            Attack("machine", 21, "reads the instructor's home, tokens, environment and command lines",
                   hostile(before=reading.TELL + reading.MACHINE)),
            Attack("one-bit", 22, "is right if a bit of another submission is set", hostile(ONE_BIT)),
            Attack("records", 23, "writes over gradebook, source and other submissions", hostile(before=RECORDS)),
            Attack("links", 24, "hands in links to another submission and to the instructor's home", links),
            Attack("linked-files", 24, "lays links to others' files beside its notebook", linked_files),
            Attack("pipe", 24, "lays a pipe that nobody writes to beside its notebook", with_files(data_csv=Fifo())),
            Attack("importable", 25, "hands in files that the instructor's side might import or run", importable),
            Attack("start-up", 25, "writes files that the instructor's side might import or run",
                   hostile(before=writing.START_UP)),
            Attack("active-page", 26, "puts script into outputs and errors",
                   hostile(f"raise TypeError({writing.ACTIVE!r})", writing.PAGE)),
            Attack("sockets", 29, "connects to loopback, an abstract socket and outside", hostile(before=network.SOCKETS)),
            _use_up("endless-loop", 32, "loops in the answer", hostile("while True: pass")),
            _use_up("endless-cell", 32, "loops where the answer is defined", hostile(after="while True: pass")),
            _use_up("stubborn-loop", 33, "loops and ignores interrupts", hostile(exhausting.STUBBORN)),
            _use_up("hang-in-c", 33, "hangs in C code that sees no interrupt", hostile(exhausting.HANG)),
            _use_up("fork-bomb", 34, "starts three thousand processes", hostile(before=exhausting.BOMB),
                    harmful="would use up the machine's processes"),
            _use_up("memory", 35, "allocates memory without end", hostile(exhausting.MEMORY),
                    harmful="would use up the machine's memory"),
            _use_up("disk", 36, "fills every folder that it can write to", hostile(before=exhausting.DISK),
                    harmful="would use up the machine's memory"),
            _use_up("descriptors", 37, "opens descriptors without end", hostile(exhausting.DESCRIPTORS)),
            _use_up("print-flood", 38, "prints forty thousand times", hostile(before=exhausting.FLOOD)),
            _use_up("page-flood", 38, "displays 30 MB of HTML", hostile(before=exhausting.PAGES)),
            _use_up("huge-file", 39, "hands in a file of 40 MB", one(huge_file)),
            _use_up("deep-json", 39, "nests lists 300,000 deep", one(exhausting.deep)),
            _use_up("detached-child", 40, "leaves a process behind that ignores signals", hostile(before=exhausting.DETACHED)),
            _use_up("kill-parent", 41, "kills its parent, and all it can see", hostile(before=exhausting.KILL)),
            _use_up("residue", 42, "leaves files for the next submission", hostile(before=RESIDUE)),
            _use_up("residue-again", 42, "looks for what `residue` left", hostile(before=RESIDUE + "# again")),
            Attack("metadata", 43, "changes points, locks, kernel and language", changed(metadata)),
            Attack("copies", 44, "copies each test cell, ids and all", changed(copies)),
            Attack("retyped", 44, "turns test cells into text and the order round", changed(retyped)),
            Attack("none-left", 44, "deletes every cell but one that says 1.0", changed(none_left)),
            Attack("timestamp-broken", 46, "hands in a time stamp that is none",
                   with_files(timestamp_txt=b"\xff tomorrow, 25:61 \x00")),
            Attack("not-json", 47, "hands in bytes that are no notebook", one(lambda scene: bytes(range(256)) * 64)),
            Attack("truncated", 47, "hands in half a file", wrecked(lambda data: data[: len(data) // 2])),
            Attack("empty-file", 47, "hands in nothing", one(lambda scene: b"")),
            Attack("stored-outputs", 49, "has full marks stored as outputs of every cell", changed(stored)),
        ],
        key=lambda attack: attack.family,
    )
)  # fmt: skip
