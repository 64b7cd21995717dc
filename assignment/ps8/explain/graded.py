"""The counted questions, where a course has them: their text, and who is asked what. What comes is known to the grader alone.

Which changes a student is asked about, with which values and in which order the options stand, follows from the name under
which the work is handed in, and from nothing that a student can choose.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from typing import Any

from ps8.checks.finding import TITLES, wrapped
from ps8.explain.item import Posed, Statement, drawn

_ROWS, _COLUMNS = (0, 7, 14, 22, 30, 40, 48, 63), (0, 5, 16, 27, 33, 47, 62)
_PARTS = {"both": "both", "encoder": "the encoder alone", "classifier": "the classifier alone", "neither": "neither"}
_VIEWS = {"l": "feat_l alone", "ab": "feat_ab alone", "both": "both", "neither": "neither"}
_BLACK = "every weight is 1 and every bias 0"

STATEMENTS = (
    Statement(
        "encoder",
        "two_pixels",
        f"in your encoder {_BLACK}. The image is black but for two pixels, in row {{row}}, column {{column}}, and in row "
        "{lower}, column {right} (counted from 0).",
        "How many of the code's 4x4 places are not 0?",
        draws={"row": _ROWS[:4], "column": _COLUMNS[:4], "lower": _ROWS[4:], "right": _COLUMNS[4:]},
    ),
    Statement(
        "encoder",
        "two_layers",
        "in your encoder every bias is 0. The weights of its convolution number {one} are multiplied by {f}, and those of "
        "number {two} by {g}.",
        "By which factor does the code change?",
        draws={"one": (1, 2), "two": (3, 4), "f": (2, 3, 0.5), "g": (4, 5, 10, 0.25)},
    ),
    Statement(
        "decoder",
        "one_place",
        f"in your decoder {_BLACK}. The code is 0 but for the place in row {{row}}, column {{column}} of its first map "
        "(counted from 0), where it is 1.",
        "How many of the image's 64*64 pixels are not 0.5?",
        draws={"row": (0, 1, 2, 3), "column": (0, 1, 2, 3)},
    ),
    Statement(
        "decoder",
        "one_grey",
        "in your decoder every weight is 0; so is every bias, but for those of the last layer, which are {b}.",
        "Which value does it give every pixel?",
        draws={"b": (-3.0, -1.5, -0.5, 0.5, 1.5, 3.0)},
    ),
    Statement(
        "train_ae",
        "one_grey",
        "the model paints {g} into every pixel, whatever its weights are; every pixel of every image is {v}. An epoch has "
        "{n} batches.",
        "Which loss does your loop report for the epoch?",
        draws={"g": (0.2, 0.4, 0.7), "v": (0.0, 0.1, 0.9, 1.0), "n": (2, 3, 4, 6)},
    ),
    Statement(
        "train_ae",
        "two_greys",
        "the model paints 0.5 into every pixel, whatever its weights are. In each batch half of the images are {v} in every "
        "pixel, the others {w}. An epoch has {n} batches.",
        "Which loss does your loop report for the epoch?",
        draws={"v": (0.0, 0.1, 0.2), "w": (0.6, 0.8, 0.9), "n": (2, 3, 5)},
    ),
    Statement(
        "train_classifier",
        "ahead",
        "every feature is 0; so are all weights and biases of the classifier, but for the bias of class {c}, which is {d}. "
        "Every label is {c}. There are ten classes, the learning rate is 0, and an epoch has {n} batches.",
        "Which loss does your loop report for the epoch?",
        draws={"c": (1, 4, 7, 9), "d": (1, 2, 3), "n": (1, 2, 3, 5)},
    ),
    Statement(
        "train_classifier",
        "cut",
        "the loss's gradient is set to 0 at the features, so none reaches the encoder. The weight decay is {decay}; "
        "supervised={supervised}.",
        "Which part is changed by a step?",
        _PARTS,
        {"decay": ("0", "as it was"), "supervised": (True, False)},
    ),
    Statement(
        "encoder_cmc",
        "squares",
        "in place of your Encoder stands one that cuts the image into 4x4 squares of 16x16 pixels and gives 24 numbers for "
        "each. In {k} of the squares one pixel changes, in {channel}.",
        "How many of the 2*384 numbers that your EncoderCMC gives can change?",
        draws={"k": (2, 3, 4, 6, 7), "channel": ("L", "b", "a and b", "L and a", "all three")},
    ),
    Statement(
        "encoder_cmc",
        "emptied",
        "before your model sees a batch, {channel} of every image is set to 0.",
        "Which feature is then the same for all images?",
        _VIEWS,
        {"channel": ("L", "b", "a and b", "L and a", "all three")},
    ),
    Statement(
        "cmc_score",
        "right_angle",
        "momentum is {m}, the temperature {T}; both views give the same feature z, which stands at a right angle to the "
        "image's old row (both have length 1); and you call your CMCScore twice with the same batch.",
        "Which score does the positive get in the second call?",
        draws={"m": (0.2, 0.3, 0.5, 0.6, 0.8), "T": (0.05, 0.1, 0.2, 0.25)},
    ),
    Statement(
        "cmc_score",
        "angle",
        "momentum is 0, the temperature {T}; the features l and ab of each image have the cosine {c}; and you call your "
        "CMCScore twice with the same batch.",
        "Which score does the positive get in the second call?",
        draws={"c": (-1.0, -0.6, 0.3, 0.8), "T": (0.05, 0.1, 0.2, 0.25)},
    ),
    Statement(
        "cmc_score",
        "rows",
        "your CMCScore has banks of {N} rows and is called once, with a batch of {B} different images and {K} negatives each; "
        "momentum is 0.5.",
        "How many rows change in the two banks together?",
        draws={"N": (40, 60, 90), "B": (3, 5, 8, 12), "K": (6, 16, 30)},
    ),
    Statement(
        "softmax_loss",
        "ahead",
        "the positive's score is {s}, the scores of all K = {K} negatives are {t}.",
        "What is the loss?",
        draws={"K": (7, 15, 31, 255), "s": (-1, 0, 3), "t": (-2, 1, 2)},
    ),
    Statement(
        "softmax_loss",
        "slope",
        "in a batch of {B} images all scores are equal, with K = {K} negatives.",
        "What is the gradient of the loss by the first image's score at column {column}?",
        draws={"B": (2, 4, 5, 10), "K": (1, 3, 4, 9), "column": (0, 1)},
    ),
    Statement(
        "softmax_loss",
        "some_sure",
        "of a batch of {B} images, {sure} have a positive whose score is higher by 100 than all others; the scores of the "
        "other images are all equal. There are K = {K} negatives.",
        "What is the loss?",
        draws={"B": (4, 5, 8), "sure": (1, 2, 3), "K": (7, 31, 127)},
    ),
    Statement(
        "train_cmc",
        "first_batch",
        "the criterion of L gives {a} for the first batch of the epoch and 0 for the others; the criterion of ab always gives "
        "{b}. An epoch has {n} batches.",
        "Which loss does your loop report for the epoch?",
        draws={"a": (2.0, 3.0, 6.0), "b": (0.5, 1.0, 4.0), "n": (2, 3, 4, 5)},
    ),
    Statement(
        "train_cmc",
        "lead",
        "your CMCScore gives the positive a score of {d} and each of the K = {K} negatives 0.",
        "What does the loop report as `prob_l`?",
        draws={"d": (1, 2, 3), "K": (3, 9, 15, 63)},
    ),
    Statement(
        "train_cmc",
        "mute",
        "the criterion of {silent} gives its loss multiplied by 0.",
        "Which encoder is changed by a step?",
        {"L": "that of L alone", "ab": "that of ab alone", "both": "both", "neither": "neither"},
        {"silent": ("L", "ab", "both views")},
    ),
)
QUESTIONS = tuple(dict.fromkeys(statement.question for statement in STATEMENTS))


def normalised(name: str) -> str:
    """A student's name without capitals and blanks."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def seed_of(name: str) -> int:
    """The seed of a student's questions: public, and the same whenever it is asked for."""
    data = b"ps8 explain " + normalised(name).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=7).digest(), "big")


def posed_for(name: str) -> dict[str, Posed]:
    """What a student is asked, one thing a question."""
    seed, found = seed_of(name), {}
    for question in QUESTIONS:
        mine = [statement for statement in STATEMENTS if statement.question == question]
        found[question] = mine[drawn(seed, f"which {question}") % len(mine)].posed(seed)
    return found


def text_for(name: str, answers: Mapping[str, Any] | None = None) -> str:
    """A student's questions, to be printed; what to do, if the name is missing.

    Args:
        name: under which the student hands in.
        answers: question -> answer, to be shown below its question as it is read.
    """
    if not isinstance(name, str) or not normalised(name):
        return "First write the name under which you hand in between the quotes of my_name, and run that cell."
    parts = [f"The questions of {name.strip()[:60]}"]
    for question, posed in posed_for(name).items():
        parts.append(f'{TITLES[question]} ("{question}")\n{posed.text()}')
        if answers is not None:
            parts[-1] += "\n" + wrapped(f"  -> {_as_read(posed, answers.get(question))}", indent=" " * 5)
    if unknown := [str(name)[:40] for name in answers or () if name not in QUESTIONS]:
        parts.append(wrapped(f"No question is called {', '.join(unknown[:8])}.", indent="  "))
    return "\n\n".join(parts)


def _as_read(posed: Posed, answer: Any) -> str:
    """How an answer is read, in words."""
    if unanswered(answer):
        return "not answered yet"
    try:
        read = posed.read(answer)
    except ValueError as error:
        return f"cannot be read: {error}"
    return f"your answer: {read}" if isinstance(read, str) else f"your answer: {read:.6g}"


def unanswered(answer: Any) -> bool:
    """Whether nothing was written in an answer's place."""
    return answer is None or (isinstance(answer, str) and not answer.strip())
