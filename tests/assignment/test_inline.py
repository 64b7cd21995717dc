from __future__ import annotations

import pytest

from assignment.builder.inline import InlineError, inline, joined


def test_a_definition_comes_with_comments_decorators_and_regions_as_written(tiny, at):
    (piece,) = inline("answers.part:double", tiny.root)
    text = tiny.answers.read_text()
    assert piece.source == text[text.index("# Twice") : text.index("\n\n\nclass Half")]
    assert piece.source.endswith("    ### END SOLUTION")
    assert piece.line == at(tiny.answers, "# Twice")


def test_a_variable_comes_with_its_comment_and_the_region_around_it(tiny):
    (piece,) = inline("answers.part:positive", tiny.root)
    assert piece.source.startswith("# True or False for each sign.\n### BEGIN SOLUTION\npositive = {")
    assert piece.source.endswith("}\n### END SOLUTION")


def test_several_definitions_stand_in_the_order_asked_for(tiny):
    pieces = inline("answers.part:Half, LIMIT", tiny.root)
    assert [piece.name for piece in pieces] == ["Half", "LIMIT"]
    assert joined(pieces).endswith("return x / factor\n\n\nLIMIT = 3")


def test_the_reference_is_read_and_never_imported(tiny):
    tiny.answers.write_text("raise SystemExit\n\nx = 1\n")
    assert inline("answers.part:x", tiny.root)[0].source == "x = 1"


def test_a_region_that_ends_above_is_not_taken_for_a_comment(tiny):
    tiny.answers.write_text("### BEGIN SOLUTION\na = 1\n### END SOLUTION\n# b\nb = 2\n")
    assert inline("answers.part:b", tiny.root)[0].source == "# b\nb = 2"


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("answers.part:triple", "defines no triple; it defines LIMIT, double, Half, positive"),
        ("answers.nowhere:double", "there is no "),
        ("answers.part", "is not of the form package.module:Name"),
        ("answers.part:", "is not of the form"),
        ("../answers.part:double", "is not of the form"),
    ],
)
def test_what_cannot_be_inlined_is_said(tiny, reference, said):
    with pytest.raises(InlineError, match=said.replace(".", r"\.")):
        inline(reference, tiny.root)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("LIMIT = 3", "LIMIT = = 3", "not valid Python"),
        ("}\n### END SOLUTION", "}", "without a ### END SOLUTION below"),
    ],
)
def test_a_broken_reference_is_named_by_its_line(tiny, old, new, said):
    line = tiny.change(tiny.answers, old, new)
    if "END" in old:
        line = tiny.answers.read_text().split("# True or False")[0].count("\n") + 2
    with pytest.raises(InlineError) as caught:
        inline("answers.part:double", tiny.root)
    assert f"part.py:{line}: " in str(caught.value)
    assert said in str(caught.value)
