from __future__ import annotations

import math

import pytest

from assignment.builder.rendering import RenderError, lesson_context, reference_table, render


def test_lines_remember_where_they_came_from():
    text = "one\n{% if true %}\nthree\n{% endif %}\n{{ table }}\nsix\n{% for n in (1, 2) %}\neight {{ n }}\n{% endfor %}\nten\n"
    lines, numbers = render(text, {"table": "a\nb\nc"})
    assert list(zip(lines, numbers, strict=True)) == [
        ("one", 1), ("three", 3), ("a", 5), ("b", 5), ("c", 5), ("six", 6), ("eight 1", 8), ("eight 2", 8), ("ten", 10),
        ("", 11),
    ]  # fmt: skip


def test_stripped_blanks_change_nothing():
    text = "a\n$e^{ {{- 1 + 1 -}} }$\nb {#- gone -#}\n\nc\n"
    lines, _ = render(text, {})
    assert lines == ["a", "$e^{2}$", "bc", ""]


def test_a_comment_and_raw_text_keep_the_count():
    lines, numbers = render("{# one\ntwo #}\nthree\n{% raw %}{{ four }}{% endraw %}.\nfive", {})
    assert lines == ["three", "{{ four }}.", "five"]  # the line break after a comment goes, as after a block
    assert numbers[lines.index("three")] == 3
    assert numbers[lines.index("{{ four }}.")] == 4


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a\n{{ missing }}", 2, "'missing' is undefined"),
        ("a\n\n{{ points.encodre }}", 3, "has no attribute 'encodre'"),
        ("a\nb {{ 1 / 0 }}\nc", 2, "ZeroDivisionError"),
        ("a\n{% if %}", 2, "Jinja2"),
        ("a\n{{ 1 }\nb", 2, "Jinja2"),
    ],
)
def test_a_failure_is_named_by_its_line(text, line, said):
    with pytest.raises(RenderError) as caught:
        render(text, {"points": {"encoder": 10}})
    assert caught.value.line == line
    assert said in str(caught.value)


def test_a_lesson_gets_the_courses_facts(tiny):
    (tiny.folder / "times.toml").write_text("[ae]\nminutes = 7\n")
    context = lesson_context(tiny.course(), tiny.folder)
    assert context["points"] == {"double": 10, "sign": 2.5, "report": 5}
    assert context["course"]["term"] == "Fall 2026"
    assert context["course"]["title"] == "Learning without labels"
    assert context["course"]["colab"]["ps8"].endswith("/ps8.ipynb")
    assert context["times"]["ae"]["minutes"] == 7
    assert context["math"] is math
    assert context["cfg"].feat_dim == context["quick"].feat_dim == 384
    assert context["cfg"].ae_epochs > context["quick"].ae_epochs


def test_settings_do_not_follow_the_environment(tiny, monkeypatch):
    monkeypatch.setenv("PS8_PROFILE", "grade")
    assert lesson_context(tiny.course(), tiny.folder)["cfg"].ae_epochs > 1


def test_the_reference_gives_its_layer_table():
    table = reference_table("solution.autoencoder:Encoder", (3, 64, 64))
    assert "42,156" in table
    assert not table.endswith("\n")
