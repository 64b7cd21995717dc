"""`python -m trials`: what tries the grader, a command each."""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = {
    "answers": "trials.answer_folders",  # a folder of answers before the judge and the student's check
    "code_mutants": "trials.code_mutants.measure",  # the grader with one small thing changed, into benchmarks/code_mutants.json
    "demo": "trials.demo",  # the bundled class, from the release to the class report
    "misconceptions": "trials.misconceptions.evaluation",  # every known wrong answer, into benchmarks/misconceptions.json
    "mutants": "trials.mutants.mutation_score",  # the reference with one small thing changed, into benchmarks/mutants.json
}


def main(arguments: list[str] | None = None) -> int:
    """Runs one of `COMMANDS` with what follows it."""
    name, *rest = (sys.argv[1:] if arguments is None else arguments) or [""]
    if name not in COMMANDS:
        print(f"usage: python -m trials {{{','.join(COMMANDS)}}} ...   (--help after a command says more)", file=sys.stderr)
        return 2
    return int(import_module(COMMANDS[name]).main(rest))


if __name__ == "__main__":
    sys.exit(main())
