from __future__ import annotations

import base64

import pytest
from nbformat.v4 import new_output
from nbjudge.gather.outputs import CUT, Bounded, clean_outputs
from nbjudge.ground.pictures import MAX_PICTURE
from nbjudge.ground.terminal import MAX_LINES

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"picture").decode()


def large(magic: bytes, more: int) -> str:
    return base64.b64encode(magic.ljust(MAX_PICTURE + more, b".")).decode()


def test_html_svg_and_scripts_go_nowhere() -> None:
    data = {"text/html": "<script>x</script>", "application/javascript": "x"}
    assert clean_outputs([new_output("display_data", data=data)]) == []
    (kept,) = clean_outputs([new_output("execute_result", data={**data, "text/plain": "4"})])
    assert kept.output_type == "display_data"  # nbgrader would read a score from an execute_result
    assert dict(kept.data) == {"text/plain": "4"}


def test_an_image_must_be_an_image() -> None:
    (kept,) = clean_outputs([new_output("display_data", data={"image/png": PNG})])
    assert kept.data["image/png"] == PNG


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"image/png": base64.b64encode(b"<script>").decode()}, "(what should be a PNG picture is none, and is not shown)"),
        ({"image/svg+xml": "<svg onload=x>"}, "(a picture in the format SVG is not shown: only PNG and JPEG are)"),
        ({"image/png": large(b"\x89PNG\r\n\x1a\n", 1)}, "(a picture of 2.0 MB is not shown: the most is 2 MB)"),
    ],
)
def test_a_picture_that_is_not_shown_is_said_in_its_place(data: dict, said: str) -> None:
    (kept,) = clean_outputs([new_output("display_data", data=data)])
    assert dict(kept.data) == {"text/plain": said}
    (kept,) = clean_outputs([new_output("display_data", data={**data, "text/plain": "<Figure>"})])
    assert dict(kept.data) == {"text/plain": f"{said}\n<Figure>"}


def test_the_largest_picture_that_is_shown() -> None:
    (kept,) = clean_outputs([new_output("display_data", data={"image/jpeg": large(b"\xff\xd8\xff", 0)})])
    assert list(kept.data) == ["image/jpeg"]


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
    assert not bounded.cut
    assert sum(bounded.admits({"content": {}}) for _ in range(9)) == 5
    assert bounded.cut


def test_that_more_came_than_is_kept_is_said() -> None:
    (first, last) = clean_outputs([new_output("display_data", data={"text/plain": "4"})], cut=True)
    assert (first.data["text/plain"], last.text) == ("4", CUT)
