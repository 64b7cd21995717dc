"""RGB to CIE Lab: one image through scikit-image, and whole batches in torch, on the tensor's device.

L is lightness, 0 (black) to 100 (white); a runs from green to red and b from blue to yellow, 0 for greys.
The constants are those of sRGB (IEC 61966-2-1), the D65 white of the 2 degree observer and CIE 1976,
as scikit-image has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import torch

# Linear sRGB to XYZ, and the white that XYZ is divided by.
RGB_TO_XYZ: Final = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
WHITE_D65: Final = (0.95047, 1.0, 1.08883)
# f(t) = cube root of t, but a line below KNEE.
KNEE: Final = 0.008856
SLOPE: Final = 7.787
OFFSET: Final = 16 / 116
# L = 116 f(y) - 16, a = 500 (f(x) - f(y)), b = 200 (f(y) - f(z)).
F_TO_LAB: Final = ((0.0, 116.0, 0.0), (500.0, -500.0, 0.0), (0.0, 200.0, -200.0))
LAB_SHIFT: Final = (-16.0, 0.0, 0.0)
CPU_BLOCK: Final = 32

# The smallest and largest L, a, b over all 256**3 colours of sRGB (found on the faces of the cube).
GAMUT: Final = ((0.0, 100.0), (-86.1831, 98.2331), (-107.8574, 94.4782))


@dataclass(frozen=True)
class LabScale:
    """How Lab is scaled before a network sees it: `(lab - center) / spread`, channel by channel.

    Three are named, see `LabScale.named`:

    - "raw": as it is, L in 0..100.
    - "gamut": into -1..1 by the bounds of the sRGB gamut; greys stay at a = b = 0.
    - "standard": about zero mean and unit spread on photographs
      (means 47, 0, 5 and spreads 25, 12, 18).
    """

    name: str
    center: tuple[float, float, float]
    spread: tuple[float, float, float]

    NAMES: ClassVar[tuple[str, ...]] = ("raw", "gamut", "standard")

    @classmethod
    def named(cls, scale: str | LabScale) -> LabScale:
        """The scaling of that name (a LabScale is returned as it is).

        Raises:
            ValueError: if there is no such name.
        """
        if isinstance(scale, LabScale):
            return scale
        if scale not in _SCALES:
            raise ValueError(f"There is no Lab scaling {scale!r}; choose one of: {', '.join(cls.NAMES)}.")
        return _SCALES[scale]

    def apply(self, lab: torch.Tensor) -> torch.Tensor:
        """Scale Lab (..., 3, H, W)."""
        return (lab - self._column(self.center, lab)) / self._column(self.spread, lab)

    def invert(self, scaled: torch.Tensor) -> torch.Tensor:
        """Undo `apply`: back to L in 0..100."""
        return scaled * self._column(self.spread, scaled) + self._column(self.center, scaled)

    @staticmethod
    def _column(values: tuple[float, float, float], like: torch.Tensor) -> torch.Tensor:
        return torch.tensor(values, dtype=like.dtype, device=like.device).view(3, 1, 1)


_SCALES: Final[dict[str, LabScale]] = {
    "raw": LabScale("raw", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    "gamut": LabScale("gamut", (50.0, 0.0, 0.0), (50.0, 98.2331, 107.8574)),
    "standard": LabScale("standard", (47.0, 0.0, 5.0), (25.0, 12.0, 18.0)),
}


class RGB2Lab:
    """A transform for one image, by scikit-image: PIL image or uint8 (H, W, 3) to Lab, float32 (H, W, 3).

    This is the plain way, and what the batched `rgb_to_lab` is tested against.
    """

    def __call__(self, image: Any) -> npt.NDArray[np.float32]:
        """Convert one image.

        Raises:
            TypeError: if the array is not uint8 (scikit-image would take other numbers for 0..1).
            ValueError: if its shape is not (H, W, 3).
        """
        from skimage.color import rgb2lab  # slow to import, and few need it

        array = np.asarray(image)
        if array.dtype != np.uint8:
            raise TypeError(f"RGB2Lab expects a uint8 image (0..255), actual {array.dtype}. Convert to Lab before ToTensor.")
        if array.ndim != 3 or array.shape[2] != 3:
            raise ValueError(f"RGB2Lab expects an image of shape (height, width, 3), actual {array.shape}.")
        lab: npt.NDArray[np.float32] = rgb2lab(array).astype(np.float32)
        return lab

    def __repr__(self) -> str:
        return "RGB2Lab()"


@torch.no_grad()
def rgb_to_lab(x: torch.Tensor, scale: str | LabScale = "raw") -> torch.Tensor:
    """Convert a batch of RGB images to Lab, on the device they are on.

    Args:
        x: (B, 3, H, W), uint8 in 0..255, or floats in 0..1. uint8 is faster: the sRGB curve is then a table.
        scale: what to scale the result by, see `LabScale`.

    Returns:
        float32 (B, 3, H, W): channel 0 is L, channels 1 and 2 are a and b. Raw, within 1e-3 of scikit-image.

    Raises:
        ValueError: if the shape is not (B, 3, H, W).
    """
    if x.ndim != 4 or x.shape[1] != 3:
        raise ValueError(f"rgb_to_lab expects a batch of shape (B, 3, H, W), actual {tuple(x.shape)}.")
    to_xyz, to_lab, shift = _matrices(LabScale.named(scale), x.device)
    lab = torch.empty(x.shape, dtype=torch.float32, device=x.device)
    # On a CPU a few images at a time, so that what is between the steps stays in its cache.
    block = CPU_BLOCK if x.device.type == "cpu" else max(1, len(x))
    for start in range(0, len(x), block):
        linear = linear_rgb(x[start : start + block]).flatten(2)
        target = lab[start : start + block].flatten(2)
        torch.matmul(to_lab, _f(torch.matmul(to_xyz, linear)), out=target).add_(shift)
    return lab


def linear_rgb(x: torch.Tensor) -> torch.Tensor:
    """Undo sRGB's curve: uint8 0..255 or floats 0..1, any shape, to linear float32 0..1."""
    if x.dtype == torch.uint8:
        table = _curve(torch.arange(256, dtype=torch.float64) / 255).float().to(x.device)
        return table.index_select(0, x.reshape(-1).int()).view(x.shape)
    return _curve(x.float())


def _curve(x: torch.Tensor) -> torch.Tensor:
    return torch.where(x > 0.04045, ((x + 0.055) / 1.055).clamp_min(0).pow(2.4), x / 12.92)


def _f(t: torch.Tensor) -> torch.Tensor:
    """CIE's f of t >= 0, cube root above the knee and line below it, without a branch. Overwrites t."""
    root = t.clamp_min(KNEE)
    if root.device.type == "cpu":
        array = root.numpy()
        np.cbrt(array, out=array)  # vectorised; on a CPU about eight times as fast as torch's pow(1/3)
    else:
        root = root.pow_(1 / 3)
    return t.sub_(KNEE).clamp_max_(0).mul_(SLOPE).add_(root)


def _matrices(scale: LabScale, device: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Linear RGB -> XYZ over white (3, 3), f -> scaled Lab (3, 3) and its shift (3, 1)."""
    double = torch.float64
    to_xyz = torch.tensor(RGB_TO_XYZ, dtype=double) / torch.tensor(WHITE_D65, dtype=double)[:, None]
    spread = torch.tensor(scale.spread, dtype=double)[:, None]
    to_lab = torch.tensor(F_TO_LAB, dtype=double) / spread
    shift = (torch.tensor([LAB_SHIFT, scale.center], dtype=double).T @ torch.tensor([1.0, -1.0], dtype=double))[:, None]
    return to_xyz.float().to(device), to_lab.float().to(device), (shift / spread).float().to(device)
