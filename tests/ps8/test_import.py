"""What `import ps8` gives, and what it does not load."""

from __future__ import annotations

import subprocess
import sys

import ps8
import pytest


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120).stdout.strip()


@pytest.mark.parametrize("name", ps8.__all__)
def test_every_name_is_there(name: str) -> None:
    assert callable(getattr(ps8, name))


def test_importing_loads_nothing_heavy_but_torch() -> None:
    heavy = {"matplotlib", "skimage", "torchvision", "tqdm", "PIL", "safetensors"}
    loaded = run("import sys, torch; before = set(sys.modules); import ps8; print(*(set(sys.modules) - before))")
    assert not heavy & set(loaded.split())


def test_a_function_keeps_its_name_when_its_module_is_imported_later() -> None:
    code = "import ps8, ps8.progress, ps8.settings, ps8.checks, ps8.explain.dialogue; "
    assert run(code + "print(callable(ps8.progress), callable(ps8.settings), callable(ps8.explain))") == "True True True"


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(AttributeError, match="load_data"):
        ps8.loaddata  # noqa: B018
