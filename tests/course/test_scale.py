"""A class hands in, and the grading is killed in the middle: nothing is lost, nothing is done twice.

``make test-course`` grades 200; the suite, fewer.
"""

import csv
import os
import signal
import time

import pytest

from tests.course.small_course import command, grade, make_course, notebook, write

STUDENTS = int(os.environ.get("IBNOTES_STUDENTS", "6"))
DOUBLED = "def double(x):\n    return x + x"
KINDS = {5: DOUBLED, 2: "def double(x):\n    return x**2 + 1"}  # points to an answer; both pass what students see

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A course whose grading was killed after some of it: the folder, and when each receipt was written."""
    root = tmp_path_factory.mktemp("scale") / "course"
    make_course(root)
    for k in range(STUDENTS):
        write(root / "submitted" / f"student-{k:03}" / "ps0" / "small.ipynb", notebook(double=KINDS[expected(k)]))
    process = command(root, "grade", "--jobs", "2")
    while len(receipts(root)) < STUDENTS // 4:
        assert process.poll() is None, process.communicate()
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    time.sleep(1)  # what it had started ends with it
    return root, receipts(root)


@pytest.fixture(scope="module")
def graded(killed):
    root, _ = killed
    return grade(root)


def expected(k):
    return 5 if k % 3 else 2


def receipts(root):
    return {path.parent.name: path.stat().st_mtime_ns for path in (root / "receipts").glob("*/ps0.json")}


def test_the_kill_came_in_the_middle(killed):
    _, before = killed
    assert STUDENTS // 4 <= len(before) < STUDENTS


def test_everybody_has_the_right_grade(graded):
    _, rows = graded
    assert {student: float(row["score"]) for student, row in rows.items()} == {
        f"student-{k:03}": expected(k) for k in range(STUDENTS)
    }
    assert {row["trouble"] for row in rows.values()} == {""}


def test_nothing_was_done_twice(killed, graded):
    root, before = killed
    printed, _ = graded
    assert f"{STUDENTS} submissions, {len(before)} of them graded before" in printed
    assert {student: receipts(root)[student] for student in before} == before


def test_everybody_has_feedback(killed, graded):
    root, _ = killed
    assert len(list((root / "feedback").glob("*/ps0/small.html"))) == STUDENTS


def test_the_time_of_each_problem_is_taken(killed, graded):
    root, _ = killed
    with (root / "problems.csv").open(encoding="utf-8") as file:
        assert all(0 < float(row["seconds"]) < 60 and row["attempts"] == "1.0" for row in csv.DictReader(file))
