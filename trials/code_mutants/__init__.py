"""Mutants of the grader's code: one small thing of nbjudge changed by rule, before the tests.

A mutant that passes every test is a fault that no test would see. `python -m trials code_mutants` (`make mutants`) tries a
random sample of them and writes what became of it into `benchmarks/code_mutants.json`. The mutants of `trials.mutants` are
others: of the students' answers, tried by the judge.
"""
