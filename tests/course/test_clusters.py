"""Grading on joblib's backends: a gradebook for each worker, merged at the end, and receipts that are locked.

In place of kernel and nbgrader stands a stub that does the bookkeeping of both; the last test has the real ones.
``make test-course`` has 1,000 submissions, the suite fewer.
"""

import csv
import functools
import os
import time

import dask
import pytest
from grading import course, gradebooks, records, run
from grading.handed_in import look
from nbgrader.api import Gradebook

from tests.course.small_course import command, make_course, notebook, write

LARGE = "IBNOTES_STUDENTS" in os.environ
STUDENTS = 5 * int(os.environ["IBNOTES_STUDENTS"]) if LARGE else 60
BACKENDS = ["dask", "loky"] if LARGE else ["dask"]
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def stub(submission, gradebook, orders):
    """In place of `run.watch`: points into the gradebook, and the receipt."""
    names = (submission.assignment, submission.student)
    with Gradebook(gradebooks.address(submission.root, gradebook or gradebooks.MAIN)) as book:
        book.update_or_create_submission(*names, timestamp=None)
        grades = {each.name: each for each in book.find_submission_notebook("small", *names).grades}
        for name, score in {"double": 3 * is_right(submission.student), "number": 2}.items():
            grades[name].auto_score, grades[name].needs_manual_grade = score, False
        book.db.commit()
    verdict = "" if is_right(submission.student) else "Wrong: the sign is wrong"
    submission.settle(submission.fingerprint(), "", gradebook)
    answers = f'{{"double": {{"answer": "", "verdict": "{verdict}"}}}}'
    records.write_whole(records.path_of(submission.root, *names), answers)
    with (submission.receipt.parent / "runs").open("a") as runs:
        runs.write("once\n")


def slow_stub(submission, gradebook, orders):
    time.sleep(0.5)
    stub(submission, gradebook, orders)


def is_right(student):
    return int(student) % 3 > 0


def hand_in(root, students):
    make_course(root)
    for student in range(students):
        path = root / "submitted" / f"{student:04}" / "ps0" / "small.ipynb"
        write(path, notebook(double=f"def double(x):\n    return {'2 * x' if student % 3 else '-2 * x'}"))
    return root


def marks(root):
    with (root / "marks.csv").open(encoding="utf-8") as file:
        return {row["student"]: float(row["score"]) for row in csv.DictReader(file) if not row["trouble"]}


def runs(submission):
    return len(submission.receipt.with_name("runs").read_text().splitlines())


@pytest.fixture
def with_stub(monkeypatch):
    monkeypatch.setenv(records.ONLY, "")
    real = run.run_all
    return lambda grade=stub: monkeypatch.setattr(run, "run_all", functools.partial(real, grade=grade))


def test_a_large_class_on_two_workers_and_a_run_that_ended_before_its_merge(tmp_path, with_stub, capsys):
    root = hand_in(tmp_path / "course", STUDENTS)
    course.release(root)
    submissions, _ = look(root)
    course.enrol(root, {one.student for one in submissions})
    with_stub()
    early = submissions[: STUDENTS // 3]
    run.run_all(early, 2, "loky")  # and then nothing: what they wrote is still in gradebooks of the workers'
    assert all(one.last()["gradebook"] and (root / one.last()["gradebook"]).exists() for one in early)
    run.grade_all(root, 2, backend="loky")
    assert f"{STUDENTS} submissions, {len(early)} of them graded before" in capsys.readouterr().out
    assert marks(root) == {f"{k:04}": 2 + 3 * (k % 3 > 0) for k in range(STUDENTS)}
    assert set(map(runs, submissions)) == {1}
    assert {one.last()["gradebook"] for one in submissions} == {""}
    assert not (root / gradebooks.FOLDER).exists()
    wrong = f"{len(range(0, STUDENTS, 3))} x Wrong: the sign is wrong"
    assert wrong in (root / "problems.csv").read_text(encoding="utf-8")


def test_two_workers_that_get_the_same_submission_grade_it_once(tmp_path, with_stub):
    root = hand_in(tmp_path / "course", 2)
    course.release(root)
    submissions, _ = look(root)
    course.enrol(root, {one.student for one in submissions})
    with_stub(slow_stub)
    run.run_all(submissions * 2, 4, "threading")
    assert list(map(runs, submissions)) == [1, 1]


def test_a_gradebook_that_was_removed_costs_a_second_run_and_no_points(tmp_path, with_stub):
    root = hand_in(tmp_path / "course", 3)
    course.release(root)
    submissions, _ = look(root)
    course.enrol(root, {one.student for one in submissions})
    with_stub()
    run.run_all(submissions, 1, "loky")
    for gradebook in (root / gradebooks.FOLDER).glob("*.db"):
        os.remove(gradebook)
    run.grade_all(root, 1)
    assert marks(root) == {"0000": 2, "0001": 5, "0002": 5}


@pytest.mark.parametrize("backend", BACKENDS)
def test_real_submissions_get_the_same_marks_on_every_backend(tmp_path, backend):
    root = hand_in(tmp_path / "course", 3)
    process = command(root, "grade", "--jobs", "2" if LARGE else "1", "--backend", backend)
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0, printed
    assert marks(root) == {"0000": 2, "0001": 5, "0002": 5}
    assert len(list((root / "feedback").glob("*/ps0/small.html"))) == 3


def test_a_cluster_that_is_not_there_is_said_to_be_so():
    settings = dask.config.set({"distributed.comm.timeouts.connect": 1})
    with settings, pytest.raises(course.CourseError, match="no cluster"), run.cluster("tcp://127.0.0.1:1", 1):
        pass
