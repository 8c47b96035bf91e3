"""Sphinx extension: the directive ``changes`` makes the box of what to change in a chapter's notebook.

What it says comes from ``book/changes.toml`` and from the chapter's own tables: which text to replace in which cell, up
to which table to run, and, folded so that one may guess first, what becomes of its rows.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from ibnotes.verification.ledger import read_records

FILE = Path("book", "changes.toml")
TITLE = "Change it and see"
OPENING = """\
In the notebook of this page ({ref}`how to run it <sec-run>`), change one place, restart the kernel and run up to the
table that is named. Guess first what it will say."""
SAYS = {
    "holds": "Still **holds**: {rows}.",
    "FAILS": "**Fails**: {rows}.",
    "PROVES NOTHING": "**Proves nothing**: {rows}. The measurement is right, and so is the control.",
}


@dataclass(frozen=True)
class Change:
    """A change of a chapter: ``old`` becomes ``new`` in a cell, and the ``rows`` of a table come out as ``verdict``."""

    title: str
    old: str
    new: str
    rows: Sequence[str]
    verdict: str
    then: str
    cell: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)

    def place(self, cells: Sequence[str]) -> int:
        """Which of the code cells it changes."""
        found = [number for number, cell in enumerate(cells) if (self.cell or self.old) in cell]
        if len(found) != 1 or cells[found[0]].count(self.old) != 1:
            raise ValueError(f"{self.old!r} does not stand once in the one cell with {self.cell or self.old!r}")
        return found[0]

    def named(self, records: Sequence[Mapping]) -> list[Mapping]:
        """The rows of a chapter's tables that it names, each by a part that no other row's name has."""
        found = [[record for record in records if part in record["quantity"]] for part in self.rows]
        for part, fits in zip(self.rows, found, strict=True):
            if len(fits) != 1:
                raise ValueError(f"{part!r} is in the names of {len(fits)} rows")
        return [fits[0] for fits in found]


def read_changes(path: Path) -> dict[str, list[Change]]:
    """The changes of each chapter."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {chapter: [Change(**each) for each in found] for chapter, found in content.items()}


def to_do(change: Change, table: str) -> str:
    where = f"In the cell with `{change.cell}`, write" if change.cell else "Write"
    return f"**{change.title}.** {where} `{change.new}` for `{change.old}`, and run up to *{table}*."


def outcome(change: Change, rows: Sequence[str]) -> str:
    quoted = " and ".join(f"“{row}”" for row in rows)
    return f"{SAYS[change.verdict].format(rows=quoted)} {' '.join(change.then.split())}"


class Changes(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        book, chapter = Path(self.env.srcdir, "book"), Path(self.env.docname).name
        self.env.note_dependency(str(Path(self.env.srcdir, FILE)))
        self.env.note_dependency(__file__)
        records = [each for each in read_records(book) if each["link"].startswith(f"{chapter}.html")]
        box = nodes.admonition("", nodes.title("", TITLE), classes=["changes"])
        box += self.parse_text_to_nodes(OPENING)
        for change in read_changes(Path(self.env.srcdir, FILE))[chapter]:
            try:
                named = change.named(records)
            except ValueError as error:
                raise self.error(f"{FILE}: {error}") from None
            box += self.parse_text_to_nodes(to_do(change, named[0]["theorem"]))
            box += nodes.raw("", "<details class='outcome'><summary>What happens</summary>", format="html")
            box += self.parse_text_to_nodes(outcome(change, [each["quantity"] for each in named]))
            box += nodes.raw("", "</details>", format="html")
        return [box]


def add_style(app, pagename, templatename, context, doctree):
    if doctree and any("changes" in box["classes"] for box in doctree.findall(nodes.admonition)):
        app.add_css_file("changes.css")


def setup(app):
    app.add_directive("changes", Changes)
    app.connect("html-page-context", add_style)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
