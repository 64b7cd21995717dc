from __future__ import annotations

import re

from autograder.catalogue import catalogue
from book.mistakes import markdown, mistakes_page

TITLES = {"double": "1.1 Doubling", "sign_of": "1.2 Signs"}


def test_questions_stand_in_the_order_of_the_walkthrough_and_mistakes_in_that_of_their_file(mistakes):
    text = mistakes_page(mistakes, TITLES)
    assert re.findall(r"^(?:#+|:::.+) .*", text, re.MULTILINE) == [
        "# Common mistakes",
        "## 1.1 Doubling",
        ":::{rubric} `F.relu(x)` before doubling",
        ":::{rubric} three times the number",
        "## 1.2 Signs",
        ":::{rubric} plus and minus are swapped",
    ]


def test_each_mistake_has_its_anchor_and_its_id_and_each_question_a_way_back(mistakes):
    text = mistakes_page(mistakes, TITLES)
    assert "(sign-of-swapped)=\n:::{rubric} plus and minus are swapped\n:::\n" in text
    assert "[sign_of.swapped]{.mistake-id}" in text
    assert "{ref}`1.2 Signs <sign-of>`" in text


def test_plain_text_stays_what_it_says():
    assert markdown("It is *two* times") == r"It is \*two\* times"
    assert markdown("0 < x, [a] $b$") == r"0 \< x, \[a\] \$b\$"
    assert markdown("look at memory_l and dim=1") == "look at `memory_l` and `dim=1`"
    assert markdown("and .to(device) moves it") == "and `.to(device)` moves it"
    assert markdown("code `a*b` stays") == "code `a*b` stays"


def test_the_page_tells_no_code():
    text = mistakes_page(catalogue(), {})
    for mistake in catalogue():
        assert mistake.id in text
        for edit in mistake.edits:
            assert len(edit.new) < 12 or edit.new not in text
