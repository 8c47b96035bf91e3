"""Sphinx extension: the reference's entries and the chapters' code lead to each other.

Each ``ib.name`` in a page's code becomes a link to the entry of ``ibnotes.name``; each entry names the chapters whose
code uses it, and leads to the first place. What only comes back from functions, an answer, names those instead.
Entries are found under their public name, whatever module a signature names.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from sphinx.domains.python import PyObject
from sphinx.util.nodes import make_refnode

import ibnotes

PACKAGE = "ibnotes"
HIDDEN = {"remove-cell", "remove-input"}  # tags of cells whose code is not on the page
WRITTEN = re.compile(r"\bib\.(\w+)")
SHOWN = re.compile(r'<span class="n">ib</span><span class="o">\.</span><span class="n">(\w+)</span>')
SIGNATURE = re.compile(r'<dt class="sig .*?</dt>', re.DOTALL)
GLOSSED = {
    "Array",
    "ArrayLike",
    "Entry",
    "MakeOptimizer",
    "NDArray",
    "Problem",
    "Schedule",
}  # said on the page that `GLOSSARY` labels
GLOSSARY = "reading-an-entry"


def names_in(notebook: Path) -> set[str]:
    """The public names in the code that a notebook's page shows."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [
        "".join(cell["source"])
        for cell in cells
        if cell["cell_type"] == "code" and not HIDDEN & set(cell["metadata"].get("tags", []))
    ]
    return set(WRITTEN.findall("\n".join(code))) & set(ibnotes.__all__)


def returned_by(name: str) -> list[str]:
    """The public functions that return a ``name``."""
    hints = {each: getattr(getattr(ibnotes, each), "__annotations__", {}) for each in ibnotes.__all__}
    return [each for each, hint in hints.items() if hint.get("return") == name]


def add_uses(app, what, name, obj, options, lines):
    """Append to an entry's docstring where its name is used."""
    package, _, public = name.rpartition(".")
    if package != PACKAGE:
        return
    chapters = []
    for page, document in app.config.external_site_map.items():
        notebook = Path(app.srcdir, f"{page}.ipynb")
        if notebook.parent.name == "book" and notebook.exists():
            app.env.note_dependency(str(notebook))
            if public in names_in(notebook):
                chapters.append(f"`{document.title} <{notebook.stem}.html#use-{public}>`__")
    if functions := returned_by(public):
        lines += ["", f":Returned by: {', '.join(f':py:obj:`{each}`' for each in functions)}"]
    if chapters:
        lines += ["", f":Used in: {', '.join(chapters)}"]


def find_public(app, env, node, contnode):
    """A type that a signature names by its module, or one that the glossary explains."""
    name = node.get("reftarget", "").rpartition(".")[2]
    entry = env.get_domain("py").objects.get(f"{PACKAGE}.{name}")
    if name in GLOSSED:
        page, anchor, _ = env.get_domain("std").labels[GLOSSARY]
    elif node.get("refdomain") == "py" and entry:
        page, anchor = entry.docname, entry.node_id
    else:
        return None
    return make_refnode(app.builder, node["refdoc"], page, anchor, contnode)


def linked(body: str, entries: Mapping[str, str]) -> str:
    """HTML with links at the public names in its code; only the first of each is a tab stop, and has an id."""
    met = set()

    def link(match: re.Match) -> str:
        name = match[1]
        if name not in entries:
            return match[0]
        if name in met:
            return f'<a class="entry" tabindex="-1" href="{entries[name]}">{match[0]}</a>'
        met.add(name)
        return f'<span id="use-{name}"><a class="entry" href="{entries[name]}">{match[0]}</a></span>'

    return SHOWN.sub(link, body)


def spanned(body: str) -> str:
    """HTML whose signatures have their parameters in spans; Sphinx makes lists of definitions that define nothing."""
    listed = {"<dl>": '<span class="parameters">', "<dd>": "<span>", "</dd>": "</span>", "</dl>": "</span>"}
    return SIGNATURE.sub(lambda found: re.sub("</?d[dl]>", lambda tag: listed[tag[0]], found[0]), body)


def mend_page(app, pagename, templatename, context, doctree):
    if doctree is not None:
        objects = app.env.get_domain("py").objects
        entries = {
            name: f"{app.builder.get_relative_uri(pagename, entry.docname)}#{entry.node_id}"
            for name in ibnotes.__all__
            if (entry := objects.get(f"{PACKAGE}.{name}"))
        }
        context["body"] = spanned(linked(context["body"], entries))


def setup(app):
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"
    app.connect("autodoc-process-docstring", add_uses, priority=900)  # after napoleon
    app.connect("missing-reference", find_public)
    app.connect("html-page-context", mend_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
