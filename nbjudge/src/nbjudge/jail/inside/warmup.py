"""Small calls that load what a library loads only when it is first used. No thread may start here.

What a course uses besides is warmed up by functions of its own, see `nbjudge.jail.policy.JailSettings.preload`.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util

from .kernel import without_debugger


def figures() -> None:
    """Matplotlib's fonts and renderer, without choosing a backend. Nothing where there is no Matplotlib."""
    import io

    if importlib.util.find_spec("matplotlib") is None:
        return
    import matplotlib.pyplot  # noqa: F401
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1, 1))
    figure.subplots().set_title("a")
    FigureCanvasAgg(figure).print_png(io.BytesIO())  # type: ignore[no-untyped-call]


_OF_THE_SHELL = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "asttokens",
    "executing",
    "faulthandler",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "pdb",
    "pure_eval",
    "pygments.formatters.terminal256",
    "pygments.styles.default",
    "stack_data",
    "tornado.platform.asyncio",
)


def shell() -> None:
    """What an IPython kernel imports while it starts, and at its first result and its first traceback."""
    without_debugger()
    for name in _OF_THE_SHELL:
        with contextlib.suppress(ImportError):  # names change between versions; a missing one only costs time
            importlib.import_module(name)
