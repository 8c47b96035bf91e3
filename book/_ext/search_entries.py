"""Sphinx extension: what the search finds is a section, a statement, a claim or a function, not a page.

The finished pages are cut into entries, formulas as plain text, and put into ``_static/search_entries.js``: a page
opened from disk may load a script, but not another page. ``search.js`` ranks them with MiniSearch on the page of
results, in place of Sphinx's own search, which knows whole pages only and shows no excerpts without a server.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup, SoupStrainer, Tag
from pylatexenc.latex2text import LatexNodes2Text

STATEMENTS = "div.proof[id], div.exercise[id]"
CLAIMS = ".ledger section[id]"
CHECKS = ".verification[id]"
ENTRIES = "dl.py > dt[id]"
APART = f"{STATEMENTS}, {CLAIMS}, {CHECKS}, dl.py"  # found by themselves, and not once more in their section
NOT_READ = (
    ".headerlink, .report, script, style, div.cell_input, .highlight, .explorable, svg, details.solution, .colophon"
)
SPHINX = re.compile(r'\n? *<script[^>]*src="[^"]*(?:searchtools|searchindex).js[^"]*"></script>')
OURS = "".join(f'\n<script src="_static/{name}.js" defer></script>' for name in ("vendor/minisearch", "search_entries"))
SEARCH = f'{OURS}\n<script src="_static/search.js" defer></script>\n</head>'
to_text = LatexNodes2Text(math_mode="text").latex_to_text


def plain(tex: str) -> str:
    r"""A formula as text: ``\ell_\infty`` as ℓ∞."""
    inner = re.sub(r"^\s*\\[(\[]|\\[)\]]\s*$", "", tex)
    text = to_text(inner.replace(r"\|", "‖").replace("&", ""))
    return re.sub(r"_(?=\d|∞)|[{}]", "", " ".join(text.split()))


def words(element: Tag) -> str:
    return re.sub(r" (?=[,.;:)])|(?<=\() ", "", " ".join(element.get_text(" ").split()))


def titled(element: Tag, title: Tag | None) -> tuple[str, str, str]:
    """(anchor, title, text), the title not once more in the text."""
    name = words(title.extract()) if title else ""
    return element["id"], name, words(element)


def entries(page: Path) -> Iterator[tuple[str, str, str, str]]:
    """(kind, anchor, title, text) of everything on a page that can be found."""
    article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser", parse_only=SoupStrainer("article"))
    for unwanted in article.select(NOT_READ):
        unwanted.decompose()
    for formula in article.select(".math"):
        formula.string = plain(formula.get_text())
    for power in article.select("sup"):
        power.insert(0, "^")
    for part in article.select("var, sub, sup"):
        part.unwrap()
    article.smooth()
    for signature in article.select(ENTRIES):
        name = signature["id"].removeprefix("ibnotes.")
        yield "function", signature["id"], name, words(signature.find_next_sibling("dd"))
    for kind, selector, title in (
        ("statement", STATEMENTS, ".admonition-title"),
        ("claim", CLAIMS, "h3"),
        ("checks", CHECKS, "caption"),
    ):
        for found in article.select(selector):
            yield kind, *titled(found, found.select_one(title))
    for found in article.select(APART):
        found.decompose()
    for section in reversed(article.select("section[id]")):  # inner ones first
        yield "section", *titled(section, section.find(["h1", "h2", "h3"]))
        section.decompose()


def write_entries(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    found = []
    for page in sorted(site.glob("book/**/*.html")):
        name = page.relative_to(site).as_posix()
        title = app.env.titles[name.removesuffix(".html")].astext()
        kinds = {"section": "problem"} if "assignments" in name else {}
        found += [[kinds.get(kind, kind), f"{name}#{a}", t, title, text] for kind, a, t, text in entries(page)]
    script = f"window.searchEntries = {json.dumps(found, ensure_ascii=False)};\n"
    (site / "_static" / "search_entries.js").write_text(script, encoding="utf-8")
    results = site / "search.html"
    text = SPHINX.sub("", results.read_text(encoding="utf-8"))
    results.write_text(text if OURS in text else text.replace("</head>", SEARCH, 1), encoding="utf-8")


def setup(app):
    app.connect("build-finished", write_entries)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
