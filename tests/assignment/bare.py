"""A machine like a student's, made of what is installed here: an environment without the kit, and a web on loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import venv
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from packaging.requirements import Requirement


def needed_by(names: Iterable[str]) -> list[Distribution]:
    """Installed distributions, and all that they need."""
    found: dict[str, Distribution] = {}
    seen, waiting = set(), [Requirement(name) for name in names]
    while waiting:
        wish = waiting.pop()
        for extra in ("", *wish.extras):
            if (wish.name, extra) not in seen:
                seen.add((wish.name, extra))
                try:
                    found[wish.name] = distribution(wish.name)
                except PackageNotFoundError:
                    continue  # of another platform
                further = map(Requirement, found[wish.name].requires or ())
                waiting += [each for each in further if not each.marker or each.marker.evaluate({"extra": extra})]
    return list(found.values())


def bare_environment(folder: Path, names: Iterable[str]) -> Path:
    """An environment with these distributions, with what they need, with pip, and with nothing else. Gives its Python."""
    brought = folder / "brought"
    brought.mkdir(parents=True)
    for each in needed_by([*names, "pip"]):
        site = Path(str(each.locate_file("")))
        for top in {file.parts[0] for file in each.files or () if file.parts[0] not in ("..", "__pycache__")}:
            if not (brought / top).exists():
                (brought / top).symlink_to(site / top)
    venv.create(folder / "venv", symlinks=True)
    (site_packages,) = (folder / "venv").glob("lib/python*/site-packages")
    (site_packages / "brought.pth").write_text(f"{brought}\n")
    return folder / "venv" / "bin" / "python"


def write_wheels(folder: Path, names: Iterable[str]) -> None:
    """Wheels of pure distributions that are installed here, for a pip that has no index."""
    folder.mkdir(parents=True)
    for each in needed_by(names):
        stem = f"{each.metadata['Name'].replace('-', '_')}-{each.version}"
        with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
            for file in each.files or ():
                if file.parts[0] != ".." and file.suffix != ".pyc":
                    wheel.write(str(file.locate()), file.as_posix())


def git(*words: str | Path, folder: Path) -> None:
    """Runs git with a name of its own and nobody's configuration."""
    who = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b"}
    env = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", "-C", str(folder), *map(str, words)], check=True, capture_output=True, env=env)


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """A folder on loopback: its address, and what has been asked for so far."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder))) as server:
        server.asked = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", server.asked  # type: ignore[attr-defined]
        server.shutdown()


def only_this_web(address: str, home: Path) -> dict[str, str]:
    """What makes GitHub and the package index be found at an address and nowhere else, for git and for pip."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON", "PS8_", "XDG_", "GIT_"))
    }
    return {
        **kept,
        "HOME": str(home),
        "NO_PROXY": "*",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{address}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": f"{address}wheels/",
        "PIP_TRUSTED_HOST": "127.0.0.1",
        "PIP_RETRIES": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def run_cells(
    python: Path | str, sources: Sequence[str], folder: Path, env: Mapping[str, str], whatever: bool = False
) -> list[NotebookNode]:
    """Runs cells in a fresh kernel of a Python, in a folder. Gives the cells with their outputs.

    Args:
        python: has ipykernel.
        sources: of the cells.
        folder: that they work in.
        env: of the kernel, all of it.
        whatever: whether to go on after a cell that fails.
    """
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    sockets = Path(tempfile.mkdtemp(prefix="ps8-"))
    manager = AsyncKernelManager(transport="ipc", ip=str(sockets / "kernel"))
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager._kernel_spec = KernelSpec(argv=argv, language="python", display_name="bare")
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=600,
        resources={"metadata": {"path": str(folder)}},
        allow_errors=whatever,
        startup_timeout=600,
    )
    with contextlib.suppress(CellExecutionError):  # the cell's own output says it
        client.execute(env=dict(env), cleanup_kc=True)  # also where the manager is given
    shutil.rmtree(sockets)
    return list(notebook.cells)


def shown(cell: NotebookNode) -> str:
    """All that a student reads below a cell."""
    parts = []
    for output in cell.outputs:
        parts.append("\n".join(output.traceback) if output.output_type == "error" else output.get("text", ""))
    return "\n".join(parts)
