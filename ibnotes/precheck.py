"""A student's own check of a notebook before handing it in: offline, and without what the grader knows.

Problem sets are handed out with a manifest in the notebook's metadata: the file's name, the cells' names, and hashes of
those that should stay as they are.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

MANIFEST = "ibnotes"  # in the notebook's metadata
STUDENT = r"^student *(?:: *str *)?= *[\"']([^\"']*)[\"']"
NO_MANIFEST = "it does not say which problem set it is: work in the notebook as it was handed out"


def manifest(file: str, cells: list[dict]) -> dict[str, object]:
    """What a problem set is handed out with: its file's name; for each named cell the hash of its source, or empty."""
    named = {name_of(cell): cell for cell in cells if name_of(cell)}
    return {"file": file, "cells": {name: digest(cell) if is_given(cell) else "" for name, cell in named.items()}}


def name_of(cell: dict) -> str:
    """The cell's name, or empty."""
    label = cell.get("metadata", {}).get("nbgrader")
    return str(label.get("grade_id", "")) if isinstance(label, dict) else ""


def is_given(cell: dict) -> bool:
    """Whether the cell should stay as it was handed out."""
    label = cell["metadata"]["nbgrader"]
    return not label.get("solution", False)


def source(cell: dict) -> str:
    """The cell's text, which files also keep as a list of lines."""
    return "".join(cell.get("source", ""))


def digest(cell: dict) -> str:
    return hashlib.sha256(source(cell).strip().encode()).hexdigest()[:16]


def complaints(path: Path, run: bool = True) -> Iterator[str]:
    """What is wrong with a notebook that is to be handed in, in words; nothing where all is well.

    Args:
        path: the notebook.
        run: whether to run its cells, in this process, and report the tests that fail.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells, given = notebook["cells"], notebook["metadata"].get(MANIFEST)
        if not all(isinstance(cell, dict) for cell in cells):
            raise TypeError("a cell is not an object")
    except (OSError, ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
        yield f"it is not a notebook: {type(error).__name__}: {error}"
        return
    if not given:
        yield NO_MANIFEST
        return
    if path.name != given["file"]:
        yield f"the grader looks for {given['file']}: rename the file"
    yield from about_cells(cells, given["cells"])
    yield from about_student(cells)
    if run:
        yield from about_tests(cells, given["cells"], path.parent)


def about_cells(cells: list[dict], given: dict[str, str]) -> Iterator[str]:
    """Cells that are missing, doubled or changed."""
    found = Counter(name_of(cell) for cell in cells)
    for name in given:
        if not found[name]:
            yield f"the cell {name} is missing"
        elif found[name] > 1:
            yield f"the cell {name} is there {found[name]} times: the last one counts"
    for cell in cells:
        if given.get(name_of(cell)) and digest(cell) != given[name_of(cell)]:
            yield f"the cell {name_of(cell)} is not as it was handed out: the grader takes the original"


def about_student(cells: list[dict]) -> Iterator[str]:
    """An id that was not filled in: data are drawn from it."""
    code = [source(cell) for cell in cells if cell.get("cell_type") == "code"]
    ids = [text for lines in code for text in re.findall(STUDENT, lines, re.MULTILINE)]
    if not any(map(str.strip, ids)):
        yield 'student = "" is still blank: write your id into the first code cell'


def about_tests(cells: list[dict], given: dict[str, str], folder: Path) -> Iterator[str]:
    """Errors of the cells, run one after another in the notebook's folder."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    shell.reset()  # of what another notebook left
    for number, cell in enumerate((cell for cell in cells if cell.get("cell_type") == "code"), start=1):
        with capture_output(), chdir(folder):
            outcome = shell.run_cell(source(cell))
        error = outcome.error_before_exec or outcome.error_in_exec
        where = f"the test {name_of(cell)}" if given.get(name_of(cell)) else f"code cell {number}"
        if isinstance(error, NotImplementedError):
            yield f"{where}: not answered yet"
        elif error is not None:
            yield f"{where}: {type(error).__name__}: {error}".rstrip(": ")
