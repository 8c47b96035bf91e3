"""Sphinx extension: the site carries what its pages load, and a page loads what it uses.

MathJax comes in twelve builds, of which the pages load the parts of one; scripts come with their source maps; figures
of earlier builds stay behind. The theme shows its icons twice, from a font and from a script of 1.5 MB: the font stays,
with the icons that are shown. It has every page load the index of the search, which only the page of results asks, and
what marks the words that Sphinx's own search has found, which no page asks; every extension has it load its style
sheet, and two thirds of the theme's are for parts that no page has. A third of a chapter's source says which colour
names and brackets have in code, and that is the colour of all its text; a fold has its line twice; figures have six
decimals of a point.
"""

import logging
import re
import shutil
from pathlib import Path

from fontTools import subset

UNUSED = [
    "_static/mathjax/*[!ep].js",  # core.js and startup.js stay
    "_static/mathjax/tex-*.js",
    "_static/mathjax/output/svg*",
    "_static/mathjax/a11y/[!a]*.js",
    "_static/mathjax/adaptors",
    "_static/mathjax/input/tex-*.js",
    "_static/mathjax/input/*m*",
    "_static/mathjax/sre",
    "_static/mathjax/ui",
    "_static/*/*.map",
    "_static/scripts/fontawesome.js*",
    "_static/vendor/fontawesome/webfonts/*.ttf",
]
SCRIPT = r'\n? *<script[^>]*src="[^"]*{}[^"]*"></script>'
STYLE = r'\n? *<link[^>]*href="[^"]*{}[^"]*"[^>]*>'
# what a page loads in vain, unless this is on it
NEEDED_BY = {
    SCRIPT.format("fontawesome.js"): None,
    SCRIPT.format("(?:doctools|sphinx_highlight).js"): None,
    SCRIPT.format("(?:searchtools|language_data|searchindex).js"): 'id="search-results"',
    SCRIPT.format("design-tabs.js"): 'class="sd-tab',
    SCRIPT.format("togglebutton.js"): 'class="toggle',
    STYLE.format("togglebutton.css"): 'class="toggle',
    STYLE.format("sphinx-design.min.css"): 'class="sd-',
    STYLE.format("mystnb[^/]*.css"): 'class="cell',
    STYLE.format("sphinx-thebe.css"): None,
}
RULE = re.compile(r"([^{};]+)(\{[^{}]*\})")
COMMA = re.compile(r",(?![^()]*\))")
ASIDE = re.compile(r":(?:is|not|where|has)\([^()]*(?:\([^()]*\)[^()]*)*\)")
CLASS = re.compile(r"\.(?!bs-)(-?[a-zA-Z_][\w-]*)")  # bootstrap.js puts together what begins with bs-
CODE = "_static/pygments.css"
# a fold has its line for shut and for open
TWICE = re.compile(r'<p class="collapsed (.*?)">(.*?)</p>\n<p class="expanded \1">\2</p>')
FONT = "_static/vendor/fontawesome/webfonts/fa-solid-900.woff2"
SHEETS = ("_static/styles/*.css", "_static/mystnb.*.css", "_static/sphinx-design.min.css")


def rewrite(path: Path, text: str) -> None:
    """Files that stay as they are keep their times."""
    if text != path.read_text(encoding="utf-8"):
        path.write_text(text, encoding="utf-8")


def without_comments(sheet: str) -> str:
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))


def colourless(sheet: str) -> set[str]:
    """Classes of tokens that look like other text of the code, in light and in dark."""
    looks = re.findall(r'(html\[data-theme="\w+"\] \.highlight(?: \.\w+)?) +\{ ([^}]*) \}', sheet)
    text = {rule.split()[0]: body.rpartition("; ")[2] for rule, body in looks if rule.endswith(".highlight")}
    others = {rule.rpartition(".")[2] for rule, body in looks if body != text[rule.split()[0]]}
    return {rule.rpartition(".")[2] for rule, _ in looks} - others


def two_decimals(place: re.Match) -> str:
    return re.sub(r"(\.\d\d)\d+", r"\1", place[0])


def shortened(drawing: str) -> str:
    """Places to a hundredth of a point, without indents and the words about how it was drawn."""
    drawing = re.sub(r' (?:d|x|y|width|height)="[^"]*"|translate\([^)]*\)', two_decimals, drawing)
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    return re.sub(r"\n\s*", "\n", drawing).replace('"\n/>', '"/>')


def with_what_it_uses(path: Path, tokens: set[str]) -> str:
    text = lean = path.read_text(encoding="utf-8")
    lean = re.sub(rf'<span class="(?:{"|".join(sorted(tokens))})">([^<]*)</span>', r"\1", lean)
    lean = TWICE.sub(r'<p class="\1">\2</p>', lean)
    for loaded, user in NEEDED_BY.items():
        if user is None or user not in text:
            lean = re.sub(loaded, "", lean)
    rewrite(path, lean)
    return lean


def classes(pages: str, scripts: str) -> set[str]:
    """Of the elements that are there, and whatever word of a script might be one."""
    there = " ".join(re.findall(r'class="([^"]*)"', pages)).split()
    return {*there, *re.findall(r"[\w-]+", scripts)}


def without_idle_rules(sheet: str, named: set[str]) -> str:
    """The style sheet without what is for other classes than these."""

    def used(selector: str) -> bool:
        return set(CLASS.findall(ASIDE.sub("", selector))) <= named

    def lean(rule: re.Match) -> str:
        selectors = list(filter(used, COMMA.split(rule[1])))
        return ",".join(selectors) + rule[2] if selectors else ""

    return re.sub(r"@media[^{}]*\{\s*\}", "", RULE.sub(lean, sheet))


def keep_icons(font: Path, sheets: str) -> None:
    """Only the icons that a rule of the sheets shows, as an escape or as the character itself."""
    points = [int(point, 16) for point in re.findall(r'"\\([ef][0-9a-f]{3})"', sheets)]
    points += map(ord, re.findall("[\ue000-\uf8ff]", sheets))
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    options = subset.Options(flavor="woff2", layout_features=[])
    face = subset.load_font(font, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(face)
    subset.save_font(face, font, options)


def load_parts_of_mathjax(app, config):
    config.mathjax_path = "mathjax/startup.js"  # the extension that brings it has set one file with all parts


def drop_what_no_page_loads(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    for pattern in UNUSED:
        for path in site.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    tokens = colourless((site / CODE).read_text(encoding="utf-8"))
    pages = "".join(with_what_it_uses(path, tokens) for path in site.rglob("*.html"))
    for path in site.rglob("*.css"):
        rewrite(path, without_comments(path.read_text(encoding="utf-8")))
    scripts = [path for path in site.rglob("*.js") if "mathjax" not in path.parts]
    named = classes(pages, "".join(path.read_text(encoding="utf-8") for path in scripts))
    sheets = [path for pattern in SHEETS for path in site.glob(pattern)]
    for path in sheets:
        rewrite(path, without_idle_rules(path.read_text(encoding="utf-8"), named))
    keep_icons(site / FONT, "".join(path.read_text(encoding="utf-8") for path in sheets))
    shown = set(re.findall(r"_images/([^\"]+)", pages))
    for path in site.glob("_images/*"):
        if path.name not in shown:
            path.unlink()
        elif path.suffix == ".svg":
            rewrite(path, shortened(path.read_text(encoding="utf-8")))


def setup(app):
    app.connect("config-inited", load_parts_of_mathjax)
    app.connect("build-finished", drop_what_no_page_loads, priority=900)  # after MathJax is copied
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
