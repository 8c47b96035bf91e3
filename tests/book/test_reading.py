"""What makes pages pleasant: previews, folding, downloads, paper, and little weight; all from disk."""

import ast
import re
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from browser import HTML, PAGES, open_page, opened, soup
from fontTools.ttLib import TTFont
from test_book import CHAPTERS

ROOT = HTML.parent.parent
pytestmark = pytest.mark.book


@pytest.fixture(scope="module")
def chapter(browser):
    with opened(browser, "levers", viewport={"width": 1000, "height": 700}) as page:
        yield page


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("p a.reference[href='#thm-steepest']", "Theorem"),
        ("p a.reference[href='max_margin.html#equation-eq-dual']", "(2)"),
        ("p a.reference[href^='#fig-']", "Fig."),
        (".bibtex-citation a", "https://"),
        (".verification .claims a", "true"),
    ],
)
def test_a_link_shows_what_it_points_to(chapter, link, words):
    first, tip = chapter.locator(f"article {link}").first, chapter.locator("#preview")
    assert tip.is_hidden()
    first.evaluate("link => { document.body.focus(); link.focus({focusVisible: true}); }")
    tip.wait_for(state="visible")
    assert words in tip.inner_text()
    assert first.get_attribute("aria-describedby") == "preview"
    chapter.wait_for_function("!document.querySelector('#preview .math:not(:has(mjx-container))')")
    box, size = tip.bounding_box(), chapter.viewport_size
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    chapter.keyboard.press("Escape")
    assert tip.is_hidden()
    assert first.get_attribute("aria-describedby") is None


def test_a_preview_appears_under_the_mouse_and_goes_with_it(chapter):
    tip = chapter.locator("#preview")
    chapter.locator("article .bibtex-citation a").first.hover()
    tip.wait_for(state="visible")
    tip.hover()  # it stays while one reads it
    chapter.wait_for_timeout(400)
    assert tip.is_visible()
    chapter.mouse.move(5, 5)
    tip.wait_for(state="hidden")


@pytest.mark.parametrize("name", CHAPTERS)
def test_proofs_are_open_solutions_shut_and_figures_referred_to(name):
    article = soup(HTML / "book" / f"{name}.html").article
    proofs, solutions = article.select("details.proof"), article.select("details.solution")
    assert proofs
    assert len(solutions) == len(article.select(".exercise")) >= 3
    assert all(proof.has_attr("open") and not proof.get_text().startswith("Proof. ") for proof in proofs)
    assert not any(solution.has_attr("open") for solution in solutions)
    figures = article.select("figure[id]")
    assert figures
    assert all(re.match(r"Fig\. \d+", figure.select_one(".caption-number").get_text()) for figure in figures)
    assert [figure["id"] for figure in figures if not article.select(f"a.reference[href='#{figure['id']}']")] == []


# share of a chapter's height that is code without an output, seen
OPEN_CODE = """() => {
    const cells = [...document.querySelectorAll("article div.cell_input")].filter(code => code.checkVisibility());
    const silent = cells.filter(code => !code.closest("div.cell").querySelector(".cell_output"));
    const height = (sum, node) => sum + node.getBoundingClientRect().height;
    return silent.reduce(height, 0) / document.querySelector("article").getBoundingClientRect().height;
}"""


@pytest.mark.parametrize("name", CHAPTERS)
def test_code_folds_but_for_the_few_cells_that_are_the_point(browser, name):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, *_ = open_page(context, name)
    assert 0 < page.evaluate(OPEN_CODE) <= 0.08
    said = page.locator("details.hide > summary").all_inner_texts()
    assert len(said) > 10
    assert [line for line in said if not re.match(r"Code(: | of )\S", line)] == []
    switch = page.get_by_role("button", name="Show all code")
    switch.click()
    assert page.evaluate(OPEN_CODE) > 0.08
    page.reload()  # the choice is kept
    assert page.locator("details.hide:not([open])").count() == 0
    context.close()


# the blocks in which a formula ends a line and the punctuation after it begins the next
PARTED = """() => [...document.querySelectorAll("article .kept mjx-container")].filter(formula => {
    const range = document.createRange(), after = formula.parentNode.nextSibling;
    if (!after) return false;
    range.setStart(after, 0);
    range.setEnd(after, 1);
    return range.getBoundingClientRect().left < formula.getBoundingClientRect().left;
}).map(formula => formula.closest("p, li, td, dd, div").textContent)"""


def test_no_line_begins_with_a_full_stop(browser):
    context = browser.new_context()
    page, _, _ = open_page(context, "deep_linear")
    parted = {}
    for style in ("", ".kept { white-space: normal !important; }"):
        page.add_style_tag(content=style or "/* as it is */")
        parted[style] = []
        for width in range(360, 1300, 60):
            page.set_viewport_size({"width": width, "height": 900})
            parted[style] += page.evaluate(PARTED)
    context.close()
    kept, control = parted.values()
    assert kept == []
    assert control


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_offers_its_executed_notebook_with_figures(name):
    page = HTML / "book" / f"{name}.html"
    (link,) = soup(page).select("a.btn-download-source-button")
    notebook = nbformat.read((page.parent / link["href"]).resolve(), as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    images = [output for cell in code for output in cell.outputs if "image/svg+xml" in output.get("data", {})]
    assert all(cell.execution_count for cell in code)
    assert len(images) >= len(soup(page).select("figure:not(.explorable) img")) > 0


@pytest.mark.parametrize("name", [*CHAPTERS, "claims"])
def test_a_notebook_imports_only_what_the_package_requires(name):
    with (ROOT / "pyproject.toml").open("rb") as file:
        required = tomllib.load(file)["project"]["dependencies"]
    installed = {re.match(r"[\w-]+", each)[0].lower() for each in required} | {"ibnotes", *sys.stdlib_module_names}
    names = {"scikit-learn": "sklearn", "ipython": "IPython"}
    installed |= {names[each] for each in installed if each in names}
    cells = nbformat.read(ROOT / "book" / f"{name}.ipynb", as_version=4).cells
    code = [node for cell in cells if cell.cell_type == "code" for node in ast.walk(ast.parse(cell.source))]
    modules = [alias.name for node in code if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module for node in code if isinstance(node, ast.ImportFrom)]
    assert {module.partition(".")[0] for module in modules} - installed == set()


def watch(context):
    """The files that the pages of a context ask for, as they ask."""
    loaded = set()
    context.on("request", lambda request: loaded.add(Path(unquote(urlsplit(request.url).path))))
    return loaded


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light_and_usable_within_a_second(browser, name):
    """2 MB before formulas, 1.5 of its own. Usable is laid out, scripts run, figures live; formulas come after.

    The second is processor time, that of the page's main thread.
    """
    seconds = []
    while min(seconds, default=9) > 1 and len(seconds) < 5:
        context = browser.new_context()
        loaded = watch(context)
        page = context.new_page()
        page.route("**/mathjax/*", lambda route: route.abort())
        session = context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto((HTML / "book" / f"{name}.html").as_uri())
        metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        seconds.append(metrics["TaskDuration"])
        context.close()
    sizes = {path: path.stat().st_size for path in loaded if "mathjax" not in path.parts}
    assert len(sizes) > 10
    assert sum(sizes.values()) < 2e6
    assert sum(size for path, size in sizes.items() if "_static" not in path.parts) < 1.5e6
    assert min(seconds) <= 1, seconds


@pytest.mark.parametrize(("name", "megabytes"), [*((chapter, 2.2) for chapter in CHAPTERS), ("teaching", 0.7)])
def test_what_a_page_loads_in_all_is_little(browser, name, megabytes):
    context = browser.new_context()
    loaded = watch(context)
    open_page(context, name)
    context.close()
    assert ("startup.js" in {path.name for path in loaded}) == (name in CHAPTERS)
    assert sum(path.stat().st_size for path in loaded) < megabytes * 1e6


def test_a_page_without_formulas_sets_those_of_a_preview(browser):
    with opened(browser, "index") as page:
        assert page.evaluate("[typeof MathJax.version, document.querySelector('article .math')]") == ["undefined", None]
        page.locator("article a[href$='#thm-nearest']").first.focus()
        page.locator("#preview mjx-container").first.wait_for()


def test_every_icon_shown_is_in_the_font(browser):
    font = TTFont(HTML / "_static" / "vendor" / "fontawesome" / "webfonts" / "fa-solid-900.woff2")
    icons = """[...document.querySelectorAll('*')]
        .flatMap(each => ['::before', '::after'].map(side => getComputedStyle(each, side)))
        .filter(style => style.fontFamily.includes('Font Awesome')).map(style => style.content)"""
    shown = set()
    for name in ("index", "levers", "notation", "assignments/release/ps1/infinitely_many_solutions"):
        with opened(browser, name, typeset=False) as page:
            shown |= {text.strip('"') for text in page.evaluate(icons)} - {"none", "normal"}
    assert len(shown) > 5
    assert set(map(ord, shown)) <= set(font.getBestCmap())


def test_the_bibliography_says_which_pages_cite_an_entry():
    entries = soup(HTML / "book" / "bibliography.html").select("div.citation")
    assert len(entries) > 40
    for entry in entries:
        pages = [link["href"] for link in entry.select(".cited-in a")]
        assert pages
        for page in pages:
            assert soup(HTML / "book" / page).select(f'a[href="bibliography.html#{entry["id"]}"]'), (entry["id"], page)


def test_the_site_is_light_and_complete():
    assert sum(path.stat().st_size for path in HTML.rglob("*") if path.is_file()) < 40e6
    assert (HTML / "_static" / "mathjax" / "startup.js").exists()
    assert not list(HTML.rglob("*.map"))


def test_paper_has_text_only_unfolded_and_dark_on_light(browser):
    context = browser.new_context(color_scheme="dark")
    page, _, _ = open_page(context, "max_margin", typeset=False)
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("article details.solution:not([open])").count() == 0
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    hidden = (
        ".bd-sidebar-primary, .bd-header-article, .prev-next-footer, .copybtn, .headerlink, details.hide:not([open])"
    )
    assert page.locator(hidden).evaluate_all("all => all.every(each => !each.checkVisibility())")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("article details.solution[open]").count() == 0
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    context.close()
