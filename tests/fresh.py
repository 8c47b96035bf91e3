"""Run what a reader takes away as the reader does: outside the checkout, in the environment of this Python.

usage: python tests/fresh.py [NAME ...]

Lays the notebooks out as `make lab` does, in a folder of its own, and runs those named, or all but the problem sets,
from top to bottom. Prints the CPU seconds of each; the exit status is 1 where one stops at an error.
"""

import datetime
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


def run(path: Path) -> str:
    """The error at which it stops, or nothing."""
    client = NotebookClient(
        nbformat.read(path, as_version=4), timeout=600, resources={"metadata": {"path": path.parent}}
    )
    try:
        client.execute()
    except CellExecutionError as error:
        return f"{error.ename}: {error.evalue}"
    return ""


def main() -> int:
    found = lab.sources()
    names = sys.argv[1:] or [Path(name).stem for name in found if name.endswith(".ipynb") and "/" not in name]
    stopped = 0
    with tempfile.TemporaryDirectory() as folder:
        lab.lay_out(Path(folder), found, datetime.date.today())
        for name in names:
            before = cpu()
            error = run(Path(folder, f"{name}.ipynb"))
            print(f"{name}: {cpu() - before:.1f} CPU s {error}".rstrip(), flush=True)
            stopped += bool(error)
    return min(stopped, 1)


if __name__ == "__main__":
    sys.exit(main())
