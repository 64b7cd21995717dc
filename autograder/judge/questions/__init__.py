"""The questions that are judged, in the order of the lesson."""

from nbjudge.judge.criteria import Question

from autograder.judge.compared import with_reference
from autograder.judge.questions.contrast import CMC_SCORE
from autograder.judge.questions.convolutions import DECODER, ENCODER
from autograder.judge.questions.losses import SOFTMAX_LOSS
from autograder.judge.questions.nce import NCE
from autograder.judge.questions.train_ae import TRAIN_AE
from autograder.judge.questions.train_classifier import TRAIN_CLASSIFIER
from autograder.judge.questions.train_cmc import TRAIN_CMC
from autograder.judge.questions.views import ENCODER_CMC

QUESTIONS: dict[str, Question] = {
    q.id: with_reference(q)
    for q in (ENCODER, DECODER, TRAIN_AE, TRAIN_CLASSIFIER, ENCODER_CMC, CMC_SCORE, SOFTMAX_LOSS, TRAIN_CMC, NCE)
}
