from __future__ import annotations

import base64

from nbformat.v4 import new_output

from autograder.gather.outputs import MAX_LINES, Bounded, clean_outputs

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"picture").decode()


def test_html_svg_and_scripts_go_nowhere() -> None:
    data = {"text/html": "<script>x</script>", "image/svg+xml": "<svg onload=x>", "application/javascript": "x"}
    assert clean_outputs([new_output("display_data", data=data)]) == []
    (kept,) = clean_outputs([new_output("execute_result", data={**data, "text/plain": "4"})])
    assert kept.output_type == "display_data"  # nbgrader would read a score from an execute_result
    assert dict(kept.data) == {"text/plain": "4"}


def test_an_image_must_be_an_image() -> None:
    (kept,) = clean_outputs([new_output("display_data", data={"image/png": PNG})])
    assert kept.data["image/png"] == PNG
    fake = base64.b64encode(b"<script>").decode()
    assert clean_outputs([new_output("display_data", data={"image/png": fake})]) == []


def test_stderr_is_said_on_stdout() -> None:
    """Nbgrader takes any line on stderr for a failure."""
    (kept,) = clean_outputs([new_output("stream", name="stderr", text="a warning")])
    assert (kept.name, kept.text) == ("stdout", "a warning")


def test_what_is_printed_in_a_row_is_one_output_as_a_terminal_shows_it() -> None:
    bar = [new_output("stream", name="stderr", text=text) for text in ("\r 0%", "\r 50%", "\r100%\n")]
    figure = new_output("display_data", data={"image/png": PNG})
    kept = clean_outputs([new_output("stream", text="loss\n"), *bar, figure, new_output("stream", text="done\r")])
    assert [output.get("text", "figure") for output in kept] == ["loss\n100%\n", "figure", "done"]


def test_text_is_bounded_and_plain() -> None:
    (kept,) = clean_outputs([new_output("stream", text="\x1b[31mred\x1b[0m\n" * 10_000)])
    assert kept.text.count("\n") < MAX_LINES
    assert "\x1b" not in kept.text


def test_messages_are_admitted_up_to_a_bound() -> None:
    bounded = Bounded(limit=100, messages=5)
    small, large = {"content": {"text": "x"}}, {"content": {"text": "x" * 200}}
    assert bounded.admits(small)
    assert not bounded.admits(large)
    assert not bounded.admits(small)  # nothing more after that
    bounded.reset()
    assert sum(bounded.admits({"content": {}}) for _ in range(9)) == 5
