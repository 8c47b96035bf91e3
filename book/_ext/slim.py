"""Sphinx extension: the site carries what its pages load.

MathJax comes in twelve builds, of which the pages load one; scripts come with their source maps; and figures
of earlier builds stay behind. The theme shows its icons twice, from a font and from a script of 1.5 MB: the font stays.
It has every page load the index of the search, which only the page of results asks.
"""

import re
import shutil
from pathlib import Path

UNUSED = [
    "_static/mathjax/[!t]*.js",
    "_static/mathjax/tex-[!c]*.js",
    "_static/mathjax/tex-chtml-*.js",
    "_static/mathjax/output/svg",
    "_static/mathjax/sre/mathmaps/[!be]*.json",
    "_static/mathjax/sre/mathmaps/es.json",
    "_static/*/*.map",
    "_static/scripts/fontawesome.js*",
]
SCRIPT = r'\n? *<script[^>]*src="[^"]*{}[^"]*"></script>'
ICONS = re.compile(SCRIPT.format("fontawesome.js"))
SEARCH = re.compile(SCRIPT.format("(?:searchtools|language_data|searchindex).js"))


def without_idle_scripts(path: Path) -> str:
    """The page's text, which is written back where it changes."""
    text = path.read_text(encoding="utf-8")
    lean = ICONS.sub("", text)
    lean = lean if path.name == "search.html" else SEARCH.sub("", lean)
    if lean != text:
        path.write_text(lean, encoding="utf-8")
    return lean


def drop_what_no_page_loads(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    for pattern in UNUSED:
        for path in site.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    pages = "".join(map(without_idle_scripts, site.rglob("*.html")))
    shown = set(re.findall(r"_images/([^\"]+)", pages))
    for path in site.glob("_images/*"):
        if path.name not in shown:
            path.unlink()


def setup(app):
    app.connect("build-finished", drop_what_no_page_loads, priority=900)  # after MathJax is copied
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
