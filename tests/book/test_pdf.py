"""The book on paper: bookmarks, links, page numbers, typeset math, figures. Two pages of it are printed here."""

import os
import re
import subprocess
import sys

import pytest
from browser import HTML, soup
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
