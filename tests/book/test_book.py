"""The built book in a real browser: offline, quiet, typeset, no wider than a phone, and axe finds nothing.

Each page is opened once, wide and light, and made narrow and dark while it is open; what changes it comes last, and
axe, for which it is thinned out, after all. axe looks at every element, and a chapter has a hundred thousand. So of
each kind of coloured token in the code one stays, and formulas, for which a letter stands, stay on a single page, which
has two hundred of them; colours are looked at once where words look alike.
"""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from browser import DRAWN, HTML, PAGES, open_in_time, soup
from browser import opened as opened_page
from fontTools.ttLib import TTFont

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

COLOURS = ["color-contrast", "link-in-text-block"]
# what unfolds fades in, pale at first; what has arrived may stay in the list for seconds
SETTLED = "document.getAnimations().every(each => each.playState === 'finished')"
# the theme gives what scrolls in a window of a new size its tab stop some frames later
REACHED = "[...document.querySelectorAll('pre')].every(e => e.scrollWidth <= e.clientWidth || e.tabIndex === 0)"
UNFOLD_AND_THIN = """(formulas) => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    if (!formulas) for (const formula of document.querySelectorAll(".math")) {
        if (formula.matches("div")) formula.textContent = "x";
        else formula.replaceWith("x");
    }
    const seen = new Set();
    for (const token of document.querySelectorAll("pre span")) {
        if (seen.has(token.className)) token.replaceWith(token.textContent);
        seen.add(token.className);
    }
    document.body.normalize();
}"""
# marks, of the visible elements with words of their own, two of each look, which is also that of what is around them
MARK_LOOKS = """() => {
    const looks = new Map(), marked = {};
    const PARTS = "color backgroundColor backgroundImage opacity fontSize fontWeight textDecorationLine".split(" ");
    const look = (node) => {
        if (node && !looks.has(node)) {
            const style = getComputedStyle(node);
            looks.set(node, [look(node.parentElement), node.tagName, ...PARTS.map((part) => style[part])].join());
        }
        return looks.get(node);
    };
    const isWord = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
    for (const node of document.querySelectorAll("body *")) {
        if (!node.checkVisibility() || !(node.matches("input, select") || [...node.childNodes].some(isWord))) continue;
        marked[look(node)] = (marked[look(node)] ?? 0) + 1;
        if (marked[look(node)] <= 2) node.dataset.look = "";
    }
}"""
HIDE_UNMARKED = """() => {
    const unmarked = document.querySelectorAll("body *:not([data-look], :has([data-look]))");
    for (const node of unmarked) node.style.display = "none";
}"""


def violations(page, **options):
    # what passes is not described: a third of the time; no style sheet is read again, which a page from disk may not
    options |= {"resultTypes": ["violations"], "preload": False}
    if page.evaluate("!window.axe"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [(each["impact"], each["id"], node["html"][:120]) for each in found for node in each["nodes"]]


def pale(page):
    """Violations of the rules on colours, in both views, which take axe the longest: so of each look two stay."""
    found = []
    for view in reversed(VIEWS):
        turn(page, view)
        page.evaluate(MARK_LOOKS)
    page.evaluate(HIDE_UNMARKED)
    for view in VIEWS:
        turn(page, view)
        found += violations(page, runOnly=COLOURS)
    return found


@pytest.fixture(scope="module")
def name(request):
    return request.param


@pytest.fixture(scope="module")
def opened(browser, name):
    """The page, the seconds until it was usable, what files it asked for; in the end, nothing may have gone wrong."""
    context, files = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light"), set()
    context.on("request", lambda request: files.add(Path(unquote(urlsplit(request.url).path))))
    page, outside, errors, seconds = open_in_time(context, name)
    yield page, seconds, files
    assert outside == errors == []
    context.close()


@pytest.fixture(scope="module")
def page(opened):
    return opened[0]


def turn(page, view):
    width, scheme = VIEWS[view]
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}' && {SETTLED}", polling=50)


every_page = pytest.mark.parametrize("name", [*PAGES, SEARCH], indirect=True, scope="module")
every_chapter = pytest.mark.parametrize("name", CHAPTERS, indirect=True, scope="module")
on = lambda *names: pytest.mark.parametrize("name", names, indirect=True, scope="module")


@every_page
def test_a_page_is_light_and_usable_within_a_second(browser, opened, name):
    """2 MB before formulas, 1.5 of its own. The second is processor time, that of the page's main thread."""
    _, first, files = opened
    sizes = {path: path.stat().st_size for path in files if "mathjax" not in path.parts}
    assert len(sizes) > 10
    assert sum(sizes.values()) < 2e6
    assert sum(size for path, size in sizes.items() if "_static" not in path.parts) < 1.5e6
    seconds = [first]
    while min(seconds) > 1 and len(seconds) < 5:
        context = browser.new_context()
        seconds.append(open_in_time(context, name)[-1])
        context.close()
    assert min(seconds) <= 1, seconds


@every_page
def test_what_a_page_loads_in_all_is_little(opened, name):
    """With what sets formulas, which only pages that have some load; without the entries in which one searches."""
    page, _, files = opened
    sets_formulas = "startup.js" in {path.name for path in files}
    assert sets_formulas == bool(page.locator(".math").count())
    loaded = [path.stat().st_size for path in files if path.name != "search_entries.js"]
    assert sum(loaded) < (2.2e6 if sets_formulas else 0.7e6)


@every_page
@pytest.mark.parametrize("view", VIEWS)
def test_a_page_is_quiet_typeset_illustrated_and_fits(page, name, view):
    turn(page, view)
    count = lambda selector: page.locator(selector).count()
    assert count("mjx-container") == count(".math")
    assert count("mjx-merror") == 0
    assert count(".cell_output .traceback, .output.error, .stderr") == 0
    page.wait_for_function(DRAWN)  # formulas are set apart in the frame after the page has turned
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(TWICE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    figures = page.locator("figure img")
    assert figures.evaluate_all("all => all.every(i => i.complete && i.naturalWidth > 0 && i.alt.length > 60)")
    if name in CHAPTERS:
        assert count("mjx-container") > 100
        assert figures.count() >= 2
        assert count(".verification") >= 3


@every_page
def test_dark_mode_is_light_words_on_a_dark_page(page, name):
    turn(page, "phone-dark")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    words = page.locator(".verification th, .verification td, .ledger span, .ledger p, .ledger li")
    panels = page.locator(".text_html:has(.verification, .ledger)").evaluate_all(
        "(panels) => panels.map(e => getComputedStyle(e).backgroundColor)"
    )
    assert max(background[:3]) < 60
    assert min(words.evaluate_all(LUMINANCE), default=255) > 90
    assert set(panels) <= {"rgba(0, 0, 0, 0)"}
    assert bool(panels) == bool(words.count()) == (name in {*CHAPTERS, "atlas", "claims", "which_optimizer"})


ICONS = """[...document.querySelectorAll(':not(mjx-container *)')]
    .flatMap(each => ['::before', '::after'].map(side => getComputedStyle(each, side)))
    .filter(style => style.fontFamily.includes('Font Awesome')).map(style => style.content)"""


@on("index", "levers", "notation", "assignments/release/ps1/infinitely_many_solutions")
def test_every_icon_shown_is_in_the_font(page):
    font = TTFont(HTML / "_static" / "vendor" / "fontawesome" / "webfonts" / "fa-solid-900.woff2")
    shown = {text.strip('"') for text in page.evaluate(ICONS)} - {"none", "normal"}
    assert len(shown) > 5
    assert set(map(ord, shown)) <= set(font.getBestCmap())


SPOKEN = """() => [...document.querySelectorAll("mjx-container")].every(formula =>
    formula.querySelector("mjx-assistive-mml math")?.textContent
    && formula.querySelector("mjx-math").getAttribute("aria-hidden") === "true")"""


@on("max_margin")
def test_the_keyboard_reaches_wide_formulas_and_no_others(page):
    """Math is in the page as MathML; a stop at each of 350 formulas would bar the way."""
    turn(page, "phone-dark")
    assert page.evaluate(SPOKEN)
    page.wait_for_selector("mjx-container[tabindex='0']")
    assert page.locator("mjx-container[tabindex]").evaluate_all(
        "formulas => formulas.every(each => each.scrollWidth > each.clientWidth)"
    )


# the blocks in which a formula ends a line and the punctuation after it begins the next
PARTED = """() => [...document.querySelectorAll("article .kept mjx-container")].filter(formula => {
    const range = document.createRange(), after = formula.parentNode.nextSibling;
    if (!after) return false;
    range.setStart(after, 0);
    range.setEnd(after, 1);
    return range.getBoundingClientRect().left < formula.getBoundingClientRect().left;
}).map(formula => formula.closest("p, li, td, dd, div").textContent)"""


@on("deep_linear")
def test_no_line_begins_with_a_full_stop(page):
    parted = {}
    for style in ("/* as it is */", ".kept { white-space: normal !important; }"):
        added, parted[style] = page.add_style_tag(content=style), []
        for width in range(360, 1300, 60):
            page.set_viewport_size({"width": width, "height": 900})
            parted[style] += page.evaluate(PARTED)
        added.evaluate("style => style.remove()")
    kept, control = parted.values()
    assert kept == []
    assert control


@on("levers")
@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("p a.reference[href='#thm-steepest']", "Theorem"),
        ("p a.reference[href='max_margin.html#equation-eq-dual']", "(11)"),
        ("p a.reference[href^='#fig-']", "Fig."),
        (".bibtex-citation a", "https://"),
        (".verification .claims a", "true"),
    ],
)
def test_a_link_shows_what_it_points_to(page, link, words):
    turn(page, "wide-light")
    first, tip = page.locator(f"article {link}").first, page.locator("#preview")
    assert tip.is_hidden()
    first.evaluate("link => { document.body.focus(); link.focus({focusVisible: true}); }")
    tip.wait_for(state="visible")
    assert words in tip.inner_text()
    assert first.get_attribute("aria-describedby") == "preview"
    page.wait_for_function("!document.querySelector('#preview .math:not(:has(mjx-container))')")
    box, size = tip.bounding_box(), page.viewport_size
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    assert first.get_attribute("aria-describedby") is None


@on("levers")
def test_a_preview_appears_under_the_mouse_and_goes_with_it(page):
    turn(page, "wide-light")
    tip = page.locator("#preview")
    page.locator("article .bibtex-citation a").first.hover()
    tip.wait_for(state="visible")
    tip.hover()  # it stays while one reads it
    page.wait_for_timeout(400)
    assert tip.is_visible()
    page.mouse.move(5, 5)
    tip.wait_for(state="hidden")


# share of a chapter's height that is code without an output, seen
OPEN_CODE = """() => {
    const cells = [...document.querySelectorAll("article div.cell_input")].filter(code => code.checkVisibility());
    const silent = cells.filter(code => !code.closest("div.cell").querySelector(".cell_output"));
    const height = (sum, node) => sum + node.getBoundingClientRect().height;
    return silent.reduce(height, 0) / document.querySelector("article").getBoundingClientRect().height;
}"""


@every_chapter
def test_code_folds_but_for_the_few_cells_that_are_the_point(page):
    turn(page, "wide-light")
    assert 0 < page.evaluate(OPEN_CODE) <= 0.08
    said = page.locator("details.hide > summary").all_inner_texts()
    assert len(said) > 10
    assert [line for line in said if not re.match(r"Code(: | of )\S", line)] == []
    page.get_by_role("button", name="Show all code").click()
    assert page.evaluate(OPEN_CODE) > 0.08


def test_the_choice_to_show_all_code_is_kept(browser):
    with opened_page(browser, "full_picture", typeset=False) as page:
        shut = page.locator("details.hide:not([open])")
        assert shut.count() > 0
        page.get_by_role("button", name="Show all code").click()
        for _ in range(5):  # what one process of the browser stores reaches the next a moment later
            page.reload()
            if shut.count() == 0:
                break
        else:
            pytest.fail("the choice was forgotten")


@every_page
def test_axe_finds_nothing_in_light_or_dark(page, name):
    page.evaluate(UNFOLD_AND_THIN, name == "notation")  # first, as a thin page turns in no time
    turn(page, "phone-dark")
    page.wait_for_function(REACHED, polling=50)
    assert violations(page, rules={rule: {"enabled": False} for rule in COLOURS}) == []
    assert pale(page) == []


CONTROL = """<html lang=en><title>t</title>
<style>.night { color: #111 } @media (prefers-color-scheme: dark) { .night { color: #ccc } }</style>
<script>const dark = matchMedia("(prefers-color-scheme: dark)");
(dark.onchange = () => { document.documentElement.dataset.theme = dark.matches ? "dark" : "light"; })();</script>
<main><h1>h</h1><img src="data:,"><p>dark</p><p>dark</p><p>dark</p>
<div style="background: #555"><p>dark on dark</p></div>
<p style="color: #bbb">pale</p><p>dark</p><p class="night">pale at night</p></main>"""


def test_axe_would_find_a_picture_without_words_and_pale_ones_among_others(browser):
    page = browser.new_page()
    page.set_content(CONTROL)
    assert "image-alt" in {rule for _, rule, _ in violations(page)}
    found = pale(page)
    assert {rule for _, rule, _ in found} == {"color-contrast"}
    assert {re.sub("<.*?>", "", html) for *_, html in found} == {"dark on dark", "pale", "pale at night"}
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


def said(file: Path) -> bytes | list[str]:
    """What a browser reads: of a style sheet the words that are no comment."""
    content = file.read_bytes()
    return re.sub(r"/\*.*?\*/", "", content.decode(), flags=re.DOTALL).split() if file.suffix == ".css" else content


def test_style_sheets_and_scripts_are_the_current_ones():
    source = HTML.parent.parent / "book" / "_static"
    files = [path.relative_to(source) for path in source.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [file for file in files if said(HTML / "_static" / file) != said(source / file)] == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_fetched_from_elsewhere(name):
    page = soup(HTML / "book" / f"{name}.html")
    loaded = [tag.get("src") or tag.get("href") for tag in page.find_all(["script", "link", "img", "iframe"])]
    assert [url for url in loaded if url and url.startswith(("http:", "https:", "//"))] == []
    assert "unpkg.com" not in str(page)
