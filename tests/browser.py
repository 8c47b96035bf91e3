"""The built pages, and how to open one in the browser (the fixture ``browser`` is in conftest.py)."""

import re
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup
from chromium import launch
from playwright.sync_api import sync_playwright

HTML = Path(__file__).resolve().parent.parent / "_build" / "html"
PAGES = sorted(str(path.relative_to(HTML / "book").with_suffix("")) for path in (HTML / "book").rglob("*.html"))


def chromium():
    """Yield a running Chromium."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def open_page(context, name, typeset=True):
    """Load a page from disk with the network watched; return it with its requests and console errors.

    Without formulas, ``typeset=False``, a long page loads some seconds faster.
    """
    page, outside, errors = context.new_page(), [], []

    def refuse(route):
        outside.append(route.request.url)
        route.abort()

    page.route(re.compile("^(?!file:|data:|blob:)"), refuse)
    if not typeset:
        page.route("**/mathjax/**", lambda route: route.fulfill(body=""))
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((HTML / "book" / f"{name}.html").as_uri())
    page.wait_for_function("!window.MathJax?.startup?.promise || window.MathJax.startup.promise.then(() => true)")
    return page, outside, errors


@contextmanager
def opened(browser, name, typeset=True, **settings):
    """A page in a context of its own, in which nothing may have gone wrong in the end."""
    context = browser.new_context(**settings)
    page, outside, errors = open_page(context, name, typeset)
    yield page
    assert outside == errors == []
    context.close()


@cache
def soup(path):
    """The page as it lies on disk; shared, so not to be changed."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
