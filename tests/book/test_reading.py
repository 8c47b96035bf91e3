"""What makes pages pleasant: what is open and what shut, downloads, paper. Previews, folding, weight: test_book.py."""

import ast
import re
import sys
import tomllib

import matplotlib
import nbformat
import pytest
from browser import HTML, open_page, opened, soup
from test_book import CHAPTERS

ROOT = HTML.parent.parent
pytestmark = pytest.mark.book


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


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_offers_its_executed_notebook_with_figures(name):
    page = HTML / "book" / f"{name}.html"
    (link,) = soup(page).select("a.btn-download-source-button")
    notebook = nbformat.read((page.parent / link["href"]).resolve(), as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    images = [output for cell in code for output in cell.outputs if "image/png" in output.get("data", {})]
    carried = [cell for cell in code if "import zlib" in cell.source]  # tables and live figures: not the chapter's
    assert all(cell.execution_count for cell in code[1:] if cell not in carried)
    assert len(carried) < len(code) / 4
    assert all(len(image.metadata["image/png"]["alt"]) > 60 for image in images)
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


@pytest.mark.parametrize(("width", "least"), [(390, 10), (1920, 15)])
def test_letters_in_figures_are_large_enough(browser, width, least):
    """From their size where Matplotlib draws them and the picture's scale; the page itself never scrolls sideways."""
    drawn = matplotlib.rc_params_from_file(ROOT / "ibnotes" / "ibnotes.mplstyle")["font.size"] * 96 / 72
    with opened(browser, "deep_linear", typeset=False, viewport={"width": width, "height": 900}) as page:
        scales = page.locator("article figure img").evaluate_all(
            "all => all.map(each => each.getBoundingClientRect().width / each.naturalWidth)"
        )
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert len(scales) >= 4
    assert min(scales) * drawn >= least


def test_a_page_without_formulas_sets_those_of_a_preview(browser):
    with opened(browser, "index") as page:
        assert page.evaluate("[typeof MathJax.version, document.querySelector('article .math')]") == ["undefined", None]
        page.locator("article a[href$='#thm-nearest']").first.focus()
        page.locator("#preview mjx-container").first.wait_for()


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
