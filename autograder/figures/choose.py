"""Which picture says what is wrong with an answer, question by question."""

from __future__ import annotations

from collections.abc import Callable

from nbjudge.judge.compare import Case
from nbjudge.judge.figure import Figure

from autograder.figures.layers import decoded, feature_maps, features
from autograder.figures.moves import moves
from autograder.figures.scores import bank_update, gradient, score_matrix

# The first of them that has something wrong to show is the question's picture.
DRAWN: dict[str, tuple[Callable[[Case], Figure | None], ...]] = {
    "encoder": (feature_maps,),
    "decoder": (decoded,),
    "train_ae": (moves({"one": "after one step", "many": "after six steps"}),),
    "train_classifier": (
        moves(
            {
                "frozen.one:classifier": "classifier, frozen encoder",
                "frozen.one:encoder": "encoder, frozen",
                "supervised.one:classifier": "classifier, supervised",
                "supervised.one:encoder": "encoder, supervised",
                "frozen.many:classifier": "classifier, six frozen steps",
                "supervised.many:classifier": "classifier, six supervised steps",
            }
        ),
    ),
    "encoder_cmc": (features,),
    "cmc_score": (score_matrix, bank_update),
    "softmax_loss": (gradient("gradient"),),
    "train_cmc": (moves({"one": "after one step", "many": "after six steps"}),),
    "nce": (gradient("first.gradient"),),
}


def figure(question: str, case: Case) -> Figure | None:
    """A picture of what is wrong with an answer.

    Args:
        question: its id.
        case: evidence as the judge has cleaned it; it may still hold arrays of any shape.

    Returns:
        None if no picture says it.
    """
    return next((drawn for draw in DRAWN[question] if (drawn := draw(case)) is not None), None)
