"""Print the built book to one PDF with Chromium.

usage: python book/tools/pdf.py [OUTPUT] [--pages NAME ...]

The pages of _build/html become one document: nothing is executed again. It is printed twice, the second
time with the page numbers, which the first one tells, in the table of contents.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from chromium import launch
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "_build" / "html" / "book"
LEVELS = {"h1": "chapter", "h2": "section"}
LEFT_OUT = ".headerlink, .report, .colophon, noscript, .sd-btn, .copybtn"
CODE = "details.hide"
LOADED = "script[src], link[rel=stylesheet]"
PAGE_NUMBER = '<div style="width: 100%; text-align: center; font: 9px sans-serif" class="pageNumber"></div>'
SHEET = {
    "format": "A4",
    "margin": {"top": "18mm", "bottom": "20mm", "left": "18mm", "right": "18mm"},
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": PAGE_NUMBER,
    "print_background": True,
    "tagged": True,
    "outline": True,
}
TITLE = """<section class="title-page"><p class="book-title">{title}</p><p>{footer}</p>
<p>Printed from the web pages, where live figures answer; here they show how they start. Code that only makes a figure
or a table is in the appendix.</p></section>"""


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def address(part: Tag) -> str:
    """Of a script or a style sheet."""
    return part.get("src") or part["href"]


def page_names() -> list[str]:
    """The pages of the book in reading order, as the sidebar has them."""
    links = soup(PAGES / "index.html").select(".bd-docs-nav li.toctree-l1 > a")
    return ["index", *(Path(link["href"]).stem for link in links if link["href"].endswith(".html"))]


def make_ids_unique(articles: dict[str, Tag]) -> None:
    """Ids that several pages have get the page's name in front; links between pages become internal."""
    owners = Counter(tag["id"] for article in articles.values() for tag in article.find_all(id=True))

    def unique(name: str, target: str) -> str:
        return target if owners[target] == 1 else f"{name}--{target}"

    for name, article in articles.items():
        for link in article.select("a[href]:not([href*='://'])"):
            page, _, target = link["href"].partition("#")
            page = Path(page).stem or name
            if page in articles:
                link["href"] = "#" + (unique(page, target) if target else f"page-{page}")
            else:
                link.unwrap()
        for tag in article.find_all(id=True):
            tag["id"] = unique(name, tag["id"])
        article["id"] = f"page-{name}"


def contents(articles: dict[str, Tag]) -> Tag:
    """Table of contents: chapters and sections, with room for their page numbers."""
    page = BeautifulSoup('<nav class="book-contents"><p class="book-title">Contents</p></nav>', "html.parser")
    for article in articles.values():
        for heading in article.select("h1, h2"):
            line = page.new_tag(
                "a", href=f"#{heading.find_parent(id=True)['id']}", attrs={"class": LEVELS[heading.name]}
            )
            line.append(heading.get_text())
            line.append(page.new_tag("span", attrs={"class": "page"}))
            page.nav.append(line)
    return page.nav


def appendix(articles: dict[str, Tag]) -> Tag:
    """A place for the code of each chapter, which the pages' own script numbers and moves there as it is printed."""
    page = BeautifulSoup('<article><section id="code"><h1>Code</h1></section></article>', "html.parser")
    for article in filter(lambda each: each.select(CODE), articles.values()):
        place = page.new_tag("section", attrs={"id": f"code-of-{article['id']}", "data-code-of": article["id"]})
        heading = page.new_tag("h2")
        heading.append(article.h1.get_text())
        place.append(heading)
        page.section.append(place)
    return page.article


def book(names: list[str]) -> str:
    """One HTML page with the articles of all."""
    pages = {name: soup(PAGES / f"{name}.html") for name in names}
    whole = pages[names[0]]
    loaded = set(map(address, whole.head.select(LOADED)))
    for page in pages.values():
        for part in page.head.select(LOADED):
            if address(part) not in loaded:
                loaded.add(address(part))
                whole.head.append(part)
    articles = {name: page.select_one("article.bd-article") for name, page in pages.items()}
    for article in articles.values():
        for tag in article.select(LEFT_OUT):
            tag.decompose()
        for details in article.select("details:not(.hide)"):
            details["open"] = ""
    make_ids_unique(articles)
    if any(article.select(CODE) for article in articles.values()):
        articles["code"] = appendix(articles)
    footer = whole.select_one(".footer-content .copyright, .copyright")
    whole.title.string = whole.select_one(".logo__title").get_text()
    title = TITLE.format(title=whole.title.string, footer=footer.get_text(" ", strip=True))
    whole.body.clear()
    whole.body["class"] = "pdf"
    for part in (BeautifulSoup(title, "html.parser"), contents(articles), *articles.values()):
        whole.body.append(part)
    return str(whole)


def flat(outline: list, depth: int = 1) -> Iterator[tuple[int, object]]:
    """Bookmarks in order with their depth; pypdf nests children as a list after their parent."""
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry, depth + 1)
        else:
            yield depth, entry


def number_contents(page: Page, path: Path) -> None:
    reader = PdfReader(path)
    numbers = [reader.get_destination_page_number(each) + 1 for depth, each in flat(reader.outline) if depth <= 2]
    written = page.locator(".book-contents .page").evaluate_all(
        "(all, numbers) => all.length === numbers.length && all.every((each, i) => (each.textContent = numbers[i]))",
        numbers,
    )
    assert written, "bookmarks and table of contents have different lengths"


def print_book(output: Path, names: list[str], browser: Browser) -> None:
    place = PAGES / "whole-book.html"
    place.write_text(book(names), encoding="utf-8")
    try:
        page = browser.new_page(color_scheme="light")
        page.goto(place.as_uri(), timeout=300_000)
        page.evaluate("MathJax.startup.promise.then(() => document.fonts.ready).then(() => true)")
        page.pdf(path=output, **SHEET)
        number_contents(page, output)
        page.pdf(path=output, **SHEET)
    finally:
        place.unlink()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", nargs="?", type=Path, default=ROOT / "_build" / "ibnotes.pdf")
    parser.add_argument("--pages", nargs="+")
    arguments = parser.parse_args()
    if not (PAGES / "index.html").exists():
        parser.error("there is nothing to print yet: make book")
    if unknown := set(arguments.pages or []) - set(page_names()):
        parser.error(f"the book has no page {', '.join(sorted(unknown))}; it has {', '.join(page_names())}")
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except FileNotFoundError as error:
            parser.error(str(error))
        print_book(arguments.output, arguments.pages or page_names(), browser)
    print(f"==> {arguments.output}: {len(PdfReader(arguments.output).pages)} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
