"""1.1: the encoder, as it is judged."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from nbjudge.judge.severity import Severity
from ps8.questions.encoder.probe import gray_images, images

from autograder.questions.shared.layers import layers_of
from autograder.questions.shared.stack_question import question
from autograder.questions.shared.stacks import DEPTH, Other, Stack

STACK = Stack(
    F.conv2d,
    0,
    (torch.relu,) * DEPTH,
    images,
    # Part 2 needs the encoder of one channel: without it, it does not run there.
    (Other("out_gray", "Encoder(1)", gray_images, 1, 0, Severity.OTHER_NUMBERS),),
    "no convolution ran",
    learns_through=False,
)

QUESTION = question(
    "encoder",
    layers_of(STACK),
    STACK,
    {
        "layers": "four convolutions, 4x4, stride 2, padding 1, with a bias",
        "widths": "12, 24, 48 and 24 output channels: 42,156 parameters",
        "activations": "a ReLU between the layers, and nothing else",
        "last": "a ReLU after the last layer, and nothing else",
        "shape": "an output of shape (batch_size, 24, 4, 4)",
    },
)
