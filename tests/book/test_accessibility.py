"""The keyboard reaches what the mouse reaches, formulas speak. What axe finds: test_book.py."""

import pytest
from browser import open_page

pytestmark = pytest.mark.book

SPOKEN = """() => [...document.querySelectorAll("mjx-container")].every(formula =>
    formula.querySelector("mjx-assistive-mml math")?.textContent
    && formula.querySelector("mjx-math").getAttribute("aria-hidden") === "true")"""


def test_the_keyboard_reaches_wide_formulas_and_no_others(browser):
    """Math is in the page as MathML; a stop at each of 350 formulas would bar the way."""
    context = browser.new_context(viewport={"width": 390, "height": 900})
    page, _, _ = open_page(context, "max_margin")
    assert page.evaluate(SPOKEN)
    page.wait_for_selector("mjx-container[tabindex='0']")
    assert page.locator("mjx-container[tabindex]").evaluate_all(
        "formulas => formulas.every(each => each.scrollWidth > each.clientWidth)"
    )
    context.close()


def test_the_keyboard_goes_through_the_page_and_unfolds_it(browser):
    context = browser.new_context()
    page, _, _ = open_page(context, "max_margin")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    reached = []
    for _ in range(25):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.tagName + ' ' + document.activeElement.className"))
    assert {"A reference internal", "SUMMARY "} <= {each.replace(" focus-visible", "") for each in reached}, reached
    page.locator("details.solution summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.solution[open]").count() == 1
    context.close()
