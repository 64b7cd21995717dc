from __future__ import annotations

import json

import pytest

from assignment.builder.secret_lines import Secret, edit_secrets, head_secrets, hidden_secrets, region_secrets


def test_a_region_gives_its_significant_lines_with_their_places():
    text = (
        "a = 1\n### BEGIN SOLUTION\nnn.ReLU(),\n    loss  =  criterion(x)  # a comment\n)\n### END SOLUTION\nreturn given_value"
    )
    assert region_secrets(text, "solution/a.py") == [
        Secret("loss = criterion(x) # a comment", "solution/a.py", 4),
        Secret("loss = criterion(x)", "solution/a.py", 4),
    ]


def test_a_hash_in_a_string_is_no_comment():
    (secret,) = region_secrets('### BEGIN SOLUTION\ncolour = "#ff0000"\n### END SOLUTION', "a.py")
    assert secret.text == 'colour = "#ff0000"'


def test_an_unfinished_statement_keeps_its_line():
    secrets = region_secrets("### BEGIN SOLUTION\nself.layers = nn.Sequential(  # go\n### END SOLUTION", "a.py")
    assert [secret.text for secret in secrets] == ["self.layers = nn.Sequential( # go", "self.layers = nn.Sequential("]


def test_hidden_tests_are_secret_and_the_open_ones_not():
    cell = "open_check_here()\n### BEGIN HIDDEN TESTS\njudge_here('encoder')\n### END HIDDEN TESTS\nopen_check_again()"
    assert [secret.text for secret in hidden_secrets(cell, "ps8.ipynb")] == ["judge_here('encoder')"]


TOML = '''\
[forgotten]
name = "the temperature is forgotten"
explanation = "Cosines are small numbers."
module = "contrast_module"
edits = [
    { old = "scores = a @ b / self.T", new = "scores = a @ b * 1" },
]

[other]
old = """
first_line(of, two)
second_line(of, two)
"""
new = "pass"
'''


def test_a_catalogues_code_is_secret_and_its_words_are_not():
    assert edit_secrets(TOML, "catalogue/cmc.toml") == [
        Secret("scores = a @ b / self.T", "catalogue/cmc.toml", 6),
        Secret("scores = a @ b * 1", "catalogue/cmc.toml", 6),
        Secret("first_line(of, two)", "catalogue/cmc.toml", 11),
        Secret("second_line(of, two)", "catalogue/cmc.toml", 12),
    ]


def test_edits_in_json_and_python_are_secret():
    tables = {"edit": {"anything": ["replaced(by, this)"]}, "name": "not secret at all"}
    assert [s.text for s in edit_secrets(json.dumps(tables), "a.json")] == ["replaced(by, this)"]
    code = (
        'x = "no secret here"\nm = [Edit("contrast", "old_code(here)", new="new_code(here)")]\nEDITS = ["third(code, here)"]\n'
    )
    assert {s.text for s in edit_secrets(code, "a.py")} == {"old_code(here)", "new_code(here)", "third(code, here)"}
    assert edit_secrets("old = code(here, now)", "notes.md") == []


def test_a_broken_catalogue_is_an_error():
    with pytest.raises(ValueError):
        edit_secrets("[x", "a.toml")
    with pytest.raises(SyntaxError):
        edit_secrets("x = = 1", "a.py")


def test_of_the_changes_of_counted_questions_the_heads_are_secret():
    text = (
        "def two_pixels(namespace, row):\n    x = torch.zeros(1)\n\n\nclass _FirstOnly(nn.Module):\n    def forward(self, x):\n"
    )
    assert head_secrets(text, "changes.py") == [
        Secret("def two_pixels(namespace, row):", "changes.py", 1),
        Secret("class _FirstOnly(nn.Module):", "changes.py", 5),
    ]
