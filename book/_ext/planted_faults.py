"""Sphinx extension: the directive ``planted-faults`` shows what became of the faults in ``tests/faults``."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from ibnotes.verification.ledger import read_records
from ibnotes.verification.table import anchor
from ibnotes.verification.typeset import typeset

TABLE = Path("tests", "faults", "outcomes.json")


def page(table: Mapping[str, Mapping], theorems: Collection[str] = ()) -> str:
    """The share that is caught, the survivors with their reasons, and every fault, by chapter.

    ``theorems`` are the names of the tables of checks.
    """
    rows = [(chapter, row) for chapter, entry in table.items() for row in entry["faults"]]
    survivors = [(chapter, row) for chapter, row in rows if row["result"] != "caught"]
    caught = len(rows) - len(survivors)
    headline = f"<p>Of <strong>{len(rows)}</strong> planted faults <strong>{caught}</strong> are caught.</p>"
    lines = "".join(f"<li>{words(row)} ({name(chapter)}): {typeset(row['reason'])}.</li>" for chapter, row in survivors)
    missed = f"<p>These survive:</p><ul>{lines}</ul>" if survivors else ""
    chapters = (entries(chapter, entry["faults"], theorems) for chapter, entry in table.items())
    return f'<div class="faults">{headline}{missed}{"".join(chapters)}</div>'


def name(chapter: str) -> str:
    return chapter.replace("_", " ").capitalize()


def words(row: Mapping[str, str]) -> str:
    """The fault as a sentence; a variable at its beginning stays as it is."""
    return typeset(re.sub(r"^[a-z](?=[a-z]| \w{2})", lambda first: first[0].upper(), row["fault"]))


def entries(chapter: str, rows: Sequence[Mapping[str, str]], theorems: Collection[str]) -> str:
    caught = [row for row in rows if row["result"] == "caught"]
    lines = "".join(f"<li>{words(row)}: {link(chapter, row['check'], theorems)}</li>" for row in caught)
    return f"<details><summary>{name(chapter)}: {len(caught)} of {len(rows)}</summary><ul>{lines}</ul></details>"


def link(chapter: str, check: str, theorems: Collection[str]) -> str:
    """``check``, which is "theorem: quantity", as a link to its table; a theorem's name may hold a colon too."""
    known = [theorem for theorem in theorems if check.startswith(f"{theorem}: ")]
    theorem = max(known, key=len, default=check.split(": ", 1)[0])
    return f'<a href="{chapter}.html#{anchor(theorem)}">{typeset(check)}</a>'


class PlantedFaults(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / TABLE
        for source in (path, Path(__file__), *Path(self.env.srcdir, "book").glob("*.ipynb")):
            self.env.note_dependency(str(source))  # an incremental build must not keep links to tables of old names
        theorems = {record["theorem"] for record in read_records(Path(self.env.srcdir, "book"))}
        return [nodes.raw("", page(json.loads(path.read_text(encoding="utf-8")), theorems), format="html")]


def setup(app):
    app.add_directive("planted-faults", PlantedFaults)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
