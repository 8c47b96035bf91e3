"""Sphinx extension: never a stale page.

jupyter-cache keys an execution on the notebook's text alone. Every chapter imports ibnotes, some read tables, and all
depend on what is installed: so the cache lives in a folder named by a hash of these, and a change of any re-executes
all of them (Sphinx re-reads every page when this setting changes). The ledger reads the other notebooks: they are
declared as its dependencies, and its notebook metadata forces its execution whenever it is read.

Sphinx copies style sheets and scripts only when some page is written: their hash is a setting too, one that
makes it write every page anew, without executing anything.
"""

import hashlib
import os
import sys
import sysconfig
from importlib.metadata import distributions
from pathlib import Path

LEDGER = "book/claims"
NOT_RUN = ("ibnotes", "jupyterlab_myst")  # its sources say more than its version; and what only shows text
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"  # the kernels inherit it: runs agree
os.environ["TQDM_DISABLE"] = "1"  # on a busy machine a progress bar would appear, and count as a warning


def folder_hash(folder: Path) -> str:
    """Hash of every source file below ``folder``, name and content."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.parent.name != "__pycache__":
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def cache_path(root: Path) -> Path:
    """Where the executions lie that are those of this package, these tables, this Python and what is installed."""
    folders = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})  # sys.path may have grown
    found = distributions(path=folders)
    installed = sorted({f"{each.name}=={each.version}" for each in found if each.name not in NOT_RUN})
    parts = [folder_hash(root / "ibnotes"), folder_hash(root / "book" / "data"), sys.version, *installed]
    return root / "_build" / ".jupyter_cache" / hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def key_cache_on_what_notebooks_use(app, config):
    config.nb_execution_cache_path = str(cache_path(Path(app.srcdir)))


def write_pages_anew_with_new_static_files(app, config):
    config.html_context = {**config.html_context, "static_hash": folder_hash(Path(app.srcdir, "book", "_static"))}


def declare_what_the_ledger_reads(app, docname, source):
    if docname == LEDGER:
        for path in (*Path(app.srcdir, "book").glob("*.ipynb"), Path(app.srcdir, "book", "claims.toml")):
            app.env.note_dependency(str(path))


def setup(app):
    app.connect("config-inited", key_cache_on_what_notebooks_use)
    app.connect("config-inited", write_pages_anew_with_new_static_files)
    app.connect("source-read", declare_what_the_ledger_reads)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
