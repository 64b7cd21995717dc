"""A hostile submission in nbgrader's example course, and nbgrader's own commands, in a bubblewrap that is thrown away after it.

Started by `benchmarks.foreign` only, as process 1. What it prints last is a line of JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys

from nbjudge.jail.inside import linux

from benchmarks.disposable import FOLDER, PLANTED, finished
from trials.attacks.battle import HostState
from trials.foreign.example_course import ASSIGNMENT, FULL, HONEST, attacked, scores
from trials.foreign.three_graders import achieved_by, harmed, shows_script
from trials.foreign.translated_attacks import ATTACKS

SECONDS = 240.0  # for a class of three


def main() -> None:
    """Reads the attack's id from the command line, has nbgrader grade it between two honest students, and prints what came."""
    if os.getpid() != 1:
        sys.exit("This lets student code run unjailed: `python -m benchmarks foreign` does so where nothing can be harmed.")
    attack = next(attack for attack in ATTACKS if attack.id == sys.argv[1])
    linux.mount("proc", "/proc", "proc", 0)  # without bubblewrap's covers
    shutil.copytree(PLANTED, FOLDER, symlinks=True)
    with attacked(FOLDER) as place:
        course = place.course
        attack.write(place.scene, course / "submitted" / attack.name / ASSIGNMENT)
        env = {**os.environ, "HOME": str(place.scene.home)}
        before = HostState.now(place)
        nbgrader = [sys.executable, "-m", "nbgrader"]
        ended = finished([*nbgrader, "autograde", ASSIGNMENT], course, env, SECONDS)
        finished([*nbgrader, "generate_feedback", ASSIGNMENT, "--student", attack.name], course, env, SECONDS)
        try:
            found, harm = scores(course), harmed(before, HostState.now(place))
        except sqlite3.Error as error:
            found, harm = {}, [f"gradebook damaged ({error})"]
        harm += ["script in the page"] * shows_script(course, attack.name)
        stopped = [name for name in HONEST if found.get(name) != FULL]
        print(
            "\n" + json.dumps(achieved_by(attack, place, found) | {"harm": harm, "stopped": stopped, "ended": ended}),
            flush=True,
        )


if __name__ == "__main__":
    main()
