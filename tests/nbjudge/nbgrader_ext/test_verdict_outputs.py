from __future__ import annotations

from nbconvert.filters.strings import clean_html
from nbjudge.judge.verdict import CriterionResult, Status, Verdict
from nbjudge.nbgrader_ext.verdict_outputs import as_html

LINES = (
    CriterionResult("four <layers>", 3, 3),
    CriterionResult("the temperature", 7, 2.5, "expected 1.5 & more, actual <script>alert(1)</script>"),
)
VERDICT = Verdict("cmc_score", 10, 5.5, Status.WRONG, LINES, remarks=("It asks for a GPU by name.",))


def test_formgrader_shows_the_verdict_as_it_is():
    """Formgrader's sanitiser writes a tag that it does not know as text: `<p>` before each paragraph."""
    page = as_html(VERDICT.worth(20))
    assert clean_html(page) == page


def test_the_page_says_what_was_earned_and_why_not_more():
    page = as_html(VERDICT.worth(20))
    assert "Not all right yet. 11 of 20 points." in page
    assert "✓ four &lt;layers&gt;: 6&nbsp;/&nbsp;6" in page
    assert "✗ the temperature: 5&nbsp;/&nbsp;14" in page and "actual &lt;script&gt;" in page and "<script>" not in page
    assert "It asks for a GPU by name." in page
