"""Run a submission in a kernel with limits, and judge outside of it what it hands in.

The kernel is the student's: code in it can redefine ``assert``, NumPy, ibnotes, or the display. So nothing that a
kernel says of itself counts. A graded cell earns its points where the answers it handed in, plain numbers, are
right in the eyes of this process, which has run none of the student's code; it reads the code, where a problem says
what may not be used.
"""

import importlib
import json
import os
import resource
import tempfile
import time

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.preprocessors.execute import UnresponsiveKernelError
from nbgrader.utils import is_grade, is_solution
from traitlets import Integer

from grading import shortcuts
from grading.problem import Problem, Wrong
from ibnotes.course import ANSWERS, INPUTS, STUDENT, as_plain


def problems(assignment: str) -> dict[str, Problem]:
    """The autograded problems of an assignment, by the id of the cell that hands each in."""
    return importlib.import_module(f"grading.answers.{assignment}").PROBLEMS


class ForgetStrangers(NbGraderPreprocessor):
    """Make plain cells of copied ones, and of those from elsewhere: nbgrader 0.9.6 fails on them."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        ids = resources["nbgrader"]
        with Gradebook(ids["db_url"]) as gradebook:
            known = {cell.name for cell in gradebook.find_notebook(ids["notebook"], ids["assignment"]).source_cells}
        for cell in nb.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") not in known:
                cell.metadata.pop("nbgrader", None)
        return nb, resources


class Sandbox(Execute):
    """Execute a submission under its owner's name, with limits on time, memory and files."""

    seconds = Integer(600, help="for all cells together").tag(config=True)
    memory = Integer(6 * 2**30, help="bytes of address space (Linux; torch reserves about 3 GiB)").tag(config=True)
    file_size = Integer(100 * 2**20, help="bytes of the largest file that the code may write").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict, km=None) -> tuple[NotebookNode, dict]:
        """Execute; where the kernel dies, the cells it did not reach stay without answers."""
        student, assignment = (resources["nbgrader"][key] for key in ("student", "assignment"))
        deadline = time.monotonic() + self.seconds
        self.timeout_func = lambda cell: max(1, min(self.timeout, deadline - time.monotonic()))
        with tempfile.NamedTemporaryFile("w", suffix=".json") as inputs:
            json.dump({name: as_plain(p.inputs(student)) for name, p in problems(assignment).items()}, inputs)
            inputs.flush()
            self.environment = {STUDENT: student, INPUTS: inputs.name}
            try:
                return super().preprocess(nb, resources, km)
            except (CellTimeoutError, DeadKernelError, UnresponsiveKernelError) as error:
                self.log.warning("%s of %s: the kernel was lost (%s)", assignment, student, type(error).__name__)
                return nb, resources

    def start_new_kernel(self, **kwargs) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", **self.environment}  # runs agree
        super().start_new_kernel(env=environment, preexec_fn=self._limit, **kwargs)

    def _limit(self) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (self.memory, self.memory))
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.file_size, self.file_size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Judge(NbGraderPreprocessor):
    """Decide every autograded cell from what it handed in; say so in its output, which the feedback shows."""

    characters = Integer(1_000_000, help="of the longest output that is kept").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        student, assignment = (resources["nbgrader"][key] for key in ("student", "assignment"))
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = [output for output in cell.outputs if len(json.dumps(output)) < self.characters]
                if is_grade(cell) and not is_solution(cell):
                    name = cell.metadata.nbgrader["grade_id"]
                    cell.outputs = self._decide(problems(assignment)[name], name, student, cell.outputs, nb.cells)
        return nb, resources

    def _decide(self, problem: Problem, name: str, student: str, outputs: list, cells: list) -> list:
        errors = [output for output in outputs if output.output_type == "error"]
        if errors:
            return errors
        try:
            verdict = problem.judge(student, handed_in(name, outputs))
            shortcuts.check(problem.without, name, cells)
        except Wrong as wrong:
            return [new_output("error", ename="Wrong", evalue=str(wrong), traceback=[f"Wrong: {wrong}"])]
        return [new_output("stream", name="stdout", text=verdict + "\n")]


def handed_in(name: str, outputs: list) -> list[dict[str, object]]:
    """The answers to problem ``name`` in a cell's outputs.

    Raises:
        Wrong: where there is none, or no such thing as `ibnotes.hand_in` writes.
    """
    records = [output.data[ANSWERS] for output in outputs if ANSWERS in output.get("data", {})]
    try:
        record = json.loads(records[-1])
        answers = record["answers"]
        if record["problem"] == name and all(isinstance(answer, dict) for answer in answers):
            return answers
    except (IndexError, KeyError, TypeError, ValueError):
        pass
    raise Wrong("nothing was handed in: the cell did not run to its end")
