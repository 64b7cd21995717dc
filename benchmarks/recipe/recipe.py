"""What one run of the search may change: everything given to students, nothing that they write."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """The settings of one CMC training. The defaults are the original's, with a row of the bank for each image."""

    n: int = 10_000  # unlabelled images
    epochs: int = 20
    batch: int = 128
    lr: float = 1e-3
    schedule: str = "constant"  # or "cosine": to zero at the end
    warmup: float = 0.0  # epochs in which the rate grows from zero
    beta1: float = 0.5
    beta2: float = 0.999
    decay: float = 0.0  # decoupled weight decay (AdamW); 0: Adam
    lab_scale: str = "raw"
    gain: float = 1.0  # what the scaled Lab is multiplied by
    zoom: float = 0.0  # smallest share of the image's area that a crop shows; 0: crops of 64x64
    jitter: float = 0.0  # spread of a random shift of each channel, an image and channel at a time
    K: int = 256
    shared: int = (
        0  # a batch's negatives are drawn out of so many rows, by one product: quicker, for the search only; 0: of all
    )
    T: float = 0.1
    momentum: float = 0.5
    replace: int = 0  # 1: images are drawn with replacement
    fill: int = 0  # passes over the data that fill the bank before the training

    @classmethod
    def of(cls, changes: list[str]) -> Recipe:
        """From `name=value` strings.

        Raises:
            ValueError: if there is no such name, or the value is not of its type.
        """
        types = {f.name: type(getattr(cls, f.name)) for f in fields(cls)}
        values: dict[str, Any] = {}
        for change in changes:
            name, _, value = change.partition("=")
            if name not in types:
                raise ValueError(f"no setting {name!r}: choose from {', '.join(types)}")
            values[name] = types[name](value)
        return replace(cls(), **values)
