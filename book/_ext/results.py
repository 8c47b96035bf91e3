"""Sphinx extension: the directive ``results`` makes the table of ``book/results.toml``: which run picks which solution.

Statements are numbered and linked by sphinx-proof, checks counted from the executed chapters. A check that nobody
runs, a statement that the file lacks and one that the book lacks are warnings, and warnings fail the build.
"""

import html
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from theorem_map import KINDS

from ibnotes.verification.ledger import read_records

FILE = Path("book", "results.toml")
PAGE = "book/results"
HEADS = ("Problem", "Run", "What it picks", "How fast", "Needs", "Where", "Checks")
CIRCLE, SQUARE, DIAMOND = '<circle r="8"/>', '<path d="M-8-8H8V8H-8Z"/>', '<path d="M0-9L9 0 0 9-9 0Z"/>'
SINGULAR = '<text x="10" y="11">σ</text>'
# unit balls, and what else can be seen of a set in the plane
BALLS = {
    "circle": ("a disc", CIRCLE),
    "square": ("a square", SQUARE),
    "diamond": ("a diamond", DIAMOND),
    "ellipse": ("an ellipse", '<ellipse rx="10" ry="5"/>'),
    "flat diamond": ("a flat diamond", '<path d="M0-5L10 0 0 5-10 0Z"/>'),
    "between": ("between a diamond and a disc", '<path d="M0-9Q3-3 9 0 3 3 0 9-3 3-9 0-3-3 0-9Z"/>' + CIRCLE),
    "three": ("a diamond in a disc in a square", SQUARE + CIRCLE + '<path d="M0-8L8 0 0 8-8 0Z"/>'),
    "square to circle": ("a square with a disc in it", SQUARE + '<circle r="8" stroke-dasharray="2 2"/>'),
    "box": ("a filled box", '<path class="filled" d="M-8-8H8V8H-8Z"/>'),
    "square of singular values": ("a square of singular values", SQUARE + SINGULAR),
    "diamond of singular values": ("a diamond of singular values", DIAMOND + SINGULAR),
    "none": ("no ball", '<circle r="8" stroke-dasharray="2 2"/><path d="M-6 6L6-6"/>'),
}
logger = logging.getLogger(__name__)


def read_results(path: Path) -> tuple[list[dict], dict[str, str]]:
    """The rows, and the reasons of the statements that have none."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return content["row"], content["elsewhere"]


def faults(rows: Sequence[Mapping], elsewhere: Mapping[str, str], proofs: Mapping[str, Mapping]) -> list[str]:
    """What is wrong with the labels, given sphinx-proof's list of the book's statements."""
    stated = {label for label, proof in proofs.items() if proof["realtype"] in KINDS}
    named = {label for row in rows for label in row.get("says", ())}
    found = [f"{label} is missing" for label in sorted(stated - named - set(elsewhere))]
    found += [f"{label} is not in the book" for label in sorted((named | set(elsewhere)) - stated)]
    return found + [f"{label} has rows and a reason why not" for label in sorted(named & set(elsewhere))]


def line(check: Mapping) -> str:
    return f"{check['link'].partition('.')[0]}: {check['theorem']}: {check['claim']} {check['quantity']}"


def matching(parts: Sequence[str], records: Sequence[Mapping]) -> list[Mapping]:
    """The checks whose "chapter: table: claims quantity" holds one of these, each once."""
    return [check for check in records if any(part in line(check) for part in parts)]


def ball(shape: str) -> str:
    words, drawing = BALLS[shape]
    return f'<svg class="ball" role="img" aria-label="{words}" viewBox="-12 -12 24 24">{drawing}</svg>'


def runs(checks: Sequence[Mapping]) -> str:
    """How many checks, and the largest share of a tolerance that one uses; a link to their first table."""
    used = max(check["figures"]["deviation_over_tolerance"] for check in checks)
    title = html.escape(f"{len(checks)} checks; the closest uses {100 * used:.0f} % of its tolerance", quote=True)
    return f'<a href="{checks[0]["link"]}" title="{title}">{len(checks)}</a>'


def cells(row: Mapping, checks: Sequence[Mapping]) -> list[str]:
    """The row in MyST."""
    where = [f"{{prf:ref}}`{label}`" for label in row.get("says", ())]
    where += [row[key] for key in ("status",) if key in row]
    where += [f"{{cite}}`{','.join(row['source'])}`"] if "source" in row else []
    picks = f"{ball(row['ball'])} {row['picks']}"
    return [row["problem"], row["setting"], picks, row.get("rate", ""), row["needs"], "; ".join(where), runs(checks)]


def table_row(words: Sequence[str]) -> list[str]:
    """A row of MyST's list-table."""
    return [f"{'* -' if first == 0 else '  -'} {each}" for first, each in enumerate(words)]


class Results(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        book = Path(self.env.srcdir, "book")
        for source in (FILE, Path(__file__), *book.glob("*.ipynb")):
            self.env.note_dependency(str(Path(self.env.srcdir, source)))
        rows, _ = read_results(Path(self.env.srcdir, FILE))
        records = read_records(book)
        lines = ["````{list-table}", ":header-rows: 1", ":class: results", ""]
        lines += table_row(HEADS)
        for row in rows:
            for part in (part for part in row["checks"] if not matching([part], records)):
                logger.warning("%s: no check says %r", FILE, part)
            checks = matching(row["checks"], records)
            lines += table_row(cells(row, checks)) if checks else []
        return self.parse_text_to_nodes("\n".join([*lines, "````"]))


def check(app, env):
    for fault in faults(*read_results(Path(env.srcdir, FILE)), env.proof_list):
        logger.warning("%s: %s", FILE, fault)


def add_assets(app, pagename, templatename, context, doctree):
    if pagename == PAGE:
        app.add_css_file("results.css")
        app.add_js_file("results.js", loading_method="defer")


def setup(app):
    app.add_directive("results", Results)
    app.connect("env-check-consistency", check)
    app.connect("html-page-context", add_assets)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
