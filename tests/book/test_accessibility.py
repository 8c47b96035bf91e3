"""axe finds nothing, the keyboard reaches what the mouse reaches, formulas speak.

axe looks at every element, and a chapter has a hundred thousand. So of each kind of coloured token in the code
one stays, and formulas, for which a letter stands, stay on a single page, which has two hundred of them.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import PAGES, open_page

pytestmark = pytest.mark.book

COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
SETTLED = "!document.getAnimations().length"  # what unfolds fades in, pale at first
UNFOLD_AND_THIN = """(formulas) => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    if (!formulas) for (const formula of document.querySelectorAll(".math")) formula.replaceWith("x");
    const seen = new Set();
    for (const token of document.querySelectorAll("pre span")) {
        if (seen.has(token.className)) token.replaceWith(token.textContent);
        seen.add(token.className);
    }
    document.body.normalize();
}"""


def violations(page, options=None):
    found = Axe().run(page, options=options or {}).response["violations"]
    return [(each["impact"], each["id"], node["html"][:120]) for each in found for node in each["nodes"]]


@pytest.mark.parametrize("name", [*PAGES, "../search"])
def test_axe_finds_nothing_in_light_or_dark(browser, name):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    formulas = name == "notation"
    page, _, _ = open_page(context, name, typeset=formulas)
    page.evaluate(UNFOLD_AND_THIN, formulas)
    page.wait_for_function(SETTLED)
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 900})
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"document.documentElement.dataset.theme === 'dark' && {SETTLED}")
    assert violations(page, COLOURS) == []
    context.close()


def test_axe_would_find_a_picture_without_words(browser):
    page = browser.new_page()
    page.set_content("<html lang=en><title>t</title><main><h1>h</h1><img src='data:,'><p style='color:#bbb'>pale</p>")
    assert {rule for _, rule, _ in violations(page)} >= {"image-alt", "color-contrast"}
    page.close()


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
