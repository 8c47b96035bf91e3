"""The keyboard reaches what the mouse reaches. Wide formulas, and what axe finds: test_book.py."""

import pytest
from browser import open_page

pytestmark = pytest.mark.book


def test_the_keyboard_goes_through_the_page_and_unfolds_it(browser):
    context = browser.new_context()
    page, _, _ = open_page(context, "max_margin", typeset=False)
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
