"""Every number of the experiment, in one place: nothing else in the course states a rate, a size or an epoch count."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ps8.runtime import profile


@dataclass(frozen=True)
class Settings:
    """What a run is made of. The field's comment says why it has its value.

    Attributes are plain numbers; `epochs` are passes over the loader, sizes are images.
    """

    n_unlabeled: int = 10_000  # of the 100,000: what fits an evening without a GPU
    n_train: int = 5_000  # all of STL-10's labelled training images
    n_test: int = 8_000
    batch_size: int = 128
    feat_dim: int = 384  # 24 maps of 4x4, flattened

    ae_epochs: int = 100
    ae_lr: float = 1e-3
    show_every: int = 10  # epochs between two pictures of reconstructions

    cls_epochs: int = 100
    cls_lr: float = 1e-3
    cls_weight_decay: float = 1e-4

    cmc_epochs: int = 100
    cmc_lr: float = 3e-4  # at 1e-3 every unit of the encoder dies within 15 epochs on real photographs
    cmc_betas: tuple[float, float] = (0.5, 0.999)
    lab_scale: str = "gamut"  # L, a and b to [-1, 1] by the bounds of the sRGB gamut
    K: int = 256  # negatives for each positive
    T: float = 0.1  # temperature
    momentum: float = 0.5  # of the memory bank's rows

    seed: int = 42


_PROFILES = {
    "full": Settings(),
    # Minutes on two CPU cores, with the photo sample in mind.
    "quick": replace(Settings(), n_unlabeled=3_000, n_train=1_000, n_test=1_000, ae_epochs=40, cmc_epochs=40, cls_epochs=40),
    # A few steps, so that every given cell is seen to run; the grades come from elsewhere.
    "grade": replace(
        Settings(),
        n_unlabeled=64,
        n_train=32,
        n_test=32,
        batch_size=32,
        ae_epochs=1,
        cmc_epochs=1,
        cls_epochs=1,
        K=16,
    ),
}


def settings(name: str | None = None) -> Settings:
    """The settings of a profile: `full`, `quick` or `grade`; by default the one that `PS8_PROFILE` names.

    Raises:
        ValueError: if there is no profile of that name.
    """
    chosen = name or profile()
    try:
        return _PROFILES[chosen]
    except KeyError:
        raise ValueError(f"no profile {chosen!r}: choose one of {', '.join(_PROFILES)}") from None
