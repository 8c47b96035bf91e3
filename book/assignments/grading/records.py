"""What a grading leaves in the gradebook, and beside it: for each cell what was answered, what was said to it, how long
it ran, and how many answers were graded before.

Marks given by hand stay while the answer they were given for stays, whatever is graded again.
"""

import contextlib
import hashlib
import json
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from nbgrader.utils import is_grade, is_solution
from traitlets import Unicode

from grading.handed_in import write_whole

ONLY = "IBNOTES_ONLY"  # the environment variable by which `nbgrader_config.py` knows which problem to grade again


def path_of(root: Path, assignment: str, student: str) -> Path:
    return root / "receipts" / student / f"{assignment}.answers.json"


def read(path: Path) -> dict[str, dict[str, str]]:
    """For each graded cell ``answer`` (a hash), ``verdict``, ``seconds`` and ``attempts``; empty if there is none."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads(path.read_text(encoding="utf-8"))
    return {}


class SaveGrades(SaveAutoGrades):
    """nbgrader's, which keeps the marks given by hand for an answer that is still the same, and drops the others."""

    only = Unicode("", help="the one problem whose points are to change; empty for all").tag(config=True)
    root = Unicode("", help="folder of the course").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        ids = resources["nbgrader"]
        path = path_of(Path(self.root), ids["assignment"], ids["student"])
        written = "\0".join(cell.source for cell in nb.cells if is_solution(cell))
        self.before = read(path)
        self.now = {}
        for cell in filter(is_grade, nb.cells):
            name, answer = cell.metadata.nbgrader["grade_id"], hashed(cell.source if is_solution(cell) else written)
            before = self.before.get(name, {})
            self.now[name] = {
                "answer": answer,
                "verdict": verdict(cell),
                "seconds": resources.get("seconds", {}).get(name),
                "attempts": before.get("attempts", 0) + (before.get("answer") != answer),
            }
        outcome = super().preprocess(nb, resources)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(self.now))
        return outcome

    def _add_score(self, cell: NotebookNode, resources: dict) -> None:
        name = cell.metadata.nbgrader["grade_id"]
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        marked, unmarked = grade.manual_score, grade.needs_manual_grade
        if self.only and self.only != name:
            return
        super()._add_score(cell, resources)
        if marked is not None and self.before.get(name, {}).get("answer") == self.now[name]["answer"]:
            grade.needs_manual_grade = unmarked
        elif marked is not None and is_solution(cell):
            grade.manual_score, grade.needs_manual_grade = None, True
        self.gradebook.db.commit()


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def verdict(cell: NotebookNode) -> str:
    """What the judge said of an autograded cell that is wrong; empty where it is right, or marked by hand."""
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    return "" if is_solution(cell) or not errors else f"{errors[0].ename}: {errors[0].evalue}"[:300]


def penalize(api, assignment: str, student: str) -> None:
    """Set lateness and penalty anew, as nbgrader's plugin has them: due dates may have changed since the grading."""
    with Gradebook(api.coursedir.db_url) as gradebook:
        notebooks = [notebook.name for notebook in gradebook.find_submission(assignment, student).notebooks]
    for notebook in notebooks:
        names = {"notebook": notebook, "assignment": assignment, "student": student, "db_url": api.coursedir.db_url}
        AssignLatePenalties(parent=api).preprocess(NotebookNode(cells=[], metadata={}), {"nbgrader": names})
