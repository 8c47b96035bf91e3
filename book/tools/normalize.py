"""Execute the notebooks in place and bring them to the form that is committed.

usage: python book/tools/normalize.py [--check] [NOTEBOOK ...]

Committed notebooks are executed and carry their text output and execution counts, but no images:
those are rebuilt with the book. With --check nothing is executed or written; the names of
notebooks that are not in that form are printed and the exit status is 1.
"""

import argparse
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbstripout import strip_output

BOOK = Path(__file__).resolve().parents[1]
METADATA = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def execute(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    client = NotebookClient(notebook, timeout=300, record_timing=False, resources={"metadata": {"path": BOOK}})
    return client.execute()


def troubles(notebook: nbformat.NotebookNode) -> list[str]:
    """Outputs that no reader should see. Errors in display hooks reach a cell's output without failing the cell."""
    outputs = [(i, output) for i, cell in enumerate(notebook.cells) for output in cell.get("outputs", [])]
    errors = [f"cell {i}: {output.ename}: {output.evalue}" for i, output in outputs if output.output_type == "error"]
    stderr = [f"cell {i}: {output.text}" for i, output in outputs if output.get("name") == "stderr"]
    return errors + stderr


def normalize(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The committed form: no images, counts kept, no machine's traces in the metadata."""
    notebook = strip_output(notebook, keep_output=True, keep_count=True, keep_id=True)
    kept = {key: notebook.metadata[key] for key in ("mystnb",) if key in notebook.metadata}
    notebook.metadata = nbformat.from_dict({**METADATA, **kept})
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not is_image(output)]
    return notebook


def is_image(output: nbformat.NotebookNode) -> bool:
    return any(kind.startswith("image/") for kind in output.get("data", {}))


def text(notebook: nbformat.NotebookNode) -> str:
    return nbformat.writes(notebook, version=4) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("notebooks", nargs="*", type=Path)
    arguments = parser.parse_args()
    # the ledger reads the others: last
    paths = arguments.notebooks or sorted(
        [*BOOK.glob("*.ipynb"), *BOOK.glob("lab/*.ipynb")], key=lambda path: path.name == "claims.ipynb"
    )
    stale = 0
    for path in paths:
        notebook, begin = nbformat.read(path, as_version=4), time.perf_counter()
        if arguments.check:
            if path.read_text(encoding="utf-8") != text(normalize(notebook)):
                print(f"{path.name} is not normalized: run make notebooks")
                stale = 1
            continue
        executed = execute(notebook)
        if troubles(executed):
            sys.exit(f"{path.name} is left as it was:\n" + "\n".join(troubles(executed)))
        path.write_text(text(normalize(executed)), encoding="utf-8")
        print(f"{path.name}: {time.perf_counter() - begin:.1f} s", flush=True)
    return stale


if __name__ == "__main__":
    sys.exit(main())
