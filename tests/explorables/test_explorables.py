"""The live figures in a real browser: they answer mouse, touch and keys in time. Their numbers: test_parity.py."""

import re
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from browser import HTML, PAGES, open_page, soup

pytestmark = pytest.mark.book

BUDGET = 50  # ms from a key to the new picture


@cache
def explorables():
    """(page, name) of every explorable of the book."""
    found = {page: soup(HTML / "book" / f"{page}.html").select("figure.explorable [data-explorable]") for page in PAGES}
    return [(page, mount["data-explorable"]) for page, mounts in found.items() for mount in mounts]


@contextmanager
def opened(browser, page, name, typeset=False, **settings):
    """The page and the explorable's figure, scrolled into view, on a page of its own."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
    page, outside, errors = open_page(context, page, typeset)
    figure = page.locator(f'figure:has([data-explorable="{name}"])')
    figure.scroll_into_view_if_needed()
    yield page, figure
    context.close()
    assert outside == []
    assert errors == []


def state(figure):
    return figure.locator(".state").inner_text()


def becomes(page, condition, seconds=5):
    """Whether the page comes to that in time, which a busy machine makes long."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        page.wait_for_timeout(30)
    return True


def test_every_script_is_loaded_somewhere():
    pages = [soup(HTML / "book" / f"{page}.html") for page in PAGES]
    loaded = {
        Path(tag["src"].partition("?")[0]).name for page in pages for tag in page.select("script[src*=explorables]")
    }
    assert loaded == {path.name for path in (HTML / "_static" / "explorables").glob("*.js")}


@pytest.mark.parametrize("name", PAGES)
def test_other_pages_load_no_script_of_theirs(name):
    page = soup(HTML / "book" / f"{name}.html")
    assert page.select("[data-explorable]") or not page.select('[src*="explorables"], [href*="explorables/"]')


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def movable(figure):
    """What can be dragged: the first handle, or else the first slider's middle."""
    return figure.locator(".handle .reach, input[type=range]").first


def answers_keys(page, figure, control):
    """Whether an arrow key changes what is told; a control at its end can go back."""
    told = lambda: state(figure) + (control.get_attribute("aria-valuetext") or "")
    control.focus()
    before = told()
    for key in ("ArrowUp", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
        if becomes(page, lambda: told() != before, 2):
            return True
    return False


# milliseconds from an event to the frame that answers it and the layout it costs
RESPONSE = """(node) => new Promise((done) => {
    const figure = node.closest("figure"), begin = performance.now();
    setTimeout(() => done(Infinity), 2000);
    new MutationObserver((_, observer) => {
        observer.disconnect();
        figure.getBoundingClientRect();
        done(performance.now() - begin);
    }).observe(figure.querySelector(".state"), { childList: true, characterData: true, subtree: true });
    if (node.matches("input")) { node.stepUp(); node.dispatchEvent(new Event("input", { bubbles: true })); }
    else node.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }));
})"""


@pytest.mark.parametrize(("page", "name"), explorables())
class TestExplorable:
    def test_mouse(self, browser, page, name):
        with opened(browser, page, name) as (page, figure):
            before, (x, y) = state(figure), middle(movable(figure))
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + 15, y - 25, steps=4)
            page.mouse.up()
            assert becomes(page, lambda: state(figure) != before)
            figure.get_by_role("button", name="Reset").click()
            assert becomes(page, lambda: state(figure) == before)

    def test_touch(self, browser, page, name):
        phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
        with opened(browser, page, name, **phone) as (page, figure):
            movable(figure).scroll_into_view_if_needed()
            before, (x, y), scrolled = state(figure), middle(movable(figure)), page.evaluate("scrollY")
            touch = page.context.new_cdp_session(page)
            send = lambda kind, points: touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            up = 12 if figure.locator(".handle").count() else 0  # a slider leaves the vertical to the page
            send("touchStart", [{"x": x, "y": y}])
            for k in range(1, 5):
                send("touchMove", [{"x": x + 8 * k, "y": y - up * k}])
            send("touchEnd", [])
            assert becomes(page, lambda: state(figure) != before)
            assert page.evaluate("scrollY") == scrolled

    def test_keyboard_reaches_and_moves_everything(self, browser, page, name):
        with opened(browser, page, name) as (page, figure):
            for control in figure.locator("[role=slider], input[type=range], input[type=radio]:checked").all():
                assert answers_keys(page, figure, control), control
            assert page.evaluate("document.activeElement.closest('figure') !== null")

    def test_response_within_the_budget(self, browser, page, name):
        with opened(browser, page, name) as (_, figure):
            for control in figure.locator("[role=slider], input[type=range]").all():
                times = [control.evaluate(RESPONSE) for _ in range(15)]
                assert np.quantile(times, 0.25) < BUDGET, times  # the slower ones waited for the tests beside this

    def test_controls_have_names_and_the_state_is_told(self, browser, page, name):
        with opened(browser, page, name) as (page, figure):
            for role in ("slider", "radio", "button"):
                named = figure.get_by_role(role, name=re.compile(r"\S"))
                assert figure.get_by_role(role).count() == named.count()
            assert all(slider.get_attribute("aria-valuetext") for slider in figure.get_by_role("slider").all())
            assert becomes(page, lambda: figure.locator("[role=status]").text_content() == state(figure))

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_fits_a_phone(self, browser, page, name, scheme):
        phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": scheme}
        with opened(browser, page, name, typeset=True, **phone) as (page, figure):
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            boxes = [
                part.bounding_box() for part in figure.locator(".plots > svg, input, button, output, .state").all()
            ]
            inside = figure.bounding_box()
            assert all(box["x"] >= inside["x"] - 1 for box in boxes if box)
            assert all(box["x"] + box["width"] <= inside["x"] + inside["width"] + 1 for box in boxes if box)

    @pytest.mark.parametrize("motion", ["reduce", "no-preference"])
    def test_less_motion_means_no_animation(self, browser, page, name, motion):
        with opened(browser, page, name, reduced_motion=motion) as (page, figure):
            for play in figure.get_by_role("button", name="Play").all():
                play.click()
                page.wait_for_timeout(100 if motion == "no-preference" else 1000)
                first = state(figure)
                moves = becomes(page, lambda first=first: state(figure) != first, 0.5 if motion == "reduce" else 5)
                assert moves == (motion == "no-preference")
                assert page.evaluate("document.getAnimations().length") == 0


def test_there_is_an_explorable():
    assert ("max_margin", "max_margin") in explorables()
