"""A course with one small problem set, for the tests that hand in what no student should."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from grading.confinement import missing
from grading.course import HERE
from nbformat.v4 import new_code_cell, new_notebook

UNCONFINED = ["--unconfined"] if missing() else []  # a container that forbids namespaces
ROOT = Path(__file__).resolve().parents[2]
ANSWERS = """
import ibnotes.course
from grading.problem import Function, Value

def cases(student):
    rng = ibnotes.course.student_rng(student, "ps0 double")
    return [((x,), 2 * x) for x in rng.standard_normal((3, 4))]

def number(student):
    return ibnotes.course.student_rng(student, "ps0").random()

PROBLEMS = {"double": Function(cases), "number": Value(number)}
"""
LIMITS = "\nc.Sandbox.timeout = 4\nc.Sandbox.seconds = 30\nc.Sandbox.memory = 2 * 2**30\nc.Sandbox.file_size = 2**20\n"
LIMITS += "c.Sandbox.disk = 2**26\n"
DOUBLE = "def double(x):\n    return x + x"
TESTS = """assert (double(np.ones(2)) == 2).all(), "twice one is two"
### BEGIN HIDDEN TESTS
hand_in("double", double)
### END HIDDEN TESTS"""
NUMBER = """assert isinstance(answer, float), "a number is due"
### BEGIN HIDDEN TESTS
hand_in("number", answer)
### END HIDDEN TESTS"""


def cell(source, grade_id, points=None, solution=False):
    fields = {"grade": points is not None, "solution": solution, "locked": not solution, "task": False}
    nbgrader = {"schema_version": 3, "grade_id": grade_id, **fields}
    return new_code_cell(source, metadata={"nbgrader": nbgrader | ({"points": points} if points else {})})


def notebook(double=DOUBLE, answer="answer = ibnotes.course.student_rng(student, 'ps0').random()"):
    """The problem set, solved: ``double`` is worth 3 points, ``number`` 2."""
    solved = "### BEGIN SOLUTION\n{}\n### END SOLUTION".format
    return new_notebook(
        cells=[
            new_code_cell('student = ""'),
            cell("import ibnotes.course\nimport numpy as np\nfrom ibnotes.course import hand_in", "setup"),
            cell(solved(double), "double-answer", solution=True),
            cell(TESTS, "double", points=3),
            cell(solved(answer), "number-answer", solution=True),
            cell(NUMBER, "number", points=2),
        ],
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    )


def make_course(root):
    """The course's own folder, with this problem set in place of the others, and tight limits."""
    shutil.copytree(HERE, root, ignore=shutil.ignore_patterns("source", "ps*.py", "__pycache__", "release", "*.db"))
    (root / "grading" / "answers" / "ps0.py").write_text(ANSWERS)
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(LIMITS)
    write(root / "source" / "ps0" / "small.ipynb", notebook())


def write(path, content):
    """A notebook, a text, or bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else nbformat.writes(content), encoding="utf-8")


def command(root, *arguments, environment=()):
    """``python -m grading``, as a process not yet waited for."""
    environment = {**os.environ, **dict(environment), "PYTHONPATH": f"{root}{os.pathsep}{ROOT}"}
    return subprocess.Popen(
        [sys.executable, "-m", "grading", *arguments, "--course", str(root), *UNCONFINED],
        cwd=root,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def grade(root, environment=()):
    """Grade all; what it printed, and the rows of ``marks.csv`` by student."""
    process = command(root, "grade", "--jobs", "2", environment=environment)
    printed, _ = process.communicate(timeout=3600)  # two hundred, on a machine with much else to do
    assert process.returncode == 0, printed
    with (root / "marks.csv").open(encoding="utf-8") as file:
        return printed, {row["student"]: row for row in csv.DictReader(file)}
