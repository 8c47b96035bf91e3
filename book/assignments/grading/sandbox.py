"""Run a submission in a kernel with limits, and judge outside of it what it hands in.

The kernel is the student's: code in it can redefine ``assert``, NumPy, ibnotes, or the display. So nothing that a
kernel says of itself counts. A graded cell earns its points where the answers it handed in, plain numbers, are
right in the eyes of this process, which has run none of the student's code; it reads the code, where a problem says
what may not be used.
"""

import importlib
import json
import os
import tempfile
import time
from datetime import datetime

from jupyter_client.manager import KernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.preprocessors.execute import UnresponsiveKernelError
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Integer

from grading import confinement, shortcuts
from grading.problem import Problem, Wrong
from ibnotes.course import ANSWERS, INPUTS, STUDENT, as_plain


def problems(assignment: str) -> dict[str, Problem]:
    """The autograded problems of an assignment, by the id of the cell that hands each in."""
    return importlib.import_module(f"grading.answers.{assignment}").PROBLEMS


class Unconfinable(RuntimeError):
    """Kernels cannot be confined on this machine; the message says why."""


class Sandbox(Execute):
    """Execute a submission under its owner's name, confined, with limits on time, memory and files."""

    unconfined = Bool(False, help="run students' code with all that the grader may do").tag(config=True)
    seconds = Integer(600, help="for all cells together").tag(config=True)
    memory = Integer(6 * 2**30, help="bytes of address space (Linux; torch reserves about 3 GiB)").tag(config=True)
    file_size = Integer(100 * 2**20, help="bytes of the largest file that the code may write").tag(config=True)
    disk = Integer(400 * 2**20, help="bytes of all files that the code may write (confined)").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict, km=None) -> tuple[NotebookNode, dict]:
        """Execute; where the kernel dies, the cells it did not reach stay without answers."""
        student, assignment = (resources["nbgrader"][key] for key in ("student", "assignment"))
        deadline = time.monotonic() + self.seconds
        self.timeout_func = lambda cell: max(1, min(self.timeout, deadline - time.monotonic()))
        with tempfile.NamedTemporaryFile("w", suffix=".json") as inputs:
            json.dump({name: as_plain(p.inputs(student)) for name, p in problems(assignment).items()}, inputs)
            inputs.flush()
            self.student, self.inputs = student, inputs.name
            try:
                return super().preprocess(nb, resources, km)
            except (CellTimeoutError, DeadKernelError, UnresponsiveKernelError) as error:
                self.log.warning("%s of %s: the kernel was lost (%s)", assignment, student, type(error).__name__)
                return nb, resources

    def create_kernel_manager(self) -> KernelManager:
        """The kernel's manager; a confined one unless that was declined.

        Raises:
            Unconfinable: where it is wanted and cannot be had.
        """
        if self.unconfined:
            return super().create_kernel_manager()
        if confinement.missing():
            raise Unconfinable(confinement.missing())
        self.kernel_manager_class = confinement.ConfinedKernel
        self.shutdown_kernel = "immediate"  # all that it holds ends with it; to tidy up takes torch up to a second
        return super().create_kernel_manager()

    def start_new_kernel(self, **options) -> None:
        limits = confinement.limits(self.memory, self.file_size)
        variables = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", STUDENT: self.student}  # runs agree
        if self.unconfined:
            options |= {"env": {**os.environ, **variables, INPUTS: self.inputs}, "preexec_fn": limits}
        else:
            self.km.confine(self.inputs, variables, limits, self.disk)
        super().start_new_kernel(**options)


class Judge(NbGraderPreprocessor):
    """Decide every autograded cell from what it handed in; say so in its output, which the feedback shows."""

    characters = Integer(1_000_000, help="of the longest output that is kept").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        student, assignment = (resources["nbgrader"][key] for key in ("student", "assignment"))
        resources["seconds"] = {
            cell.metadata.nbgrader["grade_id"]: seconds(cell) for cell in nb.cells if is_grade(cell)
        }
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


def seconds(cell: NotebookNode) -> float | None:
    """How long a cell ran, by its kernel's clock; none where it did not run."""
    try:
        times = (cell.metadata.execution[f"iopub.status.{state}"] for state in ("busy", "idle"))
        start, end = map(datetime.fromisoformat, times)
        return round((end - start).total_seconds(), 3)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


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
