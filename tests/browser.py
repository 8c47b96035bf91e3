"""The built pages, and how to open one in the browser (the fixture ``browser`` is in conftest.py)."""

import re
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup
from chromium import launch
from playwright.sync_api import expect, sync_playwright

HTML = Path(__file__).resolve().parent.parent / "_build" / "html"
PAGES = sorted(str(path.relative_to(HTML / "book").with_suffix("")) for path in (HTML / "book").rglob("*.html"))

DRAWN = """[...document.images].every(image => image.complete || image.loading === "lazy")
    && new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"""
TYPESET = "!window.MathJax?.startup?.promise || window.MathJax.startup.promise.then(() => true)"


def chromium():
    """Yield a running Chromium."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def watched(context):
    """A new page, and what it will have asked of the network and complained of."""
    page, outside, errors = context.new_page(), [], []

    def refuse(route):
        outside.append(route.request.url)
        route.abort()

    page.route(re.compile("^(?!file:|data:|blob:)"), refuse)
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return page, outside, errors


def leave_formulas(page):
    """From its next load on, the page stays without formulas: a long one loads some seconds faster."""
    page.route("**/mathjax/**", lambda route: route.fulfill(body=""))


def open_page(context, name, typeset=True):
    """Load a page from disk with the network watched; return it with its requests and console errors."""
    page, outside, errors = watched(context)
    if not typeset:
        leave_formulas(page)
    page.goto(address(name))
    page.wait_for_function(TYPESET)
    return page, outside, errors


def open_in_time(context, name):
    """The same, and the seconds of its main thread until the page was usable: laid out, scripts run, figures live.

    Formulas, which come after, wait for as long.
    """
    page, outside, errors = watched(context)
    waiting, measured = [], []
    page.route("**/mathjax/*.js", lambda route: route.continue_() if measured else waiting.append(route))
    clock = context.new_cdp_session(page)
    clock.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(address(name), wait_until="domcontentloaded")
    page.wait_for_function(DRAWN)
    metrics = {each["name"]: each["value"] for each in clock.send("Performance.getMetrics")["metrics"]}
    measured.append(metrics["TaskDuration"])
    for route in waiting:
        route.continue_()
    page.wait_for_load_state()
    page.wait_for_function(TYPESET)
    return page, outside, errors, *measured


def address(name):
    return (HTML / "book" / f"{name}.html").as_uri()


def move_slider(page):
    """What the first slider of a notebook's live figure says, before and after it goes to its end."""
    figure = page.frame_locator('iframe[title="Live figure"]').first
    slider, says = figure.locator("input[type=range]").first, figure.locator(".slider output").first
    before = says.inner_text()
    slider.press("End")
    expect(says).not_to_have_text(before)
    return before, says.inner_text()


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
