"""What axe finds on a page: WCAG 2.1, levels A and AA, at the widths and in the themes in which pages are read."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page

Scheme = Literal["light", "dark"]
WIDTHS = (390, 1280)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
# Of axe's own options for contrast two are changed: signs and single characters are measured like all text. By itself
# axe leaves them to a person, who could only measure, too.
CONTRAST = {
    "ignoreUnicode": False,
    "ignoreLength": True,
    "ignorePseudo": False,
    "boldValue": 700,
    "boldTextPt": 14,
    "largeTextPt": 18,
    "contrastRatio": {"normal": {"expected": 4.5, "minThreshold": 4.5}, "large": {"expected": 3, "minThreshold": 3}},
    "pseudoSizeThreshold": 0.25,
    "shadowOutlineEmMax": 0.2,
    "textStrokeEmMin": 0.03,
}
OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations", "incomplete"],
    "preload": False,  # only a rule that is not asked for reads style sheets as files
    "checks": {"color-contrast": {"options": CONTRAST}},
}


def findings(page: Page, context: dict[str, Any] | str | None = None) -> list[str]:
    """Every violation, and all that axe could not decide.

    Args:
        page: as it is shown now.
        context: of axe's, what of the page is looked at.
    """
    response = Axe().run(page, context=context, options=OPTIONS).response
    return [
        f"{kind}: {rule['id']}, {len(rule['nodes'])} times, as {node['target']}, {node['html'][:120]}: {node['failureSummary']}"
        for kind in ("violations", "incomplete")
        for rule in response[kind]
        for node in rule["nodes"][:3]
    ]


def unfolded(page: Page) -> None:
    """Opens what is folded: axe does not look into it."""
    page.evaluate("document.querySelectorAll('details').forEach(folded => { folded.open = true })")


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder as a website; gives its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing is said of a request."""


@contextmanager
def opened(browser: Browser, address: str, width: int, loads: Sequence[str] = ()) -> Iterator[tuple[Page, list[str]]]:
    """A page at a width, without a network, and what goes wrong in it: errors, and requests to elsewhere.

    Args:
        browser: that opens it.
        address: of the page.
        width: of the window.
        loads: addresses' beginnings that it may ask for. It gets none of them.
    """
    page = browser.new_page(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("console", lambda said: wrong.append(f"console: {said.text}, {said.location}") if _is_wrong(said, loads) else None)
    own = ("data:", "file:" if address.startswith("file:") else "/".join(address.split("/")[:3]))
    page.route(lambda url: not url.startswith(own), lambda route: route.abort())
    page.on("request", lambda told: None if told.url.startswith((*own, *loads)) else wrong.append(f"request: {told.url}"))
    try:
        page.goto(address)
        yield page, wrong
    finally:
        page.close()


def _is_wrong(said: ConsoleMessage, loads: Sequence[str]) -> bool:
    return said.type == "error" and not said.location["url"].startswith(tuple(loads))


def problems(
    browser: Browser, address: str, context: dict[str, Any] | str | None = None, loads: Sequence[str] = ()
) -> dict[str, list[str]]:
    """All that is wrong with a page, by width and theme; nothing for those in which nothing is. See `opened`, `findings`."""
    found: dict[str, list[str]] = {}
    for width in WIDTHS:
        with opened(browser, address, width, loads) as (page, wrong):
            unfolded(page)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                found[f"{width} px, {scheme}"] = findings(page, context)
            found[f"{width} px"] = [*wrong, *([f"{over} px wider than the window"] if (over := sideways(page)) > 0 else [])]
    return {where: told for where, told in found.items() if told}
