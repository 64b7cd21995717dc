from __future__ import annotations

import numpy as np
import pytest
import torch
from ps8.data import LabScale, RGB2Lab, rgb_to_lab
from ps8.data.lab import GAMUT
from skimage.color import rgb2lab


def colors() -> np.ndarray:
    """Greys, the corners of the cube, dark colours about f's knee, and random ones: uint8 (250, 256, 3)."""
    rng = np.random.default_rng(1)
    grey = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, 1)
    corners = np.array(np.meshgrid([0, 255], [0, 255], [0, 255])).T.reshape(-1, 3).astype(np.uint8)
    dark = rng.integers(0, 40, (4_000, 3), dtype=np.uint8)
    rest = rng.integers(0, 256, (64_000 - 256 - 8 - 4_000, 3), dtype=np.uint8)
    return np.concatenate([grey, corners, dark, rest]).reshape(250, 256, 3)


@pytest.mark.parametrize("as_float", [False, True])
def test_within_a_thousandth_of_skimage(as_float: bool) -> None:
    image = colors()
    x = torch.from_numpy(image).permute(2, 0, 1)[None]
    actual = rgb_to_lab(x.float() / 255 if as_float else x)[0].permute(1, 2, 0).numpy()
    assert actual.dtype == np.float32
    assert np.abs(actual - rgb2lab(image)).max() < 1e-3


def test_blocks_do_not_show() -> None:
    x = torch.randint(0, 256, (70, 3, 5, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    one_by_one = torch.cat([rgb_to_lab(image[None]) for image in x])
    assert torch.allclose(rgb_to_lab(x), one_by_one, atol=1e-4)
    assert rgb_to_lab(x[:0]).shape == (0, 3, 5, 4)
    assert torch.allclose(rgb_to_lab(x.permute(0, 1, 3, 2)), one_by_one.permute(0, 1, 3, 2), atol=1e-4)


def test_input_is_left_alone() -> None:
    x = torch.rand(2, 3, 4, 4)
    before = x.clone()
    rgb_to_lab(x)
    assert torch.equal(x, before)


@pytest.mark.parametrize("shape", [(3, 4, 4), (2, 1, 4, 4), (2, 4, 4, 3)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(B, 3, H, W\)"):
        rgb_to_lab(torch.rand(shape))


def test_rgb2lab_is_skimage() -> None:
    from PIL import Image

    image = colors()
    for given in (image, Image.fromarray(image)):
        actual = RGB2Lab()(given)
        assert actual.dtype == np.float32 and actual.shape == image.shape
        assert np.allclose(actual, rgb2lab(image), atol=1e-4)
    assert repr(RGB2Lab()) == "RGB2Lab()"


def test_rgb2lab_refuses_what_would_go_wrong_silently() -> None:
    with pytest.raises(TypeError, match="float32"):
        RGB2Lab()(np.zeros((4, 4, 3), np.float32))
    with pytest.raises(ValueError, match=r"\(3, 4, 4\)"):
        RGB2Lab()(np.zeros((3, 4, 4), np.uint8))


def test_gamut_scale_reaches_one_and_keeps_grey() -> None:
    steps = torch.arange(0, 256, 15, dtype=torch.uint8)
    cube = torch.cartesian_prod(steps, steps, steps).T.reshape(1, 3, -1, 1)
    raw, scaled = rgb_to_lab(cube), rgb_to_lab(cube, "gamut")
    assert scaled.abs().max() <= 1 + 1e-4
    assert torch.allclose(scaled.amax((0, 2, 3))[:2], torch.ones(2), atol=1e-4)
    assert scaled[0, 2].min() == pytest.approx(-1, abs=1e-4)
    for channel, (low, high) in enumerate(GAMUT):
        assert raw[0, channel].min() == pytest.approx(low, abs=2e-3)
        assert raw[0, channel].max() == pytest.approx(high, abs=2e-3)
    grey = torch.full((1, 3, 1, 1), 119, dtype=torch.uint8)
    assert rgb_to_lab(grey, "gamut").flatten().tolist() == pytest.approx([0, 0, 0], abs=2e-3)


@pytest.mark.parametrize("name", LabScale.NAMES)
def test_scales_apply_and_invert(name: str) -> None:
    scale = LabScale.named(name)
    x = torch.randint(0, 256, (2, 3, 6, 6), dtype=torch.uint8)
    raw = rgb_to_lab(x)
    assert torch.allclose(scale.apply(raw), rgb_to_lab(x, name), atol=1e-3)
    assert torch.allclose(scale.invert(scale.apply(raw)), raw, atol=1e-3)
    assert LabScale.named(scale) is scale


def test_unknown_scale() -> None:
    with pytest.raises(ValueError, match="'unit'; choose one of: raw, gamut, standard"):
        rgb_to_lab(torch.rand(1, 3, 2, 2), "unit")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_same_on_the_gpu() -> None:
    x = torch.randint(0, 256, (4, 3, 64, 64), dtype=torch.uint8)
    assert torch.allclose(rgb_to_lab(x.cuda()).cpu(), rgb_to_lab(x), atol=1e-3)
