from __future__ import annotations

import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_output

from assignment.builder.scrub import Scrubber, progress_line


def stream(text: str, name: str = "stdout"):
    return new_output("stream", name=name, text=text)


def texts(outputs) -> list[str]:
    return [output.text for output in outputs]


BARS = [
    ("CMC:  50%|#####     | 20/40 [01:10<01:12,  3.6s/epoch, loss=5.68]", "CMC: 50% 20/40 [loss=5.68]"),
    ("100%|██████████| 5/5 [00:00<00:00,  9.83it/s]", "100% 5/5"),
    ("ae: 100% 3/3 [00:00<00:00, 4.9epoch/s, loss=1.500, prob=0.2]", "ae: 100% 3/3 [loss=1.500, prob=0.2]"),
    ("  0%|          | 0/5 [00:00<?, ?it/s]", "0% 0/5"),
    ("x: 10%|█         | 1/10 [1:00:00<9:00:00, 3600.00s/it]", "x: 10% 1/10"),
]


@pytest.mark.parametrize(("line", "left"), BARS)
def test_a_bar_keeps_its_count_and_loses_its_times(line, left):
    assert progress_line(line) == left
    assert texts(Scrubber().outputs([stream(line, "stderr")])) == [left + "\n"]


def test_a_bar_keeps_only_its_last_line_and_what_is_printed_stays():
    drawn = [stream(f"\rae: {10 * n}%|##   | {n}/10 [00:01<00:02, 1.0it/s]", "stderr") for n in range(11)]
    outputs = [stream("before\n"), *drawn, stream("\n", "stderr"), stream("after\n")]
    assert texts(Scrubber().outputs(outputs)) == ["before\nae: 100% 10/10\nafter\n"]


def test_a_bar_drawn_again_around_figures_is_there_once_at_its_end():
    figure = new_output("display_data", data={"image/png": "AAAA"})
    bars = [stream(f"\rae: {n}%|#| {n}/100 [00:01<00:02, 1it/s]\n") for n in (10, 100)]
    found = Scrubber().outputs([bars[0], figure, bars[1]])
    assert [output.output_type for output in found] == ["display_data", "stream"]
    assert found[1].text == "ae: 100% 100/100\n"


def test_two_bars_are_two():
    outputs = [stream("a: 100%|#| 3/3 [00:01<00:00, 1it/s]\n"), stream("b: 100%|#| 3/3 [00:01<00:00, 1it/s]\n")]
    assert texts(Scrubber().outputs(outputs)) == ["a: 100% 3/3\nb: 100% 3/3\n"]


def test_a_bar_that_took_itself_away_is_gone():
    assert texts(Scrubber().outputs([stream("\rsample: 90%|## | 9/10 [00:01<00:02, 1it/s]\r      \rready\n")])) == ["ready\n"]
    assert Scrubber().outputs([stream("\rsample: 90%|## | 9/10 [00:01<00:02, 1it/s]\r      \r")]) == []


def test_carriage_returns_leave_what_a_terminal_would_show():
    assert texts(Scrubber().outputs([stream("one\rtwo\nthree\r\n\nfour")])) == ["two\nthree\n\nfour"]


def test_warnings_of_the_machine_are_gone():
    warning = "/usr/lib/x.py:4: UserWarning: no CUDA\n  warn()\n"
    assert Scrubber().outputs([stream(warning, "stderr")]) == []


def test_addresses_and_folders_are_gone():
    scrubber = Scrubber({"/var/run-1": ".", "/var/run-1/data": "data_cache", "": "no"})
    assert scrubber.text("<A object at 0x7ffb05f04d50>") == "<A object at 0x...>"
    assert scrubber.text("Saved /var/run-1/ae.pth") == "Saved ./ae.pth"
    assert scrubber.text("read /var/run-1/data/train_X.bin") == "read data_cache/train_X.bin"
    assert scrubber.text("in /srv/other/place/file.py, line 3") == "in file.py, line 3"
    assert scrubber.text(f"{Path.home()}/x") == "~/x"
    assert scrubber.text(f"{sys.prefix}/bin") == "python/bin"


@pytest.mark.parametrize("text", ["1/2/3", "0x1f", "https://example.org/a/b/c", "and/or", "<b>a</b>/<i>b</i>", "4x4", "L/a/b"])
def test_what_is_no_folder_of_ours_stays(text):
    assert Scrubber().text(text) == text


def test_a_trainings_display_keeps_its_numbers_and_pictures_and_loses_its_times():
    picture = '<img src="data:image/jpeg;base64,AA+/srv/b/c/+0x7ffb05f04d50==" alt="/srv/b/c">'
    cleaned = picture.replace('alt="/srv/b/', 'alt="')
    html = f"<div>ae: 3 of 3 epochs, loss 1.5<span class=ps8-time>, in 0:26</span>{picture}</div>"
    data = {"text/plain": "ae: 3 of 3 epochs, loss 1.5, in 1:00:26", "text/html": html}
    (shown,) = Scrubber().outputs([new_output("display_data", data=data)])
    assert shown.data == {
        "text/plain": "ae: 3 of 3 epochs, loss 1.5",
        "text/html": f"<div>ae: 3 of 3 epochs, loss 1.5{cleaned}</div>",
    }


def test_pictures_stay_and_their_words_are_cleaned():
    data = {"image/png": "/tmp/abc/def==", "text/plain": "<Figure at 0x7ffb05f04d50>", "text/html": "<p>/srv/a/b.html</p>"}
    (shown,) = Scrubber().outputs([new_output("display_data", data=data, metadata={"image/png": {"width": 1}})])
    assert shown.data == {"image/png": "/tmp/abc/def==", "text/plain": "<Figure at 0x...>", "text/html": "<p>b.html</p>"}
    assert shown.metadata == {}
