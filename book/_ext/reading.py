"""Sphinx extension: proofs and solutions fold, every id stands once, no line begins with a full stop or a minus.

Proofs and solutions become ``<details>``: they fold without a script, by keyboard too, and the browser's
search opens them. The boxes of sphinx-proof and sphinx-exercise all carry the same ids; they are dropped.
"""

import re

from docutils import nodes
from sphinx_exercise.nodes import solution_node
from sphinx_proof.nodes import proof_node

FORMULA = re.compile(r"""([(\[“]?)(<span class="math notranslate nohighlight">[^<]*</span>)([^\s<]*)""")
TABLE = re.compile(r'<div class="verification".*?</table>', re.DOTALL)
OPERATOR = "(?:[−+·×=≤≥±/→]|&[lg]t;)"
# spaces around an operator, before a function that has a factor, before what a function or a sum is of
IN_FORMULA = re.compile(
    rf" (?={OPERATOR} )|(?<= [−+·×=≤≥±/→]) |(?<= &[lg]t;) "
    r"|(?<=[\d)>½‖Σ]) (?=log|exp)|(?<=\b(?:log|exp)) |(?<=\b(?:max|min)) (?=<)|(?<=[Σ∫]) "
)
REPEATED_IDS = {"proof-content", "exercise-content", "solution-content"}


def visit_proof(self, node):
    node[:] = node[0].children  # the box that sphinx-proof wraps around it
    opening = next(node.findall(nodes.Text))
    opening.parent.replace(opening, nodes.Text(opening.removeprefix("Proof. ")))
    self.body.append('<details class="proof" open="open">\n<summary>Proof</summary>\n')


def visit_solution(self, node):
    node["classes"].remove("dropdown")  # the class by which a script would fold it
    title = node.pop(0)
    self.body.append(self.starttag(node, "details"))
    self.body.append(f"<summary>{title.astext()}</summary>\n")


def depart_details(self, node):
    self.body.append("</details>\n")


def drop_repeated_ids(app, doctree, docname):
    for section in doctree.findall(nodes.section):
        section["ids"] = [name for name in section["ids"] if name not in REPEATED_IDS]


def unbroken(table: str) -> str:
    """A table of checks in whose formulas no line ends."""
    return IN_FORMULA.sub("\u00a0", table)


def mend_html(app, pagename, templatename, context, doctree):
    """Keep formulas with the punctuation around them; docutils gives references a role that ARIA has withdrawn."""
    if "body" in context:
        body = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')
        body = body.replace('<summary aria-label="Toggle hidden content">', "<summary>")  # it says itself what it hides
        body = TABLE.sub(lambda table: unbroken(table[0]), body)
        context["body"] = FORMULA.sub(lambda m: f'<span class="kept">{m[0]}</span>' if m[1] + m[3] else m[0], body)


def setup(app):
    app.add_node(proof_node, override=True, html=(visit_proof, depart_details))
    app.add_node(solution_node, override=True, html=(visit_solution, depart_details))
    app.connect("doctree-resolved", drop_repeated_ids)
    app.connect("html-page-context", mend_html)
    app.set_html_assets_policy("always")  # a preview may have the only formula of a page: reading.js loads MathJax then
    app.add_css_file("reading.css")
    app.add_css_file("print.css", media="print")
    app.add_js_file("reading.js", loading_method="defer")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
