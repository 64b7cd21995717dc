"""Where figures go: `benchmarks/results.json`, by key, with the machine, the versions and the commit they were measured on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from nbjudge.ground.atomic_files import write_whole

RESULTS = Path(__file__).with_name("results.json")
VERSIONS = ("torch", "torchvision", "numpy", "scikit-image", "nbgrader", "nbclient", "ipykernel")


def machine() -> dict[str, Any]:
    """What was measured on."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=RESULTS.parent, check=False
    )
    return {
        "cores": os.cpu_count(),
        "processor": processor(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in VERSIONS},
        "commit": commit.stdout.strip(),
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
    }


def processor() -> str:
    """The name of the processor, where the system tells it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {platform.machine()}" if names else platform.machine()


def ratio(plain: Sequence[float], ours: Sequence[float]) -> dict[str, Any]:
    """Seconds of the plain way over ours, run by run: the median, and the spread."""
    pairs = sorted(p / o for p, o in zip(plain, ours, strict=True))
    return {"value": round(median(pairs), 2), "min": round(pairs[0], 2), "max": round(pairs[-1], 2), "runs": len(pairs)}


def record(key: str, figure: dict[str, Any], path: Path = RESULTS) -> None:
    """Writes one figure beside those that are there."""
    everything = json.loads(path.read_text()) if path.exists() else {}
    everything[key] = {**figure, "machine": machine()}
    write_whole(path, json.dumps(dict(sorted(everything.items())), indent=2) + "\n")
    print(f"{key}: {figure['value']:g}", flush=True)
