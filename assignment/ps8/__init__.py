"""The student kit of PS8: data, figures, checks and small tools. Everything but the answers.

Names load when they are first used, so that `import ps8` costs little more than `import torch`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import torch as _torch  # the one heavy import that every user needs

# These are named as their modules are. Bound here, so that importing the module later does not put it in their place.
from ps8.explain import explain, questions_for
from ps8.progress import progress
from ps8.settings import Settings, settings

if TYPE_CHECKING:
    from ps8.artifacts import load, open_results, save, save_results, save_run
    from ps8.bank import fill_bank
    from ps8.checks import check, hint
    from ps8.data import STL10, STL10_CMC, BatchLoader, RGB2Lab, data_root, load_data, rgb_to_lab
    from ps8.features import FeatureLoader
    from ps8.figures import (
        Probe,
        accuracy_bars,
        plot_curves,
        show,
        show_accuracies,
        show_confusions,
        show_grid,
        show_lab,
        show_neighbours,
        show_receptive_field,
        show_sweep,
        visualize_recon,
    )
    from ps8.handing_in import status, submit, update
    from ps8.layers import layer_table
    from ps8.products import row_products
    from ps8.runtime import get_device, seed_everything
    from ps8.trainings import resume

_HOME = {
    "BatchLoader": "data",
    "RGB2Lab": "data",
    "FeatureLoader": "features",
    "Probe": "figures",
    "STL10": "data",
    "STL10_CMC": "data",
    "accuracy_bars": "figures",
    "check": "checks",
    "data_root": "data",
    "fill_bank": "bank",
    "get_device": "runtime",
    "hint": "checks",
    "layer_table": "layers",
    "load": "artifacts",
    "load_data": "data",
    "open_results": "artifacts",
    "plot_curves": "figures",
    "resume": "trainings",
    "rgb_to_lab": "data",
    "row_products": "products",
    "save": "artifacts",
    "save_results": "artifacts",
    "save_run": "artifacts",
    "seed_everything": "runtime",
    "show": "figures",
    "show_accuracies": "figures",
    "show_confusions": "figures",
    "show_grid": "figures",
    "show_lab": "figures",
    "show_neighbours": "figures",
    "show_receptive_field": "figures",
    "show_sweep": "figures",
    "status": "handing_in",
    "submit": "handing_in",
    "update": "handing_in",
    "visualize_recon": "figures",
}

__all__ = [*_HOME, "Settings", "explain", "progress", "questions_for", "settings"]  # pyright: ignore[reportUnsupportedDunderAll]
__version__ = "1.0.0"


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'ps8' has no attribute {name!r}; it has {', '.join(__dir__())}")
    value = getattr(importlib.import_module(f"ps8.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
