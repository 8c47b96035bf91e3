"""The book on paper: bookmarks, links, page numbers, typeset math, figures, code. Two pages of it are printed here.

And pages printed by themselves: heads of tables on every sheet, nothing empty, nothing folded.
"""

import os
import re
import subprocess
import sys
import unicodedata
from io import BytesIO

import pdf
import pytest
from browser import HTML, opened, soup
from bs4 import BeautifulSoup
from pypdf import PdfReader

SCRIPT = HTML.parent.parent / "book" / "tools" / "pdf.py"
PAGES = ["infinitely_many_solutions", "bibliography"]

pytestmark = pytest.mark.book


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    output = tmp_path_factory.mktemp("pdf") / "book.pdf"
    subprocess.run([sys.executable, SCRIPT, output, "--pages", *PAGES], check=True, capture_output=True)
    return PdfReader(output)


@pytest.fixture(scope="module")
def chapter(reader):
    """What comes before the appendix."""
    return "\n".join(page.extract_text() for page in reader.pages[: beginning_of_appendix(reader)])


@pytest.fixture(scope="module")
def appendix(reader):
    """Its letters, without the numbers of its pages."""
    sheets = [page.extract_text() for page in reader.pages[beginning_of_appendix(reader) :]]
    return letters("".join(re.sub(r"\d+\s*$", "", sheet) for sheet in sheets))


@pytest.fixture(scope="module")
def headings():
    articles = [soup(HTML / "book" / f"{name}.html").article for name in PAGES]
    found = [each for article in articles for each in article.select("h1, h2, h3")]
    titles = [re.sub(r"#$", "", each.get_text()) for each in found]
    return [*titles, "Code", titles[0]]


def bookmarks(outline):
    for entry in outline:
        yield from bookmarks(entry) if isinstance(entry, list) else [entry]


def beginning_of_appendix(reader):
    (title,) = (each for each in bookmarks(reader.outline) if each.title == "Code")
    return reader.get_destination_page_number(title)


def test_bookmarks_are_the_chapters_and_sections(reader, headings):
    assert [each.title for each in bookmarks(reader.outline)] == headings


def test_the_contents_tell_the_right_pages(reader):
    chapters = {entry.title: reader.get_destination_page_number(entry) + 1 for entry in bookmarks(reader.outline)}
    contents = reader.pages[1].extract_text()
    for title in ("Exercises", "Bibliography"):
        assert re.search(rf"{title}\s*{chapters[title]}\b", contents)
        assert title in reader.pages[chapters[title] - 1].extract_text()


def test_math_is_typeset_and_folded_text_is_there(chapter):
    assert not re.search(r"\\[a-z]+|\$", chapter)
    assert "Xw=y" in re.sub(r"\s", "", chapter)
    assert "Proof" in chapter
    assert "Solution to Exercise" in chapter


def test_figures_and_code_are_there_and_the_code_of_figures_is_not(chapter):
    article = soup(HTML / "book" / f"{PAGES[0]}.html").article
    captions = [each.get_text().strip() for each in article.select("figure .caption-number")]
    assert captions
    assert [caption for caption in captions if caption not in chapter] == []
    assert "ib.descend(" in chapter
    assert "plt.subplots" not in chapter


def letters(text):
    """Lines break elsewhere on paper, which has fi in one."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def listings():
    """What the folds of the chapter say, numbered, and their code."""
    folds = soup(HTML / "book" / f"{PAGES[0]}.html").article.select("details.hide")
    said = [fold.summary.get_text().replace("Code", f"Code {number}", 1) for number, fold in enumerate(folds, 1)]
    return list(map(letters, said)), "".join(letters(each.get_text()) for fold in folds for each in fold.select("pre"))


def test_code_that_is_left_out_is_named_and_stands_in_the_appendix_in_order(chapter, appendix):
    said, code = listings()
    assert len(said) > 20
    assert [line for line in said if f"{line}(intheappendix)" not in letters(chapter)] == []
    for line in said:  # a sheet's text begins with all lines on it
        assert line in appendix
        appendix = appendix.replace(line, "")
    assert code in appendix


def test_a_click_leads_to_the_code_and_back(reader):
    places = {name: reader.get_destination_page_number(each) for name, each in reader.named_destinations.items()}
    first, last = (f"/code-{number}" for number in (1, len(listings()[0])))
    beginning = beginning_of_appendix(reader)
    assert places[f"{first}-left-out"] < places[f"{last}-left-out"] < beginning
    assert beginning == places[first] < places[last]
    clicked = {
        (number, link["/Dest"])
        for number, page in enumerate(reader.pages)
        for link in (each.get_object() for each in page.get("/Annots", []))
        if "/Dest" in link
    }
    for name in (first, last):
        assert (places[f"{name}-left-out"], name) in clicked
        assert (places[name], f"{name}-left-out") in clicked


def test_links_stay_inside_or_go_to_the_network(reader):
    links = [each.get_object() for page in reader.pages for each in page.get("/Annots", [])]
    addresses = [link["/A"]["/URI"] for link in links if "/URI" in link.get("/A", {})]
    assert len(links) > len(addresses) > 10
    assert [each for each in addresses if not each.startswith("http")] == []


def test_it_is_tagged_for_screen_readers_and_of_sane_length(reader):
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.metadata.title == "The implicit bias of optimizers"
    assert 15 <= len(reader.pages) <= 60


def test_the_whole_book_loads_what_any_of_its_pages_does():
    whole = BeautifulSoup(pdf.book(["index", "atlas", "results"]), "html.parser")
    loaded = {pdf.address(part) for part in whole.select(pdf.LOADED)}
    for name in ("index", "atlas", "results"):
        assert {pdf.address(part) for part in soup(HTML / "book" / f"{name}.html").head.select(pdf.LOADED)} <= loaded


@pytest.mark.parametrize(
    ("pages", "path", "message"), [(["nowhere"], None, "no page nowhere; it has index"), ([], "", "install chromium")]
)
def test_what_is_missing_is_said_before_any_work(tmp_path, pages, path, message):
    environment = os.environ if path is None else {**os.environ, "PATH": path, "PLAYWRIGHT_BROWSERS_PATH": "/none"}
    command = [sys.executable, SCRIPT, tmp_path / "book.pdf", *(["--pages", *pages] if pages else [])]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.returncode == 2
    assert message in " ".join(run.stderr.split())
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module", params=["atlas", "results", "levers"])
def printed(request, browser):
    """A page by itself: its name, what breaks in two, and the text of its sheets."""
    with opened(browser, request.param, typeset=False) as page:
        page.emulate_media(media="print")
        whole = page.locator("article :is(figure, div.cell_input, .verification tbody, table tr):visible")
        cut = whole.evaluate_all("all => all.filter(each => getComputedStyle(each).breakInside !== 'avoid').length")
        sheets = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
        yield request.param, cut, [" ".join(sheet.extract_text().split()) for sheet in sheets]


HEADS = {
    "atlas": ("Vectors Matrices Follows Decay", "pytorch- ?optimizer .*pytorch- ?optimizer .*pytorch- ?optimizer"),
    "results": ("Run What it picks How fast", "Separable data"),
    "levers": ("measured, to stay in the band", r"predicted [\d.]+ ± [^;]*; control"),
}


def test_every_sheet_with_rows_of_a_table_has_its_head(printed):
    name, _, sheets = printed
    head, row = HEADS[name]
    with_rows = [sheet for sheet in sheets if re.search(row, sheet)]
    assert len(with_rows) > 1
    assert [sheet for sheet in with_rows if head not in sheet] == []


def test_no_frame_is_cut_and_left_empty(printed):
    assert printed[1] == 0


def test_code_stands_at_the_end_and_solutions_are_open(printed):
    name, _, sheets = printed
    folds = len(soup(HTML / "book" / f"{name}.html").select("details.hide"))
    whole = " ".join(sheets)
    text, _, code = whole.partition(" Code Code 1")
    assert text.count("(at the end)") == folds
    assert [number for number in range(2, folds + 1) if f"Code {number}" not in code] == []
    assert "plt.subplots" not in text
    assert whole.count("Solution to Exercise") == len(soup(HTML / "book" / f"{name}.html").select("details.solution"))
