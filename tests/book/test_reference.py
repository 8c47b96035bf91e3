"""The reference: each public name once, with an example, found by search; chapters and entries lead to each other."""

import builtins
import json
import pydoc
import re
import symtable
from collections import Counter
from doctest import DocTestParser

import pytest
from browser import HTML, open_page, soup
from test_extensions import load

import ibnotes

reference, previews = load("reference"), load("previews")
NOTEBOOKS = sorted((HTML.parent.parent / "book").glob("*.ipynb"))
SILENT = {"glue"}  # an example without output: the text of the page shows what it does
IN_CODE = re.compile(r"(?<![\w.])ib\.(\w+)")


def examples(name):
    return DocTestParser().get_examples(getattr(ibnotes, name).__doc__)


@pytest.mark.parametrize("name", ibnotes.__all__)
def test_an_example_is_shown_with_its_result_and_takes_only_ib_and_np_for_granted(name):
    assert examples(name)
    assert name in SILENT or any(example.want for example in examples(name))
    symbols = symtable.symtable("".join(each.source for each in examples(name)), name, "exec").get_symbols()
    own = {each.get_name() for each in symbols if each.is_assigned() or each.is_imported()}
    assert {each.get_name() for each in symbols} <= own | {"ib", "np", *dir(builtins)}


def test_help_names_types_in_a_word():
    assert "X: 'ArrayLike', y: 'ArrayLike', norm: 'float' = 2" in pydoc.render_doc(ibnotes.max_margin)
    assert [name for name in ibnotes.__all__ if "_SupportsArray" in pydoc.render_doc(getattr(ibnotes, name))] == []


def notebook(folder, *cells):
    path = folder / "chapter.ipynb"
    kinds = [{"cell_type": kind, "source": [source], "metadata": {"tags": tags}} for kind, source, *tags in cells]
    path.write_text(json.dumps({"cells": kinds}))
    return path


def test_uses_are_those_in_code_that_the_page_shows(tmp_path):
    path = notebook(
        tmp_path,
        ("code", "ib.margin(X, y, ib.max_margin(X, y).w)", "hide-input"),
        ("markdown", "`ib.angle`"),
        ("code", "ib.glue('x', 1)", "remove-input"),
        ("code", "ib.no_such_name + lib.verify"),
    )
    assert reference.names_in(path) == {"margin", "max_margin"}


def test_an_answer_is_traced_to_what_returns_it():
    assert reference.returned_by("MaxMargin") == ["max_margin"]
    assert "deep_linear_flow" in reference.returned_by("Path")
    assert reference.returned_by("RKC") == []


def test_a_name_in_code_is_linked_each_time_and_a_tab_stop_once():
    code = '<span class="n">ib</span><span class="o">.</span><span class="n">{}</span>'
    known, unknown = code.format("margin"), code.format("plots")
    html = reference.linked(known + unknown + known, {"margin": "page.html#ibnotes.margin"})
    assert html.count('href="page.html#ibnotes.margin"') == 2
    assert html.count('id="use-margin"') == html.count('tabindex="-1"') == 1
    assert unknown in html
    assert html.count("<a ") == 2


def test_only_lists_inside_signatures_become_spans():
    html = (
        '<dl class="py function"><dt class="sig x">f(<dl>\n<dd>x,</dd>\n</dl>)</dt>\n<dd><dl><dd>y</dd></dl></dd></dl>'
    )
    spans = '<span class="parameters">\n<span>x,</span>\n</span>'
    assert reference.spanned(html) == html.replace("<dl>\n<dd>x,</dd>\n</dl>", spans)


def test_the_preview_of_an_entry_is_its_signature_and_first_words(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '<article><dl class="py function"><dt id="ibnotes.f">ibnotes.f(<span>\n<span>x: int,</span>\n</span>) → int'
        '<a class="headerlink" href="#f">#</a></dt><dd><p>Says <a href="g.html">g</a>.</p><p>More.</p></dd></dl>'
    )
    html = "<p><code>ibnotes.f(x: int) → int</code></p><p>Says <span>g</span>.</p>"
    assert previews.targets(page) == {"page#ibnotes.f": html}


def entries():
    """The signature of each entry, by name; members of a class are none."""
    pages = sorted(HTML.glob("book/reference_*.html"))
    return [(path, dt) for path in pages for dt in soup(path).article.select("section > dl.py > dt[id]")]


@pytest.mark.book
def test_every_public_name_has_one_entry_and_it_says_where_it_is_used():
    assert Counter(dt["id"] for _, dt in entries()) == Counter(f"ibnotes.{name}" for name in ibnotes.__all__)
    used = set().union(*map(reference.names_in, NOTEBOOKS))
    assert len(used) > 50
    for path, dt in entries():
        assert "ibnotes." not in dt.get_text().replace(dt["id"], "")
        name, entry = dt["id"].removeprefix("ibnotes."), dt.find_next_sibling("dd")
        assert entry.p.get_text().strip(), name
        assert entry.select_one(".doctest, .highlight-pycon, .highlight-default"), name
        back = entry.select("dl.field-list a[href*='#use-']")
        assert bool(back) == (name in used), name
        for link in back:
            chapter, _, anchor = link["href"].partition("#")
            place = soup(HTML / "book" / chapter).find(id=anchor)
            assert place.get_text() == f"ib.{name}"
            assert place.a["href"] == f"{path.name}#{dt['id']}"


@pytest.mark.book
@pytest.mark.parametrize("chapter", [path.stem for path in NOTEBOOKS if reference.names_in(path)])
def test_every_public_name_in_a_chapters_code_is_a_link(chapter):
    article = soup(HTML / "book" / f"{chapter}.html").article
    cells = article.select("div.cell_input pre")
    written = Counter(name for cell in cells for name in IN_CODE.findall(cell.get_text()) if name in ibnotes.__all__)
    assert written
    linked = Counter(link["href"].rpartition(".")[2] for cell in cells for link in cell.select("a.entry"))
    assert linked == written


@pytest.mark.book
def test_a_name_in_code_shows_its_entry(browser):
    page, _, errors = open_page(browser, "max_margin", typeset=False)
    page.locator("a.entry[href$='#ibnotes.max_margin']:visible").first.hover()
    page.locator("#preview").wait_for(state="visible")
    assert "hard-margin SVM" in page.locator("#preview").inner_text()
    assert errors == []
    page.close()


@pytest.mark.book
def test_search_finds_an_entry(browser):
    page = browser.new_page()
    page.goto((HTML / "search.html").as_uri() + "?q=margin_residuals")
    page.locator("#search-results li a[href$='reference_theory.html#ibnotes.margin_residuals']").first.wait_for()
    page.close()
