"""Sphinx extension: under each entry of the bibliography, the pages that cite it."""

from collections import defaultdict

from docutils import nodes

PAGE = "book/bibliography"


def add_pages(app, doctree, page):
    if page != PAGE:
        return
    domain = app.env.get_domain("cite")
    citing = defaultdict(set)
    for reference in domain.citation_refs:
        for target in reference.targets:
            citing[target.key].add(reference.docname)
    key_of = {citation.citation_id: citation.key for citation in domain.citations}
    order = {name: place for place, name in enumerate(app.env.toctree_includes[app.config.root_doc])}
    for entry in doctree.findall(nodes.citation):
        found = sorted(citing[key_of[entry["ids"][0]]], key=lambda name: order.get(name, len(order)))
        entry += nodes.paragraph("", "Cited in ", *links(app, found), classes=["cited-in"])


def links(app, found):
    for place, name in enumerate(found):
        if place:
            yield nodes.Text(", ")
        uri = app.builder.get_relative_uri(PAGE, name)
        yield nodes.reference("", app.env.titles[name].astext(), internal=True, refuri=uri)


def setup(app):
    app.connect("env-updated", lambda app, env: [PAGE])
    app.connect("doctree-resolved", add_pages)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
