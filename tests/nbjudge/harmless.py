"""Whether a page can do anything: run, load, send, or look like a part of itself that it is not."""

from __future__ import annotations

import re
from html.parser import HTMLParser

ACTIVE = {"script", "iframe", "object", "embed", "form", "input", "button", "link", "base", "applet", "frame", "audio", "video"}
LOADING = {"src", "srcset", "action", "formaction", "background", "poster", "data", "xlink:href", "ping", "manifest"}
IMAGE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=]+")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attributes}
        self.attributes |= set(told)
        if tag in ACTIVE or (tag == "meta" and told.get("http-equiv", "").lower() == "refresh"):
            self.found.append(f"<{tag}>")
        self.ids += [told["id"]] if "id" in told else []
        for name, value in told.items():
            plain = re.sub(r"[\x00-\x20]", "", value).lower()
            if name.startswith("on") or (name in LOADING and value and not IMAGE.fullmatch(value)):
                self.found.append(f"<{tag} {name}={value[:60]!r}>")
            if name == "href":
                if tag == "image":  # of our own drawings
                    self.found += [] if IMAGE.fullmatch(value) else [f"<image href={value[:60]!r}>"]
                elif plain.startswith("#"):
                    self.targets.append(plain[1:])
                elif ":" in plain and not plain.startswith(("https://", "http://", "mailto:")):
                    self.found.append(f"<{tag} href={value[:60]!r}>")

    handle_startendtag = handle_starttag


def read(html: str) -> _Reader:
    """What a page's tags say."""
    reader = _Reader()
    reader.feed(html)
    return reader


def dangers(html: str) -> list[str]:
    """Every tag and attribute with which a page could do something; what a browser would load, too."""
    found = read(html).found
    found += re.findall(r"@import[^;]*|url\([^)]*\)", "".join(re.findall(r"<style.*?</style>", html, re.DOTALL)))
    return found
