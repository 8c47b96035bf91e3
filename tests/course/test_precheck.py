"""What students can check before they hand in."""

import os
import subprocess
import sys

import nbformat
import pytest

from ibnotes.precheck import MANIFEST, NO_MANIFEST, complaints, manifest
from tests.course.small_course import DOUBLE, notebook, write


def handed_out(**answers):
    """The problem set as students get it, answered."""
    nb = notebook(**answers)
    nb.cells[0].source = 'student = "ada"'
    for cell in nb.cells:
        cell.source = cell.source.split("### BEGIN HIDDEN")[0]
    nb.metadata[MANIFEST] = manifest("small.ipynb", nb.cells)
    return nb


def checked(folder, content, name="small.ipynb"):
    write(folder / name, content)
    return list(complaints(folder / name, run=False))


def test_a_notebook_that_is_ready(tmp_path):
    assert checked(tmp_path, handed_out()) == []


def renamed(nb):
    return nb, "small (1).ipynb"


def deleted(nb):
    del nb.cells[3]
    return nb, "small.ipynb"


def doubled(nb):
    nb.cells.append(nbformat.from_dict({**nb.cells[3], "id": "another"}))
    return nb, "small.ipynb"


def edited(nb):
    nb.cells[3].source = "pass"
    return nb, "small.ipynb"


def nameless(nb):
    nb.cells[0].source = "student = ''  # such as \"ada\""
    return nb, "small.ipynb"


def stripped(nb):
    nb.metadata.pop(MANIFEST)
    return nb, "small.ipynb"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (renamed, "the grader looks for small.ipynb"),
        (deleted, "the cell double is missing"),
        (doubled, "the cell double is there 2 times"),
        (edited, "the cell double is not as it was handed out"),
        (nameless, "write your id"),
        (stripped, NO_MANIFEST),
    ],
)
def test_what_is_wrong_is_said(tmp_path, spoil, words):
    (line,) = checked(tmp_path, *spoil(handed_out()))
    assert words in line


@pytest.mark.parametrize(
    "content", ["", "[1]", "{}", '{"cells": [], "metadata": 3}', '{"cells": [1], "metadata": {}}', "[" * 10**5, b"\xff"]
)
def test_what_is_no_notebook_is_said(tmp_path, content):
    (line,) = checked(tmp_path, content)
    assert "it is not a notebook" in line


def test_a_file_that_is_not_there(tmp_path):
    assert "FileNotFoundError" in next(complaints(tmp_path / "none.ipynb"))


@pytest.mark.slow
def test_the_command_runs_the_tests_that_students_see(tmp_path):
    write(tmp_path / "small.ipynb", handed_out(answer="raise NotImplementedError  # your answer"))
    write(tmp_path / "wrong" / "small.ipynb", handed_out(double=DOUBLE.replace("x + x", "x"), answer="answer = 0.5"))
    write(tmp_path / "right" / "small.ipynb", handed_out(answer="answer = 0.5"))
    names = ["small.ipynb", "wrong/small.ipynb", "right/small.ipynb"]
    command = [sys.executable, "-m", "ibnotes", "check"]
    found = [subprocess.run([*command, name], cwd=tmp_path, capture_output=True, text=True) for name in names]
    assert [run.returncode for run in found] == [1, 1, 0]
    unanswered, wrong, right = (run.stdout for run in found)
    assert "code cell 5: not answered yet" in unanswered
    assert "the test double: AssertionError: twice one is two" in wrong
    assert right == "right/small.ipynb: ready to hand in\n"


@pytest.mark.slow
def test_each_notebook_is_run_as_if_alone(tmp_path):
    """What one defines the next does not have, and paths stay relative to where the command was given."""
    first, second = handed_out(), handed_out()
    first.cells.append(nbformat.v4.new_code_cell("left_over = 1"))
    second.cells.append(nbformat.v4.new_code_cell("left_over"))
    write(tmp_path / "one" / "small.ipynb", first)
    write(tmp_path / "two" / "small.ipynb", second)
    names = ["one/small.ipynb", "two/small.ipynb"]
    command = [sys.executable, "-m", "ibnotes", "check", *names]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    one, two = ran.stdout.split("two/small.ipynb:")
    assert "NameError: name 'left_over' is not defined" in two
    assert "left_over" not in one


def test_an_ascii_terminal_has_what_it_lacks_spelled(tmp_path):
    cell = nbformat.v4.new_code_cell("raise ValueError('‖w‖² ≤ λ')")
    path = tmp_path / "small.ipynb"
    nb = handed_out()
    nb.cells.append(cell)
    write(path, nb)
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    ran = subprocess.run(
        [sys.executable, "-m", "ibnotes", "check", str(path)], capture_output=True, text=True, env=environment
    )
    assert "ValueError: ||w||^2 <= lambda" in ran.stdout, ran.stderr
