"""Sphinx extension: all that depends on where the repository is.

One setting, ``repository_url`` in ``_config.yml``, gives pages buttons for Binder, Colab and the repository, the
lines that clone and install, "edit", and "report an error" on each page and each statement, filled in with what it is
about. Without it those places say what to do from a checkout. Binder and Colab open notebooks of the branch
``notebooks_branch``, which ``publish.yml`` makes of those that pages offer, or else, where there is none, the sources.

    ```{get-the-book}
    ```

shows the lines.
"""

import re
from dataclasses import dataclass
from html import escape
from urllib.parse import quote, urlsplit

from docutils import nodes
from sphinx.errors import ConfigError
from sphinx.util.docutils import SphinxDirective
from sphinx_proof.nodes import NODE_TYPES

BRANCH = "main"
LAUNCH = {
    "binderhub_url": "https://mybinder.org",
    "colab_url": "https://colab.research.google.com",
    "notebook_interface": "jupyterlab",
}
ISSUE = """{where}

What it says:

What is right, and how you know:
"""


@dataclass(frozen=True)
class Forge:
    """Where a forge has its form for an issue and its editor, below the repository's address."""

    issue: str
    edit: str


GITHUB = Forge("issues/new?title={title}&body={body}", "edit/{branch}/{path}")
GITLAB = Forge("-/issues/new?issue[title]={title}&issue[description]={body}", "-/edit/{branch}/{path}")
FORGEJO = Forge("issues/new?title={title}&body={body}", "_edit/{branch}/{path}")


def forge(url: str) -> Forge:
    """The kind of forge at an address; GitHub's and GitLab's own instances have it in their names."""
    host = urlsplit(url).netloc
    return GITHUB if "github" in host else GITLAB if "gitlab" in host else FORGEJO


def report_url(url: str, what: str, where: str) -> str:
    """The form for an error in ``what``, a label or a page; ``where`` is the line that the report begins with."""
    fields = {"title": f"Error in {what}", "body": ISSUE.format(where=where)}
    return f"{url}/" + forge(url).issue.format(**{name: quote(text, safe="") for name, text in fields.items()})


def edit_url(url: str, path: str) -> str:
    return f"{url}/" + forge(url).edit.format(branch=BRANCH, path=quote(path))


def commands(url: str) -> str:
    """How to get the book and the package, as shell commands."""
    place, package = "# in the folder from which these pages were built", "."
    if url:
        place, package = f"git clone {url} && cd {url.rsplit('/', 1)[1]}", f"git+{url}"
    return f"""{place}
make lab    # the chapters, as notebooks
make book   # these pages
pip install {package}   # the package alone"""


def colophon(url: str, path: str) -> str:
    """The page's last lines: what it is made from, and how to run, edit and report it; HTML."""
    source, is_notebook = f"<code>{escape(path)}</code>", path.endswith(".ipynb")
    if url:
        report = escape(report_url(url, path, f"Page `{path}`"))
        words = (
            f'This page is made from {source}: <a href="{report}">report an error</a>, '
            f'<a href="{escape(edit_url(url, path))}">edit</a>, or <code>git clone {escape(url)}</code> '
            f"and <code>make {'lab' if is_notebook else 'book'}</code>."
        )
        if is_notebook:
            words += f" On Colab, <code>%pip install git+{escape(url)}</code> comes first."
    else:
        words = (
            f"This page is made from {source}. To mend an error, change that file in a checkout of the book, run "
            f"<code>make {'notebooks' if is_notebook else 'book'}</code>, and send the change, or word of the error, "
            "to where the checkout came from."
        )
    return f'<footer class="colophon" id="this-page"><p>{words}</p></footer>\n'


def report_link(url: str, label: str, path: str) -> str:
    """The link in a statement's title; HTML."""
    if not url:
        return f'<a class="report" href="#this-page" title="{escape(label)} in {escape(path)}">report an error</a>'
    href = escape(report_url(url, label, f"`{label}` in `{path}`"))
    return f'<a class="report" href="{href}" title="{escape(label)}">report an error</a>'


def source_path(app, docname: str) -> str:
    """The file that a page is made from; problem sets are released from their sources."""
    return app.env.doc2path(docname, base=False).replace("assignments/release/", "assignments/source/")


class GetTheBook(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        text = commands(self.config.repository_url)
        return [nodes.literal_block(text, text, language="bash")]


def set_buttons(app, config):
    config.repository_url = url = config.repository_url.rstrip("/").removesuffix(".git")
    if url and not re.fullmatch(r"https?://[^/\s]+(/[^/\s]+){2,}", url):
        raise ConfigError(f"repository_url must look like https://github.com/YOU/ibnotes, found {url!r}")
    if url and forge(url) is not FORGEJO:  # the theme stops at a forge that it does not know
        config.html_theme_options = {
            **config.html_theme_options,
            "repository_url": url,
            "repository_branch": BRANCH,
            "launch_buttons": LAUNCH,
            "use_repository_button": True,
            "use_edit_page_button": True,
        }


def link_reports(app, doctree, docname):
    if app.builder.format == "html":
        for box in doctree.findall(lambda node: isinstance(node, tuple(NODE_TYPES.values()))):
            link = report_link(app.config.repository_url, box["label"], source_path(app, docname))
            box[0] += nodes.raw("", f" {link}", format="html")


def add_colophon(app, pagename, templatename, context, doctree):
    if doctree is not None:
        context["body"] += colophon(app.config.repository_url, source_path(app, pagename))


def drop_buttons_of_what_is_not_there(app, pagename, templatename, context, doctree):
    """Released problem sets are made by the build: the repository has their sources, with the answers."""
    if "assignments/release/" in pagename:
        kept = [each for each in context["header_buttons"] if each["label"] not in ("launch-buttons", "source-buttons")]
        context["header_buttons"][:] = kept


def takeaway_address(url: str, path: str, branch: str) -> str:
    """Where a button leads that leads to a source: to the notebook of the same name on the branch that has them all."""
    name = path.rpartition("/")[2]
    return url.replace(f"/{BRANCH}?urlpath=lab/tree/{path}", f"/{branch}?urlpath=lab/tree/{name}").replace(
        f"/blob/{BRANCH}/{path}", f"/blob/{branch}/{name}"
    )


def open_takeaways(app, pagename, templatename, context, doctree):
    """Binder and Colab open what the page offers to take away, where that can be had; the ledger is not among it."""
    branch, path = app.config.notebooks_branch, app.env.doc2path(pagename, base=False) if doctree else ""
    if branch and path.endswith(".ipynb") and not path.endswith("claims.ipynb"):
        for group in context["header_buttons"]:
            for button in group["buttons"] if group["label"] == "launch-buttons" else ():
                button["url"] = takeaway_address(button["url"], path, branch)


def setup(app):
    app.add_config_value("repository_url", "", "env", str)
    app.add_config_value("notebooks_branch", "", "html", str)
    app.add_directive("get-the-book", GetTheBook)
    app.connect("config-inited", set_buttons)
    app.connect("doctree-resolved", link_reports)
    app.connect("html-page-context", add_colophon)
    app.connect("html-page-context", open_takeaways, priority=900)
    app.connect("html-page-context", drop_buttons_of_what_is_not_there, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
