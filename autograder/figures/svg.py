"""A few marks of SVG, enough for small pictures. Text takes the colour of what is around it: light and dark pages suit it."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

WIDTH = 360  # units; a phone shows about as many pixels
FONT = 11
# From strongly negative over zero to strongly positive; distinct for the colour-blind, too.
STOPS = np.array([[33, 84, 160], [146, 190, 224], [247, 247, 244], [247, 182, 120], [184, 62, 12]], dtype=np.float64)
ODD = (128, 128, 128)  # a value that is no finite number


def drawing(parts: Sequence[str], height: float) -> str:
    """The parts as one SVG, `WIDTH` units wide."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" height="{height:g}" '
        f'font-family="system-ui, sans-serif" font-size="{FONT}">{"".join(parts)}</svg>'
    )


def text(x: float, y: float, words: str, *, size: float = FONT, anchor: str = "start", fill: str = "currentColor") -> str:
    """A line of text; (x, y) is on its base line."""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, stroke: str = "currentColor", thick: float = 0.5) -> str:
    """A rectangle's outline."""
    place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
    return f'<rect {place} fill="none" stroke="{stroke}" stroke-width="{thick:g}"/>'


def picture(x: float, y: float, width: float, height: float, pixels: np.ndarray) -> str:
    """An array of uint8, (rows, columns, 3), with hard pixels."""
    file = io.BytesIO()
    Image.fromarray(pixels).quantize(64).save(file, "PNG", optimize=True)
    place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" preserveAspectRatio="none"'
    data = base64.b64encode(file.getvalue()).decode()
    return f'<image {place} style="image-rendering:pixelated" href="data:image/png;base64,{data}"/>'


def colours(values: np.ndarray, most: float) -> np.ndarray:
    """Values as colours (uint8, one more axis of 3): blue from -most down, white at 0, orange from +most up, else grey."""
    finite = np.isfinite(values)
    at = np.clip(np.where(finite, values, 0) / (most or 1.0), -1, 1)
    ends = np.linspace(-1, 1, len(STOPS))
    rgb = np.stack([np.interp(at, ends, STOPS[:, channel]) for channel in range(3)], axis=-1)
    rgb[~finite] = ODD
    return rgb.astype(np.uint8)
