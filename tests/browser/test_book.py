"""A crawl of the book in a real browser: every page, at the widths and in the themes in which it is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .accessibility import problems, served
from .book import render

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]  # minutes where nothing else runs

TEXTS = ("intro", "ps8", "nce", "mistakes", "case_study", "names", "instructors", "add_a_question", "publish", "credits")
MADE = ("index", "genindex", "search")  # by the book's builder, or sent on


@pytest.fixture(scope="session")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book's pages, rendered without a warning."""
    return render(tmp_path_factory.mktemp("book"))


def test_the_real_book_is_rendered_without_a_warning_and_crawled_whole(html: Path) -> None:
    assert {page.stem for page in html.glob("*.html")} == {*TEXTS, *MADE}


@pytest.mark.parametrize("name", TEXTS)
def test_a_page_is_accessible_and_stands_alone(html: Path, browser: Browser, name: str) -> None:
    with served(html) as address:
        assert problems(browser, f"{address}/{name}.html") == {}
