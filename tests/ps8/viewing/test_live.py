"""The display of a training in a notebook: one output, written anew in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ps8
import pytest
import torch
from ps8.data import STL10, BatchLoader
from ps8.viewing import Reconstructions, live, running
from torch import nn


class Screen:
    """In the place of IPython's display: remembers what was shown, and what took its place."""

    def __init__(self) -> None:
        self.shown: list[list[dict[str, str]]] = []

    def display(self, thing: Any, display_id: bool = False) -> Handle:
        self.shown.append([thing._repr_mimebundle_()])
        assert display_id
        return Handle(self.shown[-1])

    def last(self) -> dict[str, str]:
        return self.shown[-1][-1]


class Handle:
    def __init__(self, states: list[dict[str, str]]) -> None:
        self.states = states

    def update(self, thing: Any) -> None:
        self.states.append(thing._repr_mimebundle_())


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Screen]:
    monkeypatch.delenv("PS8_PROFILE", raising=False)
    monkeypatch.chdir(tmp_path)
    screen = Screen()
    monkeypatch.setattr("IPython.display.display", screen.display)
    monkeypatch.setattr(live, "in_a_front_end", lambda: True)
    monkeypatch.setattr(live, "OFTEN", 0.0)
    monkeypatch.setattr(live, "SHARE", 1e9)  # however slow the machine: draw at each epoch
    yield screen
    assert running() is None


def loader() -> BatchLoader:
    images = torch.randint(0, 256, (20, 3, 96, 96), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return BatchLoader(STL10.from_arrays(images), 4, crop="random", shuffle=True, device="cpu")


def train(epochs: int = 5) -> None:
    with ps8.progress(epochs, "a <net>") as bar:
        for epoch in bar:
            bar.report(loss=5.0 - epoch, prob=0.25)


def test_one_display_tells_how_far_it_is_and_ends_whole(screen: Screen, capsys: pytest.CaptureFixture[str]) -> None:
    train()
    (states,) = screen.shown
    assert len(states) == 1 + 1 + 5 + 1  # at the beginning twice, at each epoch, at the end
    assert "a <net>: 0 of 5 epochs" in states[0]["text/plain"] and "left" in states[3]["text/plain"]
    assert re.fullmatch(r"a <net>: 5 of 5 epochs, loss 1\.000, prob 0\.250, in 0:0\d", states[-1]["text/plain"])
    html = states[-1]["text/html"]
    assert "a &lt;net&gt;: 5 of 5 epochs" in html and '<progress max="5" value="5" aria-label="a &lt;net&gt;' in html
    assert 'aria-label="Curve of the loss from 5 to 1 in epoch 5."' in html and "<script" not in html
    assert capsys.readouterr() == ("", "")


def test_lines_to_compare_with_are_drawn(screen: Screen) -> None:
    with ps8.resume("net", {"data": "x"}, {"collapse": 4.0}):
        train()
    assert "collapse: 4, the curve is below it now" in screen.last()["text/html"]
    assert ">collapse 4</text>" in screen.last()["text/html"]


def test_a_classifier_has_the_line_of_a_guess(screen: Screen) -> None:
    cls = nn.Linear(3, 10)
    with ps8.progress(2, "classifier", classifier=cls) as bar:
        for _ in bar:
            for _ in range(4):
                cls(torch.randn(2, 3))
            bar.report(loss=4.0)
    assert ">a guess 9.21</text>" in screen.last()["text/html"]  # 4 ln 10


def test_an_interrupt_leaves_what_was_seen_and_the_next_session_takes_it_up(
    screen: Screen, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(view: live.LiveView, numbers: dict[str, float]) -> None:
        if len(view.losses) == 2:
            raise KeyboardInterrupt
        report(view, numbers)

    report = live.LiveView.report
    for how in (interrupt, report):
        monkeypatch.setattr(live.LiveView, "report", how)
        with ps8.resume("net", {"data": "x"}):
            train()
    first, second = screen.shown
    assert "2 of 5 epochs, loss 4.000" in first[-1]["text/plain"]
    assert "from 5 to 4 in epoch 2" in second[1]["text/html"]  # before it has done anything, the curve is there
    assert "from 5 to 1 in epoch 5" in second[-1]["text/html"]
    assert "Interrupted after 2 of 5 epochs" in capsys.readouterr().out


def test_the_same_pictures_at_every_epoch(screen: Screen) -> None:
    model, images = nn.Conv2d(3, 3, 1), loader()
    with ps8.progress(4, "autoencoder", model=model) as bar:
        for epoch in bar:
            with torch.no_grad():
                model.bias.fill_(epoch / 4)  # type: ignore[union-attr]
            bar.report(loss=1.0 + epoch)
            ps8.show(ps8.visualize_recon(model, images))
    rows = [dict(re.findall(r'<th[^>]*>(.*?)</th><td[^>]*><img src="([^"]+)"', s["text/html"])) for s in screen.shown[0]]
    assert [*rows[-1]] == ["image<br>", "epoch 1<br>loss 1", "epoch 3<br>loss 3", "epoch 4<br>loss 4"]
    assert len({row["image<br>"] for row in rows if row}) == 1
    assert len(set(rows[-1].values())) == 4
    assert "epoch 2<br>loss 2" in rows[3] and "epoch 2<br>loss 2" not in rows[4]
    assert screen.last()["text/html"].count('alt="The same images as painted after epoch') == 3


def test_looking_changes_nothing() -> None:
    """Neither the order in which a loader goes on, nor the model's mode and gradients."""
    model = nn.Sequential(nn.Conv2d(3, 3, 1), nn.Dropout()).train()
    looked, alone = loader(), loader()
    shuffled = torch.utils.data.DataLoader([torch.rand(3, 4, 4)] * 20, shuffle=True)
    state = torch.get_rng_state()
    for source in (looked, shuffled):
        reconstructions = Reconstructions(model, source)
        assert not reconstructions.outputs(reconstructions.inputs).requires_grad
    assert torch.equal(torch.get_rng_state(), state) and model.training
    assert all(torch.equal(a, b) for (a, *_), (b, *_) in zip(looked, alone, strict=True))


def test_drawing_rests_where_it_would_cost_a_share_of_the_time(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(1000))
    monkeypatch.setattr(live.time, "monotonic", lambda: float(next(clock)))  # each drawing seems to take seconds
    monkeypatch.setattr(live, "SHARE", 0.03)
    train(20)
    assert len(screen.shown[0]) == 3  # at the beginning twice, and at the end
