"""Tensors of an answer that would stop it on a GPU, read off its text: a grader without a GPU cannot see them otherwise."""

from autograder.provenance.devices.cpu_tensors import ON_GPU, OnCpu, made_on_cpu, sentence

__all__ = ["ON_GPU", "OnCpu", "made_on_cpu", "sentence"]
