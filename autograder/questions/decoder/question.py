"""1.2: the decoder, as it is judged."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from nbjudge.judge.severity import Severity
from ps8.questions.decoder.probe import codes, gray_codes, small_codes

from autograder.questions.shared.layers import layers_of
from autograder.questions.shared.stack_question import question
from autograder.questions.shared.stacks import DEPTH, Other, Stack

STACK = Stack(
    F.conv_transpose2d,
    1,
    (*(torch.relu,) * (DEPTH - 1), torch.sigmoid),
    codes,
    (
        Other("out_gray", "Decoder(out_channels=1)", gray_codes, 0, 1, Severity.NOT_GENERAL),
        Other("out_small", "Decoder(feat_dim=8)", small_codes, 8, 0, Severity.NOT_GENERAL),
    ),
    "no transposed convolution ran: the maps were enlarged by other means",
    learns_through=True,
)

QUESTION = question(
    "decoder",
    layers_of(STACK),
    STACK,
    {
        "layers": "four transposed convolutions, 4x4, stride 2, padding 1, with a bias",
        "widths": "48, 24, 12 and 3 output channels: 42,135 parameters",
        "activations": "a ReLU between the layers, and nothing else",
        "last": "a Sigmoid after the last layer, and nothing else",
        "shape": "an output of shape (batch_size, 3, 64, 64)",
    },
)
