"""Sphinx extension: the problem sets as students get them, made by nbgrader before Sphinx looks for its pages.

They are made in a course of their own, so that building the book leaves a gradebook in use alone. Each page begins
with a button that downloads its notebook.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from freshness import folder_hash


def make_release(course: Path) -> None:
    """Bring ``release`` in line with ``source``, if it is not."""
    stamp, current = course / "release" / ".made-from", folder_hash(course / "source")
    if stamp.exists() and stamp.read_text() == current:
        return
    sys.path.insert(0, str(course))
    from grading.course import release

    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(course / "source", Path(scratch, "source"))
        release(Path(scratch))
        shutil.rmtree(course / "release", ignore_errors=True)
        shutil.copytree(Path(scratch, "release"), course / "release")
    stamp.write_text(current)


BUTTON = """<p class="d-print-none"><a class="btn btn-primary" href="{}" download="{}">
<i class="fas fa-download" aria-hidden="true"></i> Download the notebook</a></p>
"""


def offer(app, pagename, templatename, context, doctree):
    """A button below the title."""
    if "assignments/release/" in pagename:
        notebook = context["pathto"](f"_sources/{context['sourcename']}", resource=True)
        title, rest = context["body"].split("</h1>", 1)
        context["body"] = f"{title}</h1>\n{BUTTON.format(notebook, Path(notebook).name)}{rest}"


def setup(app):
    app.connect("html-page-context", offer)
    make_release(Path(app.srcdir, "book", "assignments"))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
