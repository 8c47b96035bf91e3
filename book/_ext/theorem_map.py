"""Sphinx extension: the map of theorems, drawn from ``book/theorems.toml`` and checked against the book.

The directive ``theorem-map`` gives a diagram (HTML only, see `theorem_svg`) and the same as a nested list.
A theorem that the file lacks, a label that the book lacks, an arrow from a later chapter or around a circle
is a warning, and warnings fail the build. The page of the map is written anew in every build: numbers in
the diagram are never stale. It alone loads ``landing.css`` and ``theorem_map.js``.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from theorem_svg import Box, Lane, draw

FOLDER, PAGE, FILE = "book", "book/index", "theorems.toml"
KINDS = {"theorem", "proposition", "lemma", "corollary", "conjecture"}
VERBS = {"uses": "its proof uses", "takes_up": "takes up"}
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Statement:
    """One theorem of the map; ``uses`` and ``takes_up`` map the labels it rests on to the reason why."""

    chapter: str
    title: str
    at: tuple[int, int]
    uses: Mapping[str, str] = field(default_factory=dict)
    takes_up: Mapping[str, str] = field(default_factory=dict)

    def arrows(self) -> Iterator[tuple[str, str, str]]:
        """(kind, label, reason) of everything it rests on."""
        for kind in VERBS:
            for label, reason in getattr(self, kind).items():
                yield kind, label, reason


def read_map(path: Path) -> dict[str, Statement]:
    """The statements by label, in the file's order, from tables ``[chapter.label]``."""
    chapters = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        label: Statement(chapter, **{**entry, "at": tuple(entry["at"])})
        for chapter, entries in chapters.items()
        for label, entry in entries.items()
    }


def faults(statements: Mapping[str, Statement], proofs: Mapping[str, dict], chapters: Sequence[str]) -> list[str]:
    """What is wrong with the map, given sphinx-proof's list of the book's statements and the order of its chapters."""
    stated = {label: proof["docname"] for label, proof in proofs.items() if proof["realtype"] in KINDS}
    found = [f"{label} of {page} is missing" for label, page in stated.items() if label not in statements]
    order = {f"{FOLDER}/{chapter}": i for i, chapter in enumerate(chapters)}
    places = {}
    for label, statement in statements.items():
        page = f"{FOLDER}/{statement.chapter}"
        if stated.get(label) != page:
            found.append(f"{label} is not in {page}")
        other = places.setdefault((statement.chapter, statement.at), label)
        if other != label:
            found.append(f"{label} is drawn over {other}")
        for _, premise, _ in statement.arrows():
            if premise not in stated:
                found.append(f"{label} rests on the unknown {premise}")
            elif order.get(stated[premise], -1) > order.get(page, -1):
                found.append(f"{label} rests on {premise} of a later chapter")
    try:
        TopologicalSorter({label: [p for _, p, _ in s.arrows()] for label, s in statements.items()}).prepare()
    except CycleError as error:
        found.append(f"a circle: {' -> '.join(error.args[1])}")
    return found


def outline(statements: Mapping[str, Statement]) -> str:
    """The map as a nested list in MyST: chapters, their statements, what those rest on and why."""
    lines, chapter = [], None
    for label, statement in statements.items():
        if statement.chapter != chapter:
            chapter = statement.chapter
            lines.append(f"- {{doc}}`{chapter}`")
        lines.append(f"  - {{prf:ref}}`{label}`: {statement.title}")
        for kind, premise, reason in statement.arrows():
            lines.append(f"    - {VERBS[kind]} {{prf:ref}}`{premise}`: {reason}")
    return "\n".join(lines)


class diagram(nodes.General, nodes.Element):
    """Stands where the SVG goes, until theorems have numbers."""


class TheoremMap(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir, FOLDER, FILE)
        self.env.note_dependency(str(path))
        details = '<details class="theorem-list" open><summary>As a list, with the reasons</summary>'
        return [
            diagram(),
            nodes.raw("", details, format="html"),
            *self.parse_text_to_nodes(outline(read_map(path))),
            nodes.raw("", "</details>", format="html"),
        ]


def names(env) -> dict[str, str]:
    """'Theorem 4' by label."""
    numbers = {
        label: env.toc_fignumbers[proof["docname"]][proof["countertype"]][label]
        for label, proof in env.proof_list.items()
        if proof["realtype"] in KINDS
    }
    return {
        label: f"{env.proof_list[label]['realtype'].title()} {'.'.join(map(str, number))}"
        for label, number in numbers.items()
    }


def lanes(statements: Mapping[str, Statement], app, page: str) -> list[Lane]:
    """The statements by chapter, with what the diagram says and where it leads."""
    name, found = names(app.env), {}
    for label, statement in statements.items():
        target = f"{FOLDER}/{statement.chapter}"
        href = app.builder.get_relative_uri(page, target)
        words = [f"{name[label]}. {statement.title}"]
        words += [f"{VERBS[kind]} {name[p]}: {reason}" for kind, p, reason in statement.arrows()]
        kind = app.env.proof_list[label]["realtype"]
        box = Box(label, statement.title, "; ".join(words), f"{href}#{label}", kind, *statement.at)
        lane = found.setdefault(target, Lane(app.env.titles[target].astext(), href, []))
        lane.boxes.append(box)
    return list(found.values())


def insert_diagram(app, doctree, page):
    for node in list(doctree.findall(diagram)):
        node.parent.remove(node) if app.builder.format != "html" else node.replace_self(svg(app, page))


def svg(app, page: str) -> list[nodes.Node]:
    statements = read_map(Path(app.srcdir, FOLDER, FILE))
    if map_faults(app.env):
        return []
    arrows = [(kind, premise, label) for label, s in statements.items() for kind, premise, _ in s.arrows()]
    return [nodes.raw("", draw(lanes(statements, app, page), arrows), format="html")]


def map_faults(env) -> list[str]:
    chapters = [page.removeprefix(f"{FOLDER}/") for page in env.toctree_includes[PAGE]]
    return faults(read_map(Path(env.srcdir, FOLDER, FILE)), env.proof_list, chapters)


def check(app, env):
    for fault in map_faults(env):
        logger.warning("%s/%s: %s", FOLDER, FILE, fault)


def setup(app):
    app.add_node(diagram)
    app.add_directive("theorem-map", TheoremMap)
    app.connect("env-updated", lambda app, env: [PAGE])
    app.connect("env-check-consistency", check)
    app.connect("doctree-resolved", insert_diagram)
    app.connect("html-page-context", add_assets)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def add_assets(app, pagename, templatename, context, doctree):
    if pagename == PAGE:
        app.add_css_file("landing.css")
        app.add_js_file("theorem_map.js", loading_method="defer")
