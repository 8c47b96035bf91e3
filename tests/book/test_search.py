"""The search finds what a reader asks for in a reader's own words, from disk."""

import re

import pytest
import search_entries
from browser import HTML, opened

# a question, and what must stand among the first three answers: a part of the address
QUESTIONS = {
    "what minimises nuclear norm": "min_nuclear_norm|matrix_factorization",
    "learning rate": "levers.html#step-size|max_margin.html#step-size-and-start|prop-any-step",
    "what does Adam minimize?": "thm-adam|levers.html#adam",
    "AdamW weight decay": "thm-adamw|levers.html#weight-decay",
    "does gradient descent find the SVM": "thm-soudry|max_margin.html",
    "how fast does it converge to the max margin": "sec-rates|how-fast-with-the-constants|prop-clock",
    "minimum norm interpolation": "min_norm_interpolant|thm-nearest|infinitely_many_solutions",
    "double descent": "full_picture",
    "sparsity of diagonal networks": "thm-diagonal|prop-small|prop-forgets|diagonal",
    "implicit bias of Muon": "muon",
    "momentum": "levers.html#momentum-and-mini-batches|margin_momentum",
    "batch size": "one-point-a-step|momentum-and-mini-batches|which_optimizer.html#batches",
    "early stopping vs ridge": "thm-early|stopping-early",
    "effect of initialization scale": "levers.html#initialization|thm-diagonal|prop-small",
    "large step sizes edge of stability": "levers.html#step-size|explore-stability|thm-finite",
    "sign descent": "thm-steepest|steepest-descent",
    "coordinate descent L1": "thm-steepest|steepest-descent|contradiction",
    "KKT points of homogeneous networks": "thm-kkt|kkt",
    "deep linear network low rank": "deep_linear",
    "counterexample matrix completion": "matrix_factorization|thm-diverge|no-norm",
    "Rademacher complexity": "rademacher",
    "my data is not separable": "NotSeparable|data-that-are-not-separable|own_data",
    "does it have an intercept": "where-it-breaks|own_data.*intercept",
    "grade homework": "teaching",
    "early training loss of float32 underflow exactly zero gradients": "zero-gradients",
    "which theorem of the blog post is false": "claims|errata|results",
}

pytestmark = pytest.mark.book


@pytest.fixture(scope="module")
def page(browser):
    with opened(browser, "../search", viewport={"width": 390, "height": 844}) as page:
        yield page


@pytest.mark.parametrize(("question", "target"), QUESTIONS.items())
def test_the_answer_is_among_the_first_three(page, question, target):
    found = page.evaluate("question => searchBook(question).slice(0, 3).map(each => each.url)", question)
    assert any(re.search(target, url, re.IGNORECASE) for url in found), found


def test_nonsense_finds_nothing(page):
    assert page.evaluate("searchBook('xyzzyq plughw')") == []


def test_every_answer_leads_to_its_place():
    text = (HTML / "_static" / "search_entries.js").read_text(encoding="utf-8")
    addresses = set(re.findall(r'"(book/[\w/]+\.html)#([^"]+)"', text))
    ids = {page: set(re.findall(r' id="([^"]+)"', (HTML / page).read_text(encoding="utf-8"))) for page, _ in addresses}
    assert len(addresses) > 300
    assert [f"{page}#{anchor}" for page, anchor in addresses if anchor not in ids[page]] == []


def test_answers_show_their_words_and_where_they_stand(browser):
    page = browser.new_page()
    page.goto((HTML / "search.html").as_uri() + "?q=learning+rate+momentum")
    first = page.locator("#search-results li").first
    first.wait_for()
    assert first.locator("mark").count() > 0
    assert "places" in page.get_by_role("status").inner_text()
    page.locator("#search-results li a[href*='levers.html']").first.click()
    assert "levers.html" in page.url
    page.close()


@pytest.mark.parametrize(
    ("tex", "text"),
    [(r"\(\ell_\infty\)", "ℓ∞"), (r"\(\|w_0\|\)", "‖w0‖"), (r"\[\frac{a}{b} &\le \hat w\]", "a/b ≤ŵ")],
)
def test_formulas_are_found_as_text(tex, text):
    assert search_entries.plain(tex) == text
