"""Check of 1.1: the table of layers, the ReLUs, and another number of input channels."""

from __future__ import annotations

from ps8.checks.running import given, run_probe
from ps8.probes import Namespace
from ps8.probes.tools import CONVOLUTIONS
from ps8.questions.shared.layers import check_other, check_table
from ps8.questions.shared.tables import Table

TABLE = Table("encoder", "Encoder", "Conv2d", CONVOLUTIONS, (3, 12, 24, 48, 24), (64, 32, 16, 8, 4), 0, "ReLU")


def check_encoder(namespace: Namespace) -> str:
    """1.1: the table, the ReLUs, and another number of input channels."""
    cls = given(namespace, "encoder", "Encoder")
    check_table(TABLE, lambda: cls(3), {})
    check_other(
        TABLE,
        lambda: cls(in_channels=1),
        "Encoder(in_channels=1)",
        (3, 1, 64, 64),
        (3, 24, 4, 4),
        weight=(1, (12, 1, 4, 4)),
    )
    run_probe("encoder", namespace)
    return f"4 layers, {TABLE.parameters():,} parameters, (3, 64, 64) -> (24, 4, 4)"
