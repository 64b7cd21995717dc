"""What is said beside each box."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.artifacts.findings import AccuracyFinding, Findings
from autograder.artifacts.reevaluation import Measured
from autograder.artifacts.results import Results
from autograder.beside.accuracies import about_comparisons, about_numbers
from autograder.beside.bets import about_bet, bets_of, lost, turned
from autograder.beside.boxes import ReviewedReport, rows_named
from autograder.beside.copied import about_words
from autograder.beside.curve import about_curve
from autograder.paths import SOLUTION
from autograder.questions.report_differences.question import judge_differences


def saying(submission: ReviewedReport, **texts: str) -> ReviewedReport:
    return replace(submission, texts={**submission.texts, **{f"report_{box}": text for box, text in texts.items()}})


def test_every_accuracy_is_found_in_the_text(submission: ReviewedReport) -> None:
    told = about_numbers(submission)
    assert "| I (autoencoder) | 0.288 | 0.288 | 28.8 % |" in told and "| CMC | 0.413 | 0.413 | 0.413 |" in told
    assert "not found" not in "".join(told) and "none of the numbers" not in "".join(told)
    assert told[-3:] == [
        "- Data set `STL-10`: named.",
        "- Profile `full`: named.",
        "- Epochs: the text says 100; results.json has autoencoder 3, CMC 3.",
    ]


def test_what_is_missing_or_from_elsewhere_is_said(submission: ReviewedReport) -> None:
    told = about_numbers(saying(submission, numbers="CMC had 0.62, method III 0.253, and the quick profile it was."))
    assert "| CMC | 0.413 | 0.413 | **not found** |" in told
    assert "- Also in the text, and none of the numbers that the run gave: 0.62." in told
    assert "- Data set `STL-10`: **not named**." in told and "- Profile `full`: **not named**, but quick is." in told
    assert "- Epochs: **not named**; results.json has autoencoder 3, CMC 3." in told
    elsewhere = about_numbers(saying(submission, numbers="See below.", curve="CMC came to 41.3 %."))
    assert "| CMC | 0.413 | 0.413 | 41.3 % (in another box) |" in elsewhere


def test_numbers_beside_the_wrong_name_are_said(submission: ReviewedReport) -> None:
    told = "\n".join(about_numbers(saying(submission, numbers="CMC: 0.331; random Lab: 0.413; autoencoder: 0.288")))
    assert "0.331 stands beside CMC, and is that of random Lab." in told and "0.413 stands beside random Lab" in told
    assert "beside I (autoencoder)" not in told
    standardised = about_numbers(saying(submission, numbers="CMC: 0.437 standardised\nrandom Lab 0.331"))
    assert not [line for line in standardised if "stands beside" in line or "none of the numbers" in line]


def test_without_results_the_weights_speak(submission: ReviewedReport) -> None:
    only = Findings((AccuracyFinding("cmc", None, Measured(0.41, 1_000, 8_000)),))
    told = about_numbers(replace(submission, findings=only))
    assert "| CMC | - | 0.410 | **not found** |" in told and "| II (supervised) | - | - | nothing to compare with |" in told
    nothing = ReviewedReport({"report_numbers": "0.41"})
    assert any("nothing to compare with" in line for line in about_numbers(nothing))
    for about in (about_comparisons, about_curve, about_bet):
        assert about(nothing)


def test_differences_stand_beside_chance(submission: ReviewedReport) -> None:
    told = about_comparisons(replace(submission, differences=judge_differences((SOLUTION / "comparisons.py").read_text())))
    assert "| CMC less random Lab | +0.082 | +0.085 | ± 0.015 |" in told
    assert "- The table of what differs: all five pairs right." in told
    wrong = judge_differences((SOLUTION / "comparisons.py").read_text() + "\ndiffers['cmc', 'random_lab'] = {'features'}")
    told = about_comparisons(saying(replace(submission, differences=wrong), comparisons="CMC is best."))
    assert "- The table of what differs: wrong for CMC against random Lab." in told
    assert "III (random RGB), I (autoencoder), II (supervised), random Lab." in told[-1]
    assert "not started" in "".join(about_comparisons(replace(submission, differences=judge_differences(""))))


def test_the_curve_against_its_formulas(submission: ReviewedReport) -> None:
    told = about_curve(submission)
    assert any("11.020 | 8.910 | first batch 11.36 on banks of noise; collapse 11.10" in line for line in told)
    left = "- Collapse is at a loss of 11.10; by results.json CMC's is clearly below that from epoch 2 on, and ends at 8.91."
    assert left in told
    assert "- In the text: 5.68, the first batch's loss of one view, on banks of noise." in told
    assert any(line.startswith("- In the text: 11.10, collapse, both views or ") for line in told)
    assert "- In the text: 8.91, CMC's loss in epoch 3." in told
    other = about_curve(saying(submission, curve="It began at 7.77, 20 epochs long."))
    assert "- In the text, and neither the run's nor a formula's: 7.77." in other
    assert "- None of these numbers was found in the text." in other


def test_a_collapse_is_said(submission: ReviewedReport) -> None:
    history = {"loss": [11.1] * 12, "prob_l": [0.0039] * 12, "prob_ab": [0.0039] * 12}
    collapsed = replace(submission, findings=Findings(results=Results("STL-10", "full", cmc_history=history)))
    assert "- By results.json CMC's loss ends near 11.10, where it collapses." in about_curve(collapsed)


def test_bets_beside_what_came(submission: ReviewedReport) -> None:
    assert lost(submission) == ["random_rgb", "autoencoder", "random_lab"]
    assert turned(submission) == [("supervised", "autoencoder"), ("random_lab", "autoencoder"), ("cmc", "autoencoder")]
    told = about_bet(submission)
    assert "| I (autoencoder) | 0.45 | 0.288 | **-0.162** |" in told and "| CMC | 0.40 | 0.413 | +0.013 |" in told
    assert "- Lost, off by more than 0.05: III (random RGB), I (autoencoder), random Lab." in told
    assert "- The text names III (random RGB), random Lab." in told
    elsewhere = about_bet(
        replace(saying(submission, bet="CMC was better than I thought."), bets={**submission.bets, "autoencoder": 0.3})
    )
    assert "- The text names CMC: none of those whose bet was lost." in elsewhere
    won = about_bet(replace(submission, bets={"cmc": 0.4}))
    assert any("No bet was off by more than 0.05" in line for line in won)


def code(*sources: str) -> list[dict]:
    return [{"cell_type": "code", "source": source} for source in sources]


def test_bets_are_read_and_not_run() -> None:
    assert bets_of(code('my_bet = {"cmc": 0.3, "random_lab": 25, "autoencoder": None, "supervised": "much"}', "x = 1")) == {
        "random_lab": 0.25,
        "cmc": 0.3,
    }
    assert bets_of(code('my_bet = {"cmc": 0.3}', "print(my_bet)", "my_bet = open('x').read()")) == {"cmc": 0.3}
    assert bets_of(code("my_bet = exit()", "my_bet = 7")) == bets_of([]) == {}


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("I think that unsupervised and self-supervised learning are fine.", []),
        ("Method I beats III", ["random_rgb", "autoencoder"]),
        ("I against III, and II against I", ["random_rgb", "autoencoder", "supervised"]),
        ("I bet against it, and I overdid it.", []),
        ("| I | II |", ["autoencoder", "supervised"]),
        ("the random encoder on Lab, CMC, auto-encoder", ["autoencoder", "random_lab", "cmc"]),
        ("cmc_lab with random_rgb and random weights, Lab", ["random_rgb", "random_lab"]),
    ],
)
def test_rows_are_known_by_their_names(text: str, rows: list[str]) -> None:
    assert rows_named(text) == rows or (text.startswith("cmc_") and rows_named(text) == [*rows, "cmc"])


LESSON = "Nothing was learned between the two random rows: other coordinates for the same colours, and twice as many features."


def test_whose_words_they_are(submission: ReviewedReport) -> None:
    texts = dict(submission.texts)
    assert about_words("report_bet", texts, LESSON, "") == ["21 words."]
    texts["report_bet"] = f"As we see, {LESSON.lower()}"
    count, told = about_words("report_bet", texts, LESSON, "")
    assert count == "22 words." and told.startswith("**86% of its words are the lesson's own**") and "nothing was" in told
    assert "instructor's notes" in about_words("report_bet", texts, "", f"What to look for. {LESSON}")[1]
    texts["report_bet"] = texts["report_curve"] + " Indeed."
    assert about_words("report_bet", texts, LESSON, "")[1:] == ["Nearly the same text stands in the box curve."]
    for nothing in ("", "YOUR ANSWER HERE", "  \nYOUR ANSWER HERE\n"):
        assert about_words("report_bet", {"report_bet": nothing}, LESSON, "") == [
            "Nothing was written here: it is as it was released."
        ]
