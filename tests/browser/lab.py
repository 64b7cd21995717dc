"""JupyterLab in a browser, used as a student does: by its menus, its keys and its cells. Only what came is read by script."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import Browser, Locator, Page

SECONDS = 600  # for anything that is waited for
# As it comes, but for three things: no news are fetched, all cells are on the page (axe looks at no others), and the theme is
# the system's, which a page can be shown in at will.
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "apputils-extension/themes": {"adaptive-theme": True},
    "notebook-extension/tracker": {"windowingMode": "none"},
}
_CELLS = """() => window.jupyterapp.shell.currentWidget.content.widgets.map(widget => ({
    id: widget.model.id, type: widget.model.type, source: widget.model.sharedModel.getSource(),
    count: widget.model.executionCount ?? null, outputs: widget.model.outputs ? widget.model.outputs.toJSON() : [] }))"""
_STATUS = """() => {
    const notebook = window.jupyterapp.shell.currentWidget;
    const waiting = notebook.content.widgets.some(w => w.promptNode && w.promptNode.textContent.includes('*'));
    return waiting ? 'waiting' : notebook.sessionContext.kernelDisplayStatus }"""


@contextmanager
def server(folder: Path, env: Mapping[str, str]) -> Iterator[str]:
    """A JupyterLab of its own that shows the folder `work` of a folder; gives its address, with the token."""
    for name, values in SETTINGS.items():
        path = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    token, log = secrets.token_hex(16), folder / "log.txt"
    own = {
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
    }
    with log.open("w") as told:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"),
                *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--IdentityProvider.token={token}"),
                f"--ServerApp.root_dir={folder / 'work'}",
            ],
            env={**os.environ, **env, **{name: str(folder / place) for name, place in own.items()}},
            cwd=folder / "work",
            stdout=told,
            stderr=told,
        )
    try:
        address = _until(lambda: re.search(r"http://127\.0\.0\.1:\d+/", log.read_text()), lambda: log.read_text()[-2000:])
        yield f"{address[0]}lab/tree/{{}}?token={token}"
    finally:
        process.terminate()
        process.wait(30)


class Lab:
    """A notebook that is open in JupyterLab.

    Args:
        browser: that opens it.
        address: of the notebook.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        self.page.set_default_timeout(1000 * SECONDS)
        self.page.goto(address)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.wait()

    @property
    def cells(self) -> list[dict[str, Any]]:
        """All cells: id, type, source, execution count and outputs as they are now."""
        return cast("list[dict[str, Any]]", self.page.evaluate(_CELLS))

    def cell(self, id: str) -> dict[str, Any]:
        """One cell."""
        return next(cell for cell in self.cells if cell["id"] == id)

    def said(self, id: str) -> str:
        """All text that a cell has put out."""
        return "\n".join(map(text_of, self.cell(id)["outputs"]))

    def errors(self) -> dict[str, str]:
        """Of each cell that ended with an error, which one."""
        return {
            cell["id"]: output["ename"] for cell in self.cells for output in cell["outputs"] if output["output_type"] == "error"
        }

    def wait(self) -> None:
        """Until nothing runs and nothing waits to be run."""
        _until(lambda: self.page.evaluate(_STATUS) == "idle", lambda: f"still {self.page.evaluate(_STATUS)}")

    def menu(self, *words: str) -> None:
        """Chooses from the menus, as in `menu("Run", "Run All Cells")`."""
        self.page.get_by_role("menuitem", name=words[0], exact=True).click()
        for word in words[1:]:
            self.page.locator(".lm-Menu-itemLabel").get_by_text(word, exact=True).click()

    def interrupt(self) -> None:
        """Interrupts the kernel by keyboard, which is the fastest."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("i")
        self.page.keyboard.press("i")

    def restart(self) -> None:
        """Restarts the kernel, and says yes where JupyterLab asks."""
        self.menu("Kernel", "Restart Kernel…")
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.wait()

    def write(self, id: str, source: str) -> None:
        """Writes a cell anew, by keyboard."""
        shown = self._shown(id)
        if self.cell(id)["type"] == "markdown":
            shown.locator(".jp-MarkdownOutput").dblclick()
        shown.locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)
        assert self.cell(id)["source"] == source

    def add_below(self, id: str, source: str) -> str:
        """Adds a cell below another; gives its id."""
        before = {cell["id"] for cell in self.cells}
        self._shown(id).locator(".cm-content").click()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("b")
        (made,) = {cell["id"] for cell in self.cells} - before
        self.write(made, source)
        return made

    def run(self, id: str) -> str:
        """Runs a cell and waits for it; what it says."""
        self._shown(id).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        self.wait()
        return self.said(id)

    def save(self, path: Path) -> None:
        """Saves the notebook, and waits until it is in its file."""
        before = path.stat().st_mtime_ns
        self.page.keyboard.press("Escape")
        self.menu("File", "Save Notebook")
        _until(lambda: path.stat().st_mtime_ns != before, lambda: "not saved")

    def picture(self, id: str, path: Path) -> None:
        """Takes a picture of the window, a cell at its top."""
        self._shown(id).evaluate("cell => cell.scrollIntoView({block: 'start'})")
        self.page.screenshot(path=path)

    def _shown(self, id: str) -> Locator:
        place = [cell["id"] for cell in self.cells].index(id)
        shown = self.page.locator(".jp-Notebook .jp-Cell").nth(place)
        shown.scroll_into_view_if_needed()
        return shown


def text_of(output: Mapping[str, Any]) -> str:
    """What an output says in words."""
    if output["output_type"] == "error":
        return "\n".join(output["traceback"])
    told = output.get("text", output.get("data", {}).get("text/plain", ""))
    return told if isinstance(told, str) else "".join(told)


def _until(there: Callable[[], Any], told: Callable[[], str]) -> Any:
    end = time.monotonic() + SECONDS
    while not (found := there()):
        assert time.monotonic() < end, told()
        time.sleep(0.1)
    return found
