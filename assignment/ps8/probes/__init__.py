"""Probes: each calls a student's answer on inputs drawn from a seed and records what came out.

The student's own check and the grader use the same probes, so that the two cannot disagree on what an answer did.
A probe holds no answer: what should have come is known to the judge alone.
"""

from __future__ import annotations

from collections.abc import Callable

from ps8.probes.autoencoder import probe_decoder, probe_encoder, probe_train_ae
from ps8.probes.classifier import probe_train_classifier
from ps8.probes.cmc import (
    probe_cmc_score,
    probe_encoder_cmc,
    probe_nce,
    probe_softmax_loss,
)
from ps8.probes.evidence import Evidence
from ps8.probes.tools import Namespace, Numbers
from ps8.probes.train_cmc import probe_train_cmc

PROBES: dict[str, Callable[[Namespace, Numbers], Evidence]] = {
    "encoder": probe_encoder,
    "decoder": probe_decoder,
    "train_ae": probe_train_ae,
    "train_classifier": probe_train_classifier,
    "encoder_cmc": probe_encoder_cmc,
    "cmc_score": probe_cmc_score,
    "softmax_loss": probe_softmax_loss,
    "train_cmc": probe_train_cmc,
    "nce": probe_nce,
}
READ = ("report_differences",)  # answers that are data: the grader reads them from the cell's text, and no probe runs


def probe(question: str, namespace: Namespace, seed: int) -> Evidence:
    """Calls a question's answer and records what came.

    Args:
        question: one of `PROBES`.
        namespace: where the answer is defined, such as a notebook's globals. Restored afterwards.
        seed: non-negative; decides every input.
    """
    return PROBES[question](namespace, Numbers(seed))


__all__ = ["PROBES", "READ", "Evidence", "Namespace", "probe"]
