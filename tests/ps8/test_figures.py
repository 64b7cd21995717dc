from __future__ import annotations

import os
import subprocess
import sys
from html import escape
from typing import Any

import numpy as np
import pytest
import torch
from ps8 import figures
from ps8.data import STL10, BatchLoader
from ps8.figures import accuracy_bars, plot_curves, show, show_grid, show_lab, visualize_recon
from torch import nn


@pytest.fixture(autouse=True)
def _full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PS8_PROFILE", raising=False)


def drawn(figure: Any) -> Any:
    """The figure, known to be one; untyped, since matplotlib's stubs know less than its artists do."""
    assert figure is not None
    return figure


def some_images(n: int = 6) -> torch.Tensor:
    return torch.randint(0, 256, (n, 3, 96, 96), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def texts(figure: Any) -> list[str]:
    return [ax.get_title() for ax in figure.axes]


def test_grid_takes_images_labels_and_datasets() -> None:
    names = tuple(f"class {i}" for i in range(10))
    figure = drawn(show_grid(some_images(), [0, 1, 2, 3, 4, -1], names, title="train"))
    assert texts(figure)[:6] == ["class 0", "class 1", "class 2", "class 3", "class 4", ""]
    assert np.array_equal(figure.axes[1].images[0].get_array(), some_images()[1].permute(1, 2, 0))
    dataset = STL10.from_arrays(some_images(), torch.arange(6), classes=names)
    assert texts(show_grid(dataset, n=4)) == list(names[:4])
    assert texts(show_grid(some_images() / 255, n=2)) == ["", ""]
    assert len(drawn(show_grid(some_images(5))).axes) == 6


@pytest.mark.parametrize("indexed", [False, True])
def test_reconstructions_stand_below_their_inputs(indexed: bool) -> None:
    dataset = STL10.from_arrays(some_images())
    loader = BatchLoader(dataset.indexed() if indexed else dataset, 4, device="cpu")
    model = nn.Conv2d(3, 3, 1).train()
    nn.init.dirac_(model.weight)
    nn.init.zeros_(model.bias)  # type: ignore[arg-type]
    figure = drawn(drawn(visualize_recon(model, loader, n=8)).figure())
    assert len(figure.axes) == 12
    above, below = figure.axes[1].images[0].get_array(), figure.axes[7].images[0].get_array()
    assert np.allclose(above, below) and model.training
    assert figure.axes[0].get_ylabel() == "input" and figure.axes[6].get_ylabel() == "reconstruction"


def test_nan_and_overshoot_can_be_drawn() -> None:
    images = torch.full((1, 3, 8, 8), float("nan"))
    images[0, 0] = 7.0
    array = drawn(show_grid(images)).axes[0].images[0].get_array()
    assert array.max() == 1 and np.isfinite(array).all()


def test_lab_views() -> None:
    red = torch.zeros(3, 8, 8, dtype=torch.uint8)
    red[0] = 255
    for image in (red, red.permute(1, 2, 0).numpy(), red / 255):
        figure = drawn(show_lab(image))
        views = [ax for ax in figure.axes if ax.images]
        assert [v.get_title()[0] for v in views[:4]] == ["R", "L", "a", "b"]
        values = [float(v.images[0].get_array().mean()) for v in views[1:4]]
        assert values == pytest.approx([53.24, 80.09, 67.20], abs=0.02)  # CIE's sRGB red
    with pytest.raises(ValueError, match=r"\(8, 8\)"):
        show_lab(np.zeros((8, 8), np.uint8))


def test_curves_are_sorted_into_losses_and_probabilities() -> None:
    history = {"loss": [3.0, 2.0], "p_l": [0.1, 0.2], "p_ab": [0.1, 0.3]}
    figure = drawn(plot_curves(history, "CMC", reference={"chance": 11.1, "p_l": 0.004}))
    left, right = figure.axes
    assert [line.get_label() for line in right.lines[:2]] == ["p_l", "p_ab"]
    assert left.lines[0].get_ydata().tolist() == [3.0, 2.0] and left.lines[1].get_ydata() == [11.1, 11.1]
    assert right.lines[2].get_ydata() == [0.004, 0.004]
    figure = drawn(plot_curves([2.1, 0.55], log=True))
    assert len(figure.axes) == 1
    figure.canvas.draw()
    assert {"0.6", "0.8", "1", "2"} <= {label.get_text() for label in figure.axes[0].get_yticklabels()}
    assert plot_curves([]) is not None


def test_bars() -> None:
    figure = drawn(accuracy_bars({"random": 0.3, "CMC": [0.7, 0.8]}, highlight="CMC"))
    ax = figure.axes[0]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0.3, 0.75])
    assert {text.get_text().strip() for text in ax.texts} == {"0.300", "0.750", "chance"}
    assert ax.patches[0].get_facecolor() != ax.patches[1].get_facecolor()


def test_a_figure_draws_itself_without_pyplot() -> None:
    code = (
        "import sys; from ps8.figures import plot_curves; f = plot_curves([2.0, 1.0]);"
        "assert f.picture()[1][:4] == b'\\x89PNG'; assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_show_displays_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    display = pytest.importorskip("IPython.display")
    shown: list[object] = []
    monkeypatch.setattr(display, "display", shown.append)
    figure = plot_curves([1.0])
    show(figure)
    show(None)
    assert shown == [figure]


def test_nothing_is_drawn_while_grading() -> None:
    code = """
import sys
import torch
from ps8 import figures as f
x = torch.rand(4, 3, 64, 64)
made = [f.show_grid(x), f.visualize_recon(torch.nn.Identity(), [x])]
made += [f.show_lab(x[0]), f.plot_curves([1.0]), f.accuracy_bars({})]
assert made == [None] * 5, made
f.show(made[0])
assert "matplotlib" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PS8_PROFILE": "grade"})


def test_colours_read_on_light_and_dark() -> None:
    """WCAG contrast of ink, lines and bars with white and with a dark page: at least 3 : 1."""

    def luminance(color: str) -> float:
        channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    pairs = [(color, page) for color in (figures.INK, *figures.COLORS) for page in ("#ffffff", "#16181d")]
    for color, page in [*pairs, (figures.CHALK, figures.GROUND)]:
        light, dark = sorted((luminance(color), luminance(page)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= (4.5 if color == figures.CHALK else 3), (color, page)


def test_a_figure_is_a_small_image_with_its_words() -> None:
    """As HTML: beside an image that stands alone, JupyterLab writes no words."""
    noise = torch.rand(64, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    names = [f"class {i % 3}" for i in range(64)]
    for figure, kind, words in (
        (plot_curves({"loss": [3.0, 2.5, 2.0]}, "CMC", reference={"collapse": 11.1}), "png", "loss from 3 to 2 in 3 epochs"),
        (accuracy_bars({"a <b>": 0.5}), "png", "a <b> 0.500"),
        (show_grid(noise, torch.arange(64) % 3, names), "jpeg", "22 class 0, 21 class 1, 21 class 2"),
        (show_lab(some_images()[0]), "jpeg", "channels L, a and b"),
        (visualize_recon(nn.Identity(), [noise], n=2), "jpeg", "2 images; below each"),
    ):
        bundle = drawn(figure)._repr_mimebundle_()
        assert words in bundle["text/plain"]
        assert bundle["text/html"].startswith(f'<img src="data:image/{kind};base64,')
        assert f'alt="{escape(bundle["text/plain"])}"' in bundle["text/html"]
        assert len(bundle["text/html"]) < 700_000  # of the grid of noise, the worst that can be; as PNG 2.2 MB
