"""The book on paper: bookmarks, links, page numbers, typeset math, figures. Two pages of it are printed here.

And pages printed by themselves: heads of tables on every sheet, nothing empty, nothing folded.
"""

import os
import re
import subprocess
import sys
from io import BytesIO

import pytest
from browser import HTML, opened, soup
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
def text(reader):
    return "\n".join(page.extract_text() for page in reader.pages)


@pytest.fixture(scope="module")
def headings():
    articles = [soup(HTML / "book" / f"{name}.html").article for name in PAGES]
    found = [each for article in articles for each in article.select("h1, h2, h3")]
    return [re.sub(r"#$", "", each.get_text()) for each in found]


def bookmarks(outline):
    for entry in outline:
        yield from bookmarks(entry) if isinstance(entry, list) else [entry]


def test_bookmarks_are_the_chapters_and_sections(reader, headings):
    assert [each.title for each in bookmarks(reader.outline)] == headings


def test_the_contents_tell_the_right_pages(reader):
    chapters = {entry.title: reader.get_destination_page_number(entry) + 1 for entry in bookmarks(reader.outline)}
    contents = reader.pages[1].extract_text()
    for title in ("Exercises", "Bibliography"):
        assert re.search(rf"{title}\s*{chapters[title]}\b", contents)
        assert title in reader.pages[chapters[title] - 1].extract_text()


def test_math_is_typeset_and_folded_text_is_there(text):
    assert not re.search(r"\\[a-z]+|\$", text)
    assert "Xw=y" in re.sub(r"\s", "", text)
    assert "Proof" in text
    assert "Solution to Exercise" in text


def test_figures_and_code_are_there_and_the_code_of_figures_is_not(text):
    article = soup(HTML / "book" / f"{PAGES[0]}.html").article
    captions = [each.get_text().strip() for each in article.select("figure .caption-number")]
    assert captions
    assert [caption for caption in captions if caption not in text] == []
    assert "ib.descend(" in text
    assert "plt.subplots" not in text


def test_links_stay_inside_or_go_to_the_network(reader):
    links = [each.get_object() for page in reader.pages for each in page.get("/Annots", [])]
    addresses = [link["/A"]["/URI"] for link in links if "/URI" in link.get("/A", {})]
    assert len(links) > len(addresses) > 10
    assert [each for each in addresses if not each.startswith("http")] == []


def test_it_is_tagged_for_screen_readers_and_of_sane_length(reader):
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.metadata.title == "The implicit bias of optimizers"
    assert 15 <= len(reader.pages) <= 60


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


def test_the_code_that_is_left_out_is_named_and_solutions_are_open(printed):
    name, _, sheets = printed
    whole = " ".join(sheets)
    assert ("Not printed: the code" in whole) == (name != "results")
    assert "plt.subplots" not in whole
    assert whole.count("Solution to Exercise") == len(soup(HTML / "book" / f"{name}.html").select("details.solution"))
