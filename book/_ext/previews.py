"""Sphinx extension: what a link points to, for its preview.

A page opened from disk may not read another one, but it may load a script. So the statement, formula,
figure or claim behind each target is put into ``_static/previews.js``, from the finished pages; of a reference entry,
its first words.
"""

import json
import re
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, SoupStrainer, Tag

TARGETS = "div.proof[id], div.exercise[id], div.math[id], figure[id], .ledger section[id]"
ENTRIES = "dl.py > dt[id]"
NOT_SHOWN = ".headerlink, .report, .ledger ul"
KEPT = {"class", "src", "alt"}
PLAIN = {"a": "span", "h3": "strong"}  # nothing to tab to, and no heading out of order


def plain(target: Tag) -> str:
    """HTML of an element, with few attributes and nothing to tab to."""
    for inside in [target, *target.find_all(True)]:
        inside.attrs = {name: value for name, value in inside.attrs.items() if name in KEPT}
        inside.name = PLAIN.get(inside.name, inside.name)
    return str(target)


def summary(signature: Tag) -> str:
    """HTML of a signature, on one line, and of the first words below it."""
    words = re.sub(r"(?<=\() | (?=\))|,(?= ?\))", "", " ".join(signature.get_text().split()))
    return f"<p><code>{escape(words)}</code></p>{plain(signature.find_next_sibling('dd').p)}"


def targets(page: Path) -> dict[str, str]:
    """HTML of everything on ``page`` that a link may preview, by ``page#id``."""
    article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser", parse_only=SoupStrainer("article"))
    for unwanted in article.select(NOT_SHOWN):
        unwanted.decompose()
    shown = [(target["id"], summary(target)) for target in article.select(ENTRIES)]
    shown += [(target["id"], target) for target in article.select(TARGETS)]  # ids before they are dropped
    return {f"{page.stem}#{anchor}": html if isinstance(html, str) else plain(html) for anchor, html in shown}


def write_previews(app, exception):
    if exception is None and app.builder.format == "html":
        pages = sorted(Path(app.outdir, "book").glob("*.html"))
        found = {key: html for page in pages for key, html in targets(page).items()}
        script = f"window.previews = {json.dumps(found, ensure_ascii=False)};\n"
        Path(app.outdir, "_static", "previews.js").write_text(script, encoding="utf-8")


def setup(app):
    app.connect("build-finished", write_previews)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
