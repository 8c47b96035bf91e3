"""Sphinx extension: figures that live in the page, without kernel and network.

    ```{explorable} max_margin
    :name: explore-max-margin
    Caption: what to try, and what to see.
    ```

makes a numbered figure in which ``_static/explorables/max_margin.js`` mounts itself. A script names the scripts
it builds on in its first line, ``// needs logistic.js widgets.js``; only pages with an explorable load any. Raw
HTML with ``data-explorable="max_margin"`` loads the same.
"""

import re
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

FOLDER = Path(__file__).resolve().parent.parent / "_static" / "explorables"
MOUNT = """<div id="{name}-{number}" data-explorable="{name}"></div>
<noscript><p>This figure is live: it needs JavaScript, which is switched off here.</p></noscript>
"""


def scripts(folder: Path, name: str) -> list[str]:
    """``name`` and all that it needs, in the order in which they must be loaded."""
    first, _, _ = (folder / name).read_text(encoding="utf-8").partition("\n")
    needed = re.fullmatch(r"// needs (.+)", first)
    before = [script for need in needed[1].split() for script in scripts(folder, need)] if needed else []
    return list(dict.fromkeys([*before, name]))


class Explorable(SphinxDirective):
    """A figure with a mount point for one script; its content is the caption, one paragraph."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"name": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if not (FOLDER / f"{name}.js").exists():
            raise self.error(f"no explorable {name!r} in {FOLDER}")
        caption = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, caption)
        if [type(node) for node in caption] != [nodes.paragraph]:
            raise self.error(f"the caption of explorable {name!r} must be one paragraph")
        mount = MOUNT.format(name=name, number=self.env.new_serialno("explorable"))
        figure = nodes.figure("", nodes.raw("", mount, format="html"), classes=["explorable"])
        figure += nodes.caption("", "", *caption[0].children)
        self.add_name(figure)
        return [figure]


def load_what_the_page_needs(app, pagename, templatename, context, doctree):
    raw = doctree.findall(nodes.raw) if doctree else []
    names = [name for node in raw for name in re.findall(r'data-explorable="(\w+)"', node.astext())]
    for script in dict.fromkeys(script for name in names for script in scripts(FOLDER, f"{name}.js")):
        app.add_js_file(f"explorables/{script}", loading_method="defer")
    if names:
        app.add_css_file("explorables/explorables.css")


def setup(app):
    app.add_directive("explorable", Explorable)
    app.connect("html-page-context", load_what_the_page_needs)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
