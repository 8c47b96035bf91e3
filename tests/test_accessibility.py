"""axe finds nothing, the keyboard reaches what the mouse reaches, formulas speak.

axe looks at every element, and a chapter has a hundred thousand: formulas are left untypeset (one page of them is
examined as a reader sees it), and of each kind of coloured token in the code one stays.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from test_book import PAGES, browser, open_page  # noqa: F401

pytestmark = pytest.mark.book

COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
UNFOLD_AND_THIN = """() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    const seen = new Set();
    for (const token of document.querySelectorAll("pre span")) {
        if (seen.has(token.className)) token.replaceWith(token.textContent);
        seen.add(token.className);
    }
}"""


def violations(page, options=None):
    found = Axe().run(page, options=options or {}).response["violations"]
    return [(each["impact"], each["id"], node["html"][:120]) for each in found for node in each["nodes"]]


@pytest.mark.parametrize("name", [*PAGES, "../search"])
def test_axe_finds_nothing_in_light_or_dark(browser, name):  # noqa: F811
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    if name != "notation":
        context.route("**/mathjax/*", lambda route: route.abort())
    page, _, _ = open_page(context, name)
    page.evaluate(UNFOLD_AND_THIN)
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 900})
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert violations(page, COLOURS) == []
    context.close()
