"""Run what a reader takes away as the reader does: outside the checkout, in the environment of this Python.

usage: python tests/fresh.py [NAME ...]

Runs those named of the notebooks that `make lab` lays out, or all but the problem sets, from top to bottom, each alone
in an empty folder, as on Colab. Prints the CPU seconds of each; the exit status is 1 where one stops at an error.
"""

import resource
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "tools"))
import lab  # noqa: E402


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(notebook: Path) -> str:
    """The error at which it stops, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            nbformat.read(notebook, as_version=4), timeout=600, resources={"metadata": {"path": folder}}
        )
        try:
            client.execute()
        except CellExecutionError as error:
            return f"{error.ename}: {error.evalue}"
    return ""


def main() -> int:
    found = {
        Path(name).stem: path for name, path in lab.sources().items() if name.endswith(".ipynb") and "/" not in name
    }
    stopped = 0
    for name in sys.argv[1:] or found:
        before = cpu()
        error = run(found[name])
        print(f"{name}: {cpu() - before:.1f} CPU s {error}".rstrip(), flush=True)
        stopped += bool(error)
    return min(stopped, 1)


if __name__ == "__main__":
    sys.exit(main())
