"""The built book in a real browser: offline, quiet, typeset, and no wider than a phone."""

import re
from urllib.parse import unquote

import pytest
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


@pytest.fixture(params=VIEWS)
def view(request, browser):
    width, scheme = VIEWS[request.param]
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    yield context
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_page_is_offline_quiet_typeset_and_fits(view, name):
    page, outside, errors = open_page(view, name)
    count = lambda selector: page.locator(selector).count()
    assert outside == []
    assert errors == []
    assert count("mjx-container") == count(".math")
    assert count("mjx-merror") == 0
    assert count(".cell_output .traceback, .output.error, .stderr") == 0
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(TWICE) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]


@pytest.mark.parametrize("name", CHAPTERS)
def test_math_and_figures_are_really_there(view, name):
    page, _, _ = open_page(view, name)
    assert page.locator("mjx-container").count() > 100
    figures = page.locator("figure img")
    assert figures.count() >= 2
    assert figures.evaluate_all("images => images.every(i => i.complete && i.naturalWidth > 0 && i.alt.length > 60)")
    assert page.locator(".verification").count() >= 3


LUMINANCE = """(elements) => elements.map(e => getComputedStyle(e).color.match(/[\\d.]+/g).slice(0, 3)
    .reduce((sum, channel, i) => sum + channel * [0.2126, 0.7152, 0.0722][i], 0))"""


@pytest.mark.parametrize("name", ["max_margin", "claims"])
def test_dark_mode_is_light_words_on_a_dark_page(browser, name):
    context = browser.new_context(color_scheme="dark")
    page, _, _ = open_page(context, name)
    red, green, blue = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")[:3]
    words = page.locator(".verification th, .verification td, .ledger span, .ledger p, .ledger li").evaluate_all(
        LUMINANCE
    )
    panels = page.locator(".text_html:has(.verification, .ledger)").evaluate_all(
        "(panels) => panels.map(e => getComputedStyle(e).backgroundColor)"
    )
    context.close()
    assert max(red, green, blue) < 60
    assert words
    assert min(words) > 90
    assert set(panels) == {"rgba(0, 0, 0, 0)"}


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
