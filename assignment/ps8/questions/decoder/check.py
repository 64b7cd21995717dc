"""Check of 1.2: the table of layers, the ReLUs, the Sigmoid, and other numbers of channels."""

from __future__ import annotations

from ps8.checks.running import given, run_probe
from ps8.probes import Namespace
from ps8.probes.tools import TRANSPOSED_CONVOLUTIONS
from ps8.questions.shared.layers import check_other, check_table
from ps8.questions.shared.tables import Table

TABLE = Table(
    "decoder",
    "Decoder",
    "ConvTranspose2d",
    TRANSPOSED_CONVOLUTIONS,
    (24, 48, 24, 12, 3),
    (4, 8, 16, 32, 64),
    1,
    "Sigmoid",
)


def check_decoder(namespace: Namespace) -> str:
    """1.2: the table, the ReLUs, the Sigmoid, and other numbers of channels."""
    cls = given(namespace, "decoder", "Decoder")
    check_table(TABLE, cls, {})
    arguments = {"out_channels": 1, "feat_dim": 24}, {"out_channels": 3, "feat_dim": 8}
    for given_arguments in arguments:
        maps, planes = given_arguments["feat_dim"], given_arguments["out_channels"]
        name = f"Decoder(out_channels={planes}, feat_dim={maps})"
        wanted = (1, (8, 48, 4, 4)) if maps == 8 else (4, (12, 1, 4, 4))
        check_other(
            TABLE,
            lambda kw=given_arguments: cls(**kw),
            name,
            (3, maps, 4, 4),
            (3, planes, 64, 64),
            weight=wanted,
        )
    run_probe("decoder", namespace)
    return f"4 layers, {TABLE.parameters():,} parameters, (24, 4, 4) -> (3, 64, 64) in [0, 1]"
