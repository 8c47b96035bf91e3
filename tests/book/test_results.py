"""The page of results: every statement has its row or a reason; it sorts, becomes cards, and two sheets of paper."""

from io import BytesIO

import pytest
import results
from browser import HTML, opened, soup
from pypdf import PdfReader

ROOT = HTML.parent.parent
PROOFS = {"thm-a": {"realtype": "theorem"}, "prop-b": {"realtype": "proposition"}, "def-c": {"realtype": "definition"}}
RECORD = {"link": "one.html#verify-t", "theorem": "T", "claim": "C1", "quantity": "the gap"}


def test_a_statement_has_a_row_or_a_reason_and_not_both():
    rows = [{"says": ["thm-a"]}, {}]
    assert results.faults(rows, {"prop-b": "a law"}, PROOFS) == []
    assert results.faults(rows, {}, PROOFS) == ["prop-b is missing"]
    assert results.faults(rows, {"prop-b": "", "thm-d": ""}, PROOFS) == ["thm-d is not in the book"]
    assert results.faults(rows, {"prop-b": "", "thm-a": ""}, PROOFS) == ["thm-a has rows and a reason why not"]


def test_a_check_is_named_by_chapter_table_or_quantity():
    assert all(results.matching([part], [RECORD]) == [RECORD] for part in ("one: T", "C1 the gap", "gap"))
    assert results.matching(["two: T"], [RECORD]) == []
    assert results.matching(["one", "gap"], [RECORD]) == [RECORD]  # counted once


@pytest.mark.book
def test_the_rows_are_those_of_the_file_and_each_names_where_it_is_proved_and_run():
    rows, _ = results.read_results(ROOT / results.FILE)
    shown = soup(HTML / "book" / "results.html").select("table.results tbody tr")
    assert len(shown) == len(rows) > 20
    for row, source in zip(shown, rows, strict=True):
        cells = row.select("td")
        statements = [link["href"].partition("#")[2] for link in cells[5].select("a[href*='#thm-'], a[href*='#prop-']")]
        assert statements == [label for label in source.get("says", ()) if not label.startswith(("cor-", "conj-"))]
        assert cells[5].get_text().strip()
        assert int(cells[6].get_text()) >= len(source["checks"]) > 0
        assert row.select_one("svg.ball")["aria-label"]


@pytest.fixture(scope="module")
def page(browser):
    with opened(browser, "results", viewport={"width": 1280, "height": 900}) as page:
        yield page


@pytest.mark.book
def test_a_heading_sorts_there_and_back(page):
    counts = lambda: [int(text) for text in page.locator("table.results td:last-child").all_inner_texts()]
    given, head = counts(), page.get_by_role("button", name="Checks")
    for order in (sorted(given), sorted(given, reverse=True), given):
        head.click()
        assert counts() == order
    assert given not in (sorted(given), sorted(given, reverse=True))


@pytest.mark.book
def test_the_head_stays_in_sight_and_a_phone_gets_cards(page):
    head = page.locator("table.results thead th").first
    page.locator("table.results tr").nth(12).scroll_into_view_if_needed()
    page.mouse.wheel(0, 400)
    page.wait_for_function("scrollY > 300")
    assert 0 <= head.bounding_box()["y"] < 100
    page.set_viewport_size({"width": 390, "height": 844})
    assert head.is_hidden()
    assert page.locator("table.results tr").nth(3).bounding_box()["width"] <= 390
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.book
def test_it_prints_on_two_sheets(page):
    assert len(PdfReader(BytesIO(page.pdf(format="A4"))).pages) <= 2
