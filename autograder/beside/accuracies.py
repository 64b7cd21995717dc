"""Beside the first two boxes: the accuracies that a text gives, and what the differences between the rows are worth."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from nbjudge.ground.listing import listed
from nbjudge.judge.verdict import Status
from ps8.questions.report_differences.comparisons import PAIRS

from autograder.artifacts.words import named
from autograder.beside.boxes import COMPARISONS, NUMBERS, ROWS, ReviewedReport, rows_named, written
from autograder.beside.numbers import Number, accuracies_in, recognised

CHANCE = 0.1
SPREADS = 2  # standard errors, within which a difference may be chance
_SEGMENT = re.compile(r"\n|;|\.\s|,\s")


def about_numbers(submission: ReviewedReport) -> list[str]:
    """Which of the five accuracies stand in the text, which others do, and whether data, profile and epochs are named."""
    texts = submission.texts
    here, everywhere = (accuracies_in(text) for text in (texts.get(NUMBERS, ""), "\n\n".join(texts.values())))
    lines = ["| | results.json | the weights give | in the text |", "| --- | ---: | ---: | --- |"]
    measured = {line.row: line.measured.accuracy for line in submission.findings.lines if line.measured}
    for row, (name, _) in ROWS.items():
        values = [value for value in (submission.results.accuracy.get(row), measured.get(row)) if value is not None]
        told = _found(values, here, everywhere)
        lines.append(f"| {name} | {_share(submission.results.accuracy.get(row))} | {_share(measured.get(row))} | {told} |")
    said = list(_swapped(submission))
    _, others = recognised(here, _known(submission))
    if others:
        said.append(f"Also in the text, and none of the numbers that the run gave: {listed([n.text for n in others])}.")
    return [*lines, "", *(f"- {sentence}" for sentence in [*said, *_named(submission)])]


def _found(values: Sequence[float], here: Sequence[Number], everywhere: Sequence[Number]) -> str:
    if not values:
        return "nothing to compare with"
    for numbers, where in ((here, ""), (everywhere, " (in another box)")):
        for number in numbers:
            if number.fits(values[0]):
                return f"{number.text}{where}"
        for number in numbers:
            if any(number.fits(value) for value in values[1:]):
                return f"{number.text}{where}, as the weights give it"
    return "**not found**"


def _known(submission: ReviewedReport) -> dict[str, float]:
    """The numbers between 0 and 1 that a text may well hold, by their names."""
    results, known = submission.results, {"chance": CHANCE}
    for row, (name, _) in ROWS.items():
        plain, fair = submission.accuracy(row), results.standardised.get(row)
        known |= {name: plain} if plain is not None else {}
        known |= {f"{name}, standardised": fair} if fair is not None else {}
    known |= {f"measured, {line.row}": line.measured.accuracy for line in submission.findings.lines if line.measured}
    known |= {f"the bet on {row}": bet for row, bet in submission.bets.items()}
    for table in (results.accuracy, results.standardised):
        known |= {f"{a} less {b}": abs(table[a] - table[b]) for a in table for b in table if a < b}
    return known


def _swapped(submission: ReviewedReport) -> Iterator[str]:
    """Numbers that stand beside one row's name and are another's."""
    values = {row: value for row in ROWS if (value := submission.accuracy(row)) is not None}
    for segment in _SEGMENT.split(submission.texts.get(NUMBERS, "")):
        rows, numbers = rows_named(segment), accuracies_in(segment)
        if len(rows) != 1 or not numbers or rows[0] not in values:
            continue
        own = [values[rows[0]], *filter(None, [submission.results.standardised.get(rows[0])])]
        if not any(number.fits(value) for number in numbers for value in own):
            for number in numbers:
                theirs = [ROWS[row][0] for row, value in values.items() if number.fits(value)]
                if theirs:
                    yield f"{number.text} stands beside {ROWS[rows[0]][0]}, and is that of {' or '.join(theirs)}."


def _named(submission: ReviewedReport) -> Iterator[str]:
    """Whether data set, profile and epochs are named; in any of the boxes."""
    text, results = "\n".join(submission.texts.values()), submission.results
    plain = re.sub(r"[^a-z0-9]", "", text.casefold())
    if results.data:
        found = re.sub(r"[^a-z0-9]", "", results.data.casefold()) in plain
        yield f"Data set {named(results.data)}: {'named' if found else '**not named**'}."
    if results.profile:
        there = [name for name in ("full", "quick") if re.search(rf"\b{name}\b", text, re.IGNORECASE)]
        told = "named" if results.profile in there else f"**not named**{f', but {there[0]} is' if there else ''}"
        yield f"Profile `{results.profile}`: {told}."
    epochs = re.findall(r"(\d+)\s+(?:\w+\s+)?epochs?\b|\bepochs?\b\D{0,12}(\d+)", text, re.IGNORECASE)
    counts = listed(list(dict.fromkeys(a or b for a, b in epochs)))
    ran = {"autoencoder": len(results.ae_losses), "CMC": len(results.cmc_history.get("loss", ()))}
    by_file = ", ".join(f"{name} {count}" for name, count in ran.items() if count)
    told = f"the text says {counts}" if counts else "**not named**"
    yield f"Epochs: {told}{f'; results.json has {by_file}' if by_file else ''}."


def about_comparisons(submission: ReviewedReport) -> list[str]:
    """The differences between the rows, beside what chance would give, and how the small table above came out."""
    cfg, lines = submission.cfg, ["| | difference | standardised | chance alone |", "| --- | ---: | ---: | ---: |"]
    totals = [line.measured.total for line in submission.findings.lines if line.measured]
    tested = min(totals, default=cfg.n_test)
    there = False
    for a, b in PAIRS:
        one, other = submission.accuracy(a), submission.accuracy(b)
        if one is None or other is None:
            continue
        there, fair = True, submission.results.standardised
        apart = f"{fair[a] - fair[b]:+.3f}" if a in fair and b in fair else "-"
        spread = SPREADS * math.sqrt((one * (1 - one) + other * (1 - other)) / tested)
        lines.append(f"| {ROWS[a][0]} less {ROWS[b][0]} | {one - other:+.3f} | {apart} | ± {spread:.3f} |")
    said = []
    if there:
        said.append(f"*Chance alone*: two standard errors, of {tested:,} test images; seeds spread more than that.")
    if submission.differences:
        said.append(_of_table(submission))
    missing = [name for row, (name, _) in ROWS.items() if row not in rows_named(written(submission.texts.get(COMPARISONS, "")))]
    if missing:
        said.append(f"Rows that the text does not name, as far as can be told: {', '.join(missing)}.")
    return [*(lines if there else []), *([""] if there else []), *(f"- {sentence}" for sentence in said)]


def _of_table(submission: ReviewedReport) -> str:
    verdict = submission.differences
    assert verdict is not None
    if verdict.status in (Status.NOT_STARTED, Status.COULD_NOT_RUN):
        return f"The table of what differs: {verdict.status.value}."
    wrong = [line.name for line in verdict.lines if not line.earned]
    return f"The table of what differs: {f'wrong for {listed(wrong)}' if wrong else 'all five pairs right'}."


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
