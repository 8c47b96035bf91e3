"""A submission run in this process, without the kernel that guards the grader from it: for answers that do no harm."""

import json
import warnings
from unittest import mock

from grading import course as grader
from grading.sandbox import Judge, Sandbox, problems
from nbformat.v4 import new_output

from ibnotes import course


def judge(notebook, assignment, student, folder):
    """The notebook as the judge leaves it: in the output of each graded cell, the verdict."""
    run(notebook, assignment, student, folder)
    resources = {"nbgrader": {"student": student, "assignment": assignment}}
    return Judge().preprocess(notebook, resources)[0]


def grade(submissions, folder):
    """Grade under nbgrader as ever, but for the kernel."""

    def execute(sandbox, notebook, resources, km=None):
        run(notebook, resources["nbgrader"]["assignment"], resources["nbgrader"]["student"], folder)
        return notebook, resources

    with mock.patch.object(Sandbox, "preprocess", execute):
        for submission in submissions:
            grader.grade(submission)


def run(notebook, assignment, student, folder):
    """Execute the notebook under its owner's name."""
    inputs = folder / "inputs.json"
    inputs.write_text(
        json.dumps({name: course.as_plain(p.inputs(student)) for name, p in problems(assignment).items()})
    )
    with mock.patch.dict("os.environ", {course.STUDENT: student, course.INPUTS: str(inputs)}):
        execute(notebook)


def execute(notebook):
    """Run the code cells one after another, each to its first error; keep what they display and raise."""
    namespace, code = {}, [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=1):
        cell.execution_count, cell.outputs = number, []
        show = lambda data, raw, outputs=cell.outputs: outputs.append(new_output("display_data", data=data))
        with mock.patch.object(course, "display", show), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a kernel shows them, and goes on
            try:
                exec(cell.source, namespace)
            except Exception as error:
                cell.outputs.append(new_output("error", ename=type(error).__name__, evalue=str(error)))
