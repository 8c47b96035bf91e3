"""The built book in a real browser: offline, quiet, typeset, no wider than a phone, and axe finds nothing.

Each page is opened once, wide and light, and made narrow and dark while it is open; axe, for which it is thinned out,
comes last. axe looks at every element, and a chapter has a hundred thousand. So of each kind of coloured token in the
code one stays, and formulas, for which a letter stands, stay on a single page, which has two hundred of them.
"""

import re
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import HTML, PAGES, open_page, soup

CHAPTERS = (
    "infinitely_many_solutions",
    "max_margin",
    "matrix_factorization",
    "deep_linear",
    "homogeneous",
    "levers",
    "full_picture",
)
SOURCES = {"index", *re.findall(r"file: book/(\w+)$", (HTML.parent.parent / "_toc.yml").read_text(), re.MULTILINE)}
ASSIGNMENTS = HTML.parent.parent / "book" / "assignments" / "source"
PROBLEM_SETS = {f"assignments/release/{path.parent.name}/{path.stem}" for path in ASSIGNMENTS.glob("*/*.ipynb")}
VIEWS = {"wide-light": (1280, "light"), "phone-dark": (390, "dark")}
SEARCH = "../search"

# ids that stand more than once
TWICE = """Object.entries(Object.groupBy([...document.querySelectorAll("[id]")], each => each.id))
    .filter(([_, all]) => all.length > 1).map(([id]) => id)"""

# inline formulas wider than the paragraph they stand in (displayed ones scroll by themselves)
CUT_OFF = """[...document.querySelectorAll("mjx-container:not([display])")].filter(formula => {
    const block = formula.closest("p, li, td, dd, div");
    return formula.getBoundingClientRect().right > block.getBoundingClientRect().right + 1;
}).map(formula => formula.closest("p, li, td, dd, div").textContent.slice(0, 80))"""

pytestmark = pytest.mark.book


def test_every_page_was_built():
    assert set(CHAPTERS) < SOURCES
    assert set(PAGES) == SOURCES | PROBLEM_SETS, "run make book first"


LUMINANCE = """(elements) => elements.map(e => getComputedStyle(e).color.match(/[\\d.]+/g).slice(0, 3)
    .reduce((sum, channel, i) => sum + channel * [0.2126, 0.7152, 0.0722][i], 0))"""

COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
SETTLED = "!document.getAnimations().length"  # what unfolds fades in, pale at first
# the theme gives what scrolls in a window of a new size its tab stop some frames later
REACHED = "[...document.querySelectorAll('pre')].every(e => e.scrollWidth <= e.clientWidth || e.tabIndex === 0)"
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
    options = {"resultTypes": ["violations"], **(options or {})}  # what passes is not described: a third of the time
    found = Axe().run(page, options=options).response["violations"]
    return [(each["impact"], each["id"], node["html"][:120]) for each in found for node in each["nodes"]]


@pytest.fixture(scope="module")
def name(request):
    return request.param


@pytest.fixture(scope="module")
def opened(browser, name):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    yield open_page(context, name)
    context.close()


def turn(page, view):
    width, scheme = VIEWS[view]
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}' && {SETTLED}", polling=50)


@pytest.mark.parametrize("name", [*PAGES, SEARCH], indirect=True, scope="module")
class TestPage:
    @pytest.mark.parametrize("view", VIEWS)
    def test_is_offline_quiet_typeset_illustrated_and_fits(self, opened, name, view):
        page, outside, errors = opened
        turn(page, view)
        count = lambda selector: page.locator(selector).count()
        assert outside == []
        assert errors == []
        assert count("mjx-container") == count(".math")
        assert count("mjx-merror") == 0
        assert count(".cell_output .traceback, .output.error, .stderr") == 0
        assert page.evaluate(CUT_OFF) == []
        assert page.evaluate(TWICE) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
        figures = page.locator("figure img")
        assert figures.evaluate_all("all => all.every(i => i.complete && i.naturalWidth > 0 && i.alt.length > 60)")
        if name in CHAPTERS:
            assert count("mjx-container") > 100
            assert figures.count() >= 2
            assert count(".verification") >= 3

    def test_dark_mode_is_light_words_on_a_dark_page(self, opened, name):
        page, _, _ = opened
        turn(page, "phone-dark")
        background = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        words = page.locator(".verification th, .verification td, .ledger span, .ledger p, .ledger li")
        panels = page.locator(".text_html:has(.verification, .ledger)").evaluate_all(
            "(panels) => panels.map(e => getComputedStyle(e).backgroundColor)"
        )
        assert max(background[:3]) < 60
        assert min(words.evaluate_all(LUMINANCE), default=255) > 90
        assert set(panels) <= {"rgba(0, 0, 0, 0)"}
        assert bool(panels) == bool(words.count()) == (name in {*CHAPTERS, "claims"})

    def test_axe_finds_nothing_in_light_or_dark(self, opened, name):
        page, _, _ = opened
        page.evaluate(UNFOLD_AND_THIN, name == "notation")  # first, as a thin page turns in no time
        turn(page, "phone-dark")
        page.wait_for_function(REACHED, polling=50)
        assert violations(page) == []
        turn(page, "wide-light")
        assert violations(page, COLOURS) == []


def test_axe_would_find_a_picture_without_words(browser):
    page = browser.new_page()
    page.set_content("<html lang=en><title>t</title><main><h1>h</h1><img src='data:,'><p style='color:#bbb'>pale</p>")
    assert {rule for _, rule, _ in violations(page)} >= {"image-alt", "color-contrast"}
    page.close()


@pytest.fixture(scope="module")
def ids():
    return {path: {tag["id"] for tag in soup(path).find_all(id=True)} for path in HTML.rglob("*.html")}


@pytest.mark.parametrize("name", PAGES)
def test_links_resolve(name, ids):
    path = HTML / "book" / f"{name}.html"
    for link in soup(path).find_all("a", href=True):
        target, _, fragment = unquote(link["href"]).partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (path.parent / target).resolve() if target else path
        assert file.exists(), link
        if fragment and file.suffix == ".html":
            assert fragment in ids[file], link


def test_style_sheets_and_scripts_are_the_current_ones():
    source = HTML.parent.parent / "book" / "_static"
    files = [path.relative_to(source) for path in source.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [file for file in files if (HTML / "_static" / file).read_bytes() != (source / file).read_bytes()] == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_fetched_from_elsewhere(name):
    page = soup(HTML / "book" / f"{name}.html")
    loaded = [tag.get("src") or tag.get("href") for tag in page.find_all(["script", "link", "img", "iframe"])]
    assert [url for url in loaded if url and url.startswith(("http:", "https:", "//"))] == []
    assert "unpkg.com" not in str(page)
