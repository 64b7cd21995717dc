"""Mutants: the reference with one small thing changed, by rule and not by hand, before the judge.

The catalogue holds mistakes that somebody thought of; a mutant is one that nobody did. Each that keeps full marks is either
right, and listed with its reason in `equivalent_mutants.toml`, or shows what no criterion measures.
"""
