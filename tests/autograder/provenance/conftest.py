"""The fixtures of the collector's tests: a solved notebook with own cells in it, run as a submission is."""

from __future__ import annotations

from ..collector.conftest import judge, notebook, run, seeds

__all__ = ["judge", "notebook", "run", "seeds"]
