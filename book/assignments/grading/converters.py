"""nbgrader's converters, made to take names literally, to follow no link, and to start from labels that are true.

nbgrader puts a student's id and folder into glob patterns, copies what links point to, and believes the metadata of
the cells. To import this module changes that, for Formgrader and the command line too.
"""

import fnmatch
import glob
import mimetypes
import os
import re
import shutil
from pathlib import Path

import nbgrader.converters.base as base
import nbgrader.utils
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import NbGraderPreprocessor

from grading.clean import closed
from grading.handed_in import regular_files
from ibnotes import precheck

PICTURES = {".png", ".jpg", ".jpeg", ".gif"}
EXCHANGED = {"timestamp.txt", "submission_secret.txt"}  # by which the exchange gives feedback to its student
# what the graded copy keeps of the files beside the notebook, by what servers take them for: nothing that can run
KINDS = {None, "text/plain", "text/csv", "text/tab-separated-values", "text/x-python", "application/json"}
KINDS |= {"image/png", "image/jpeg", "image/gif", "application/pdf", "application/zip"}


def literal(name: str) -> str:
    """A student's id as nbgrader should get it, which strips blanks at the ends of what it gets."""
    return re.sub(r"^\s|\s$", lambda blank: f"[{blank[0]}]", glob.escape(name)) if name != name.strip() else name


def find_notebooks(converter) -> None:
    """The notebooks of the submission with exactly this name; failing that, what its pattern matches."""
    pattern = converter._format_source(converter.coursedir.assignment_id, converter.coursedir.student_id)
    folders = [pattern] if os.path.isdir(pattern) else sorted(glob.glob(pattern))
    converter.assignments = {}
    wanted = f"{converter.coursedir.notebook_id}.ipynb"
    for folder in folders:
        names = sorted(path.name for path in Path(folder).glob(wanted) if not path.is_symlink())
        converter.assignments |= {folder: [os.path.join(folder, name) for name in names]} if names else {}
    converter.notebooks = []
    if not converter.assignments:
        raise base.NbGraderException(f"no notebook in {pattern}")


def find_files(path: str, exclude: list[str] | None = None) -> list[str]:
    """nbgrader's `find_all_files` without links, and without what a browser would run."""
    files = [file.relative_to(path) for file in regular_files(Path(path))]
    return [str(Path(path, file)) for file in files if not is_left_out(file, exclude or [])]


def is_left_out(file: Path, patterns: list[str]) -> bool:
    ignored = any(fnmatch.fnmatchcase(part, pattern) for part in file.parts for pattern in patterns)
    return ignored or mimetypes.guess_type(file.name)[0] not in KINDS


def copy_beside(converter, assignment: str, student: str) -> None:
    """Of what was handed in beside the notebook, feedback shows the pictures; the exchange has notes of its own."""
    source, target = Path(converter._format_source(assignment, student)), converter._format_dest(assignment, student)
    for file in regular_files(source):
        if file.suffix.lower() in PICTURES or str(file.relative_to(source)) in EXCHANGED:
            copy = Path(target, file.relative_to(source))
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


def write_page(converter, output: str, resources: dict) -> None:
    """Write feedback, in which nothing may run."""
    base.BaseConverter.write_single_notebook(converter, closed(output), resources)


base.BaseConverter.init_notebooks = find_notebooks
base.find_all_files = nbgrader.utils.find_all_files = find_files
GenerateFeedback.init_assignment = copy_beside
GenerateFeedback.write_single_notebook = write_page


class Manifest(NbGraderPreprocessor):
    """Write into a problem set what `python -m ibnotes check` compares with."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        nb.metadata[precheck.MANIFEST] = precheck.manifest(f"{resources['nbgrader']['notebook']}.ipynb", nb.cells)
        return nb, resources


class Relabel(NbGraderPreprocessor):
    """Give each cell of the problem set the labels that it was handed out with, and none to copies and strangers."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        labels = self._labels(resources["nbgrader"])
        left = dict(labels)
        for cell in reversed(nb.cells):  # of copies the last counts
            claimed = cell.metadata.pop("nbgrader", None)
            name = claimed.get("grade_id") if isinstance(claimed, dict) else None
            if isinstance(name, str) and name in left:
                cell.metadata["nbgrader"] = left.pop(name)
        self._restore(nb, labels)
        return nb, resources

    def _labels(self, ids: dict[str, str]) -> dict[str, dict]:
        """For each cell of the problem set, in its order, what nbgrader notes in its metadata."""
        with Gradebook(ids["db_url"]) as gradebook:
            notebook = gradebook.find_notebook(ids["notebook"], ids["assignment"])
            points = {cell.name: cell.max_score for cell in notebook.grade_cells}
            answers = {cell.name for cell in notebook.solution_cells}
            self.sources = {cell.name: (cell.cell_type, cell.source) for cell in notebook.source_cells}
            return {
                cell.name: {
                    "schema_version": 3,
                    "grade_id": cell.name,
                    "cell_type": cell.cell_type,
                    "checksum": cell.checksum,
                    "locked": cell.locked,
                    "solution": cell.name in answers,
                    "task": False,
                    "grade": cell.name in points,
                    **({"points": points[cell.name]} if cell.name in points else {}),
                }
                for cell in notebook.source_cells
            }

    def _restore(self, nb: NotebookNode, labels: dict[str, dict]) -> None:
        """Put graded cells that are missing behind the cell that they followed."""
        last = -1
        for name, label in labels.items():
            found = [k for k, cell in enumerate(nb.cells) if cell.metadata.get("nbgrader") == label]
            if found or not label["grade"]:
                last = max(found, default=last)
                continue
            kind, source = self.sources[name]
            new = new_code_cell if kind == "code" else new_markdown_cell
            last += 1
            nb.cells.insert(last, new(source, metadata={"nbgrader": label}))
