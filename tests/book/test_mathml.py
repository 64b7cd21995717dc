from __future__ import annotations

from xml.etree import ElementTree

import pytest

from book.mathml import mathml

SPACE = "{http://www.w3.org/1998/Math/MathML}"


@pytest.mark.parametrize("display", ["inline", "block"])
def test_a_formula_is_a_math_element(display):
    root = ElementTree.fromstring(mathml(r" \frac{1}{2} ", display))
    assert (root.tag, root.get("display")) == (f"{SPACE}math", display)
    fraction = root.find(f".//{SPACE}mfrac")
    assert [part.text for part in fraction.iter(f"{SPACE}mn")] == ["1", "2"]


@pytest.mark.parametrize("latex", [r"\texttt{out\_l}_{ij}", r"\texttt{memory\_ab}[\texttt{idx}_{ij}]"])
def test_names_keep_their_underscore_and_no_backslash(latex):
    text = "".join(ElementTree.fromstring(mathml(latex, "inline")).itertext())
    assert "_" in text and "\\" not in text


def test_every_formula_of_the_lesson_is_drawn(formulas):
    """What the converter does not know it leaves as it is: a backslash on the page."""
    left = [latex for latex in formulas if "\\" in "".join(ElementTree.fromstring(mathml(latex, "block")).itertext())]
    assert formulas and left == []
