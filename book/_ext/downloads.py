"""Sphinx extension: the notebook that a page offers is the executed one, with its figures.

Committed notebooks carry no images; the build has them in its cache.
"""

from contextlib import suppress
from pathlib import Path

import nbformat
from jupyter_cache import get_cache


def put_figures_into_downloads(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    cache = get_cache(app.config.nb_execution_cache_path)
    for path in sorted(Path(app.srcdir, "book").glob("*.ipynb")):
        with suppress(KeyError):  # the ledger is not in the cache: it executes anew each time, and has no figures
            _, notebook = cache.merge_match_into_notebook(nbformat.read(path, as_version=4))
            nbformat.write(notebook, Path(app.outdir, "_sources", "book", path.name))


def setup(app):
    app.connect("build-finished", put_figures_into_downloads)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
