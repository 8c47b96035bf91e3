"""Sphinx extension: what a link points to, for its preview.

A page opened from disk may not read another one, but it may load a script. So the statement, formula,
figure or claim behind each target is put into ``_static/previews.js``, from the finished pages.
"""

import json
from pathlib import Path

from bs4 import BeautifulSoup, SoupStrainer

TARGETS = "div.proof[id], div.exercise[id], div.math[id], figure[id], .ledger section[id]"
NOT_SHOWN = ".headerlink, .report, .ledger ul"
KEPT = {"class", "src", "alt"}
PLAIN = {"a": "span", "h3": "strong"}  # nothing to tab to, and no heading out of order


def targets(page: Path) -> dict[str, str]:
    """HTML of everything on ``page`` that a link may preview, by ``page#id``."""
    article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser", parse_only=SoupStrainer("article"))
    for unwanted in article.select(NOT_SHOWN):
        unwanted.decompose()
    found = {f"{page.stem}#{target['id']}": target for target in article.select(TARGETS)}
    for target in found.values():
        for inside in [target, *target.find_all(True)]:
            inside.attrs = {name: value for name, value in inside.attrs.items() if name in KEPT}
            inside.name = PLAIN.get(inside.name, inside.name)
    return {key: str(target) for key, target in found.items()}


def write_previews(app, exception):
    if exception is None and app.builder.format == "html":
        pages = sorted(Path(app.outdir, "book").glob("*.html"))
        found = {key: html for page in pages for key, html in targets(page).items()}
        script = f"window.previews = {json.dumps(found, ensure_ascii=False)};\n"
        Path(app.outdir, "_static", "previews.js").write_text(script, encoding="utf-8")


def setup(app):
    app.connect("build-finished", write_previews)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
