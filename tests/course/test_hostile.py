"""Hostile and broken submissions: each is graded or reported, and none touches another's grade."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from tests.course import small_course
from tests.course.small_course import DOUBLE, cell, make_course, notebook, write

pytestmark = pytest.mark.slow

WRONG = "def double(x):\n    return 3 * x\n"  # wrong on the visible instance too


def without(nb, grade_id):
    nb.cells = [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") != grade_id]
    return nb


def edited(nb, which, source, **metadata):
    found = next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == which)
    found.source = source
    found.metadata.nbgrader.update(metadata)
    return nb


def joined(nb, extra):
    nb.cells.append(extra)
    return nb


def tripled(nb):
    """The graded cells three times over."""
    nb.cells += [nbformat.from_dict({**cell, "id": f"{cell.id}{k}"}) for cell in nb.cells[2:] for k in range(2)]
    return nb


NO_ASSERT = """
import ast
class Silence(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
get_ipython().ast_transformers.append(Silence())
"""
FORGED_RECORD = """
from IPython.display import display
def forge(problem, answer):
    record = {"problem": problem, "answers": [{"value": [0.0, 0.0, 0.0, 0.0]}] * 3, "right": True, "score": 3}
    display({ibnotes.course.ANSWERS: json.dumps(record)}, raw=True)
"""

# name: what is handed in as small.ipynb, or as several files; points that it is worth, or None where it is reported
GRADED = {
    "honest": (notebook(), 5),
    "infinite loop": (notebook(double="while True:\n    pass"), 2),
    "loop that ignores interrupts": (
        notebook(double="import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"),
        0,
    ),
    "loop in the function": (notebook(double="def double(x):\n    while x.shape != (2,): pass\n    return x + x"), 2),
    "memory at once": (notebook(double="bytes(10**12)"), 2),
    "memory bit by bit": (notebook(double="hoard = []\nwhile True: hoard.append(bytearray(10**8))"), 2),
    "exit": (notebook(double="exit()"), {0, 2}),  # the kernel may or may not reach the other problem first
    "exit at the end": (notebook(answer="import os\nos._exit(0)"), 3),
    "kernel killed": (notebook(double="import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"), 0),
    "test deleted": (without(notebook(), "double"), 5),
    "test deleted, answer wrong": (without(notebook(double=WRONG), "double"), 2),
    "answer deleted": (without(notebook(), "double-answer"), 2),
    "test emptied": (edited(notebook(double=WRONG), "double", "pass"), 2),
    "points raised": (edited(notebook(double=WRONG), "number", "pass", points=1000), 2),
    "set-up edited": (edited(notebook(), "setup", "import nothing_of_the_kind"), 5),
    "cells tripled": (tripled(notebook(double=WRONG)), 2),
    "a cell of another set": (joined(notebook(), cell("1 / 0", "elsewhere", points=9)), 5),
    "asserts taken out": (notebook(double=NO_ASSERT + WRONG), 2),
    "AssertionError renamed": (notebook(double=WRONG + "import builtins\nbuiltins.AssertionError = print"), 2),
    "always equal": (
        notebook(
            double="class Yes(float):\n    __eq__ = lambda a, b: np.ones(2, bool)\n    __hash__ = None\n"
            "def double(x):\n    return Yes(1)"
        ),
        2,
    ),
    "hand_in replaced": (notebook(double=NO_ASSERT + WRONG + "hand_in = lambda *a: None"), 0),
    "record forged": (notebook(double=NO_ASSERT + "import json\n" + FORGED_RECORD + WRONG + "hand_in = forge"), 0),
    "ibnotes patched": (
        notebook(
            double=NO_ASSERT + WRONG + "ibnotes.course.as_plain = lambda value: 0.0\nibnotes.course.json = None",
        ),
        0,
    ),
    "NumPy patched": (notebook(double=NO_ASSERT + WRONG + "np.allclose = np.array_equal = lambda *a, **k: True"), 2),
    "score displayed": (notebook(double=NO_ASSERT + WRONG + "def hand_in(*a):\n    return 3.0"), 0),
    "another's number": (notebook(answer="answer = ibnotes.course.student_rng('honest', 'ps0').random()"), 5),
    "another's number, typed": (notebook(answer="answer = 0.123456789"), 3),
    "another's name": (
        notebook(
            answer="import os\nos.environ[ibnotes.course.STUDENT] = 'honest'\nanswer = "
            "ibnotes.course.student_rng('honest', 'ps0').random()"
        ),
        3,
    ),
    "50 MB of output": (notebook(double=DOUBLE + "\nfor _ in range(50):\n    print('x' * 10**6)"), 5),
    "a million lines": (notebook(double=DOUBLE + "\nprint('x\\n' * 10**6)"), 5),
    "a file of 1 GB": (notebook(double="with open('big', 'wb') as f:\n    f.write(bytes(10**9))"), 2),
    "Zoë Ñandú 雪": (notebook(), 5),
    "o'neil; drop table grade": (notebook(), 5),
    "a cell of one's own": (joined(notebook(), new_code_cell("1 / 0")), 5),
    "a file beside it": ({"small.ipynb": notebook(), "numpy.py": "raise ImportError('mine')"}, 0),
}
REPORTED = {
    "test declared an answer": edited(notebook(), "double", "pass", solution=True, grade=False),
    "invalid JSON": '{"cells": [',
    "empty file": "",
    "no notebook": {"essay.txt": "I did it, I promise."},
    "another name": {"mine.ipynb": notebook()},
    "not a notebook": json.dumps({"a": 1}),
    "binary": bytes(range(256)) * 100,
    "a list": "[1, 2]",
    "grader killed": notebook(double="import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    root = tmp_path_factory.mktemp("hostile") / "course"
    make_course(root)
    for student, content in {**{name: c for name, (c, _) in GRADED.items()}, **REPORTED}.items():
        files = content if isinstance(content, dict) and "cells" not in content else {"small.ipynb": content}
        for name, text in files.items():
            write(root / "submitted" / student / "ps0" / name, text)
    return root, *small_course.grade(root)


@pytest.mark.parametrize("student", GRADED)
def test_it_is_graded(graded, student):
    _, _, rows = graded
    assert rows[student]["trouble"] == ""
    points = GRADED[student][1]
    assert float(rows[student]["score"]) in (points if isinstance(points, set) else {points})
    assert rows[student]["to_mark_by_hand"] == "False"


@pytest.mark.parametrize("student", REPORTED)
def test_it_is_reported(graded, student):
    _, printed, rows = graded
    assert rows[student]["trouble"]
    assert float(rows[student]["score"]) == 0
    assert f"{student}, ps0: {rows[student]['trouble']}" in printed


def test_feedback_stays_small(graded):
    root, _, _ = graded
    assert max(path.stat().st_size for path in (root / "feedback").rglob("*.html")) < 5e6
