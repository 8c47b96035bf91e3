"""What an instructor does with the grades: due dates, names, exports, grading one problem again, statistics.

Notebooks run in this process, for nobody here is hostile; all the rest is nbgrader's.
"""

import csv
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest
from grading import calendar, course, lms, marks, records, run, sandbox, statistics
from grading.course import CourseError
from grading.handed_in import look
from grading.problem import Value
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin

from tests.course import in_process
from tests.course.small_course import ANSWERS, notebook, write

PROOF = "Because it is so."
WRONG = "def double(x):\n    return x**2 + 1"
ROSTER = """id,first_name,last_name,email,lms_user_id
ada,Ada,Lovelace,ada@example.org,11
zoe,Zoë,"Ñandú, Jr.",zoe@example.org,12
eve,Eve,Early,eve@example.org,13
"""


def with_proof(text="", **answers):
    """The small problem set with a proof, marked by hand, of 4 points."""
    nb = notebook(**answers)
    fields = {"grade": True, "solution": True, "locked": False, "task": False, "schema_version": 3}
    nb.cells.append(new_markdown_cell(text, metadata={"nbgrader": {"grade_id": "proof", "points": 4, **fields}}))
    return nb


pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]  # nbgrader's own


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course in which `ada` was right, `zoe` half so, and `eve` handed in something else."""
    root = tmp_path_factory.mktemp("marks")
    judge = ModuleType("grading.answers.ps0")
    exec(ANSWERS, judge.__dict__)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "grading.answers.ps0", judge)
        write(root / "source" / "ps0" / "small.ipynb", with_proof())
        write(root / "roster.csv", ROSTER)
        hand_in(root, "ada", with_proof(PROOF))
        hand_in(root, "zoe", with_proof(PROOF, double=WRONG, answer="answer = 0.5"))
        write(root / "submitted" / "eve" / "ps0" / "essay.ipynb", with_proof())
        course.release(root)
        course.enrol(root, {"ada", "zoe", "eve"})
        grade(root)
        yield root


@pytest.fixture
def root(graded, tmp_path, monkeypatch):
    """A copy of it."""
    monkeypatch.setenv(records.ONLY, "")
    return Path(shutil.copytree(graded, tmp_path / "course"))


def hand_in(root, student, nb, time="2027-01-16 12:00:00 UTC"):
    write(root / "submitted" / student / "ps0" / "small.ipynb", nb)
    write(root / "submitted" / student / "ps0" / "timestamp.txt", time)


def grade(root, submissions=None):
    in_process.grade(look(root)[0] if submissions is None else submissions, root)


def rows(root):
    return {row.student: row for row in marks.grades(root)}


def mark(root, student, points):
    with Gradebook(course.connect(root).coursedir.db_url) as gradebook:
        found = gradebook.find_grade("proof", "small", "ps0", student)
        found.manual_score, found.needs_manual_grade = points, False
        gradebook.db.commit()


def test_marks_have_names_and_reasons(root):
    found = rows(root)
    assert (found["ada"].last_name, found["ada"].email, found["ada"].raw_score) == ("Lovelace", "ada@example.org", 5)
    assert (found["zoe"].score, found["zoe"].max_score, found["zoe"].to_mark_by_hand) == (0, 9, True)
    assert found["ada"].submitted == "2027-01-16 12:00:00"
    assert "expected ps0/small.ipynb, found essay.ipynb" in found["eve"].trouble
    assert found["eve"].email == "eve@example.org"


def test_lateness_is_nbgraders_and_follows_the_calendar(root, monkeypatch):
    monkeypatch.setattr(LateSubmissionPlugin, "late_submission_penalty", lambda plugin, student, score, late: score / 2)
    assert rows(root)["ada"].penalty == 0
    write(root / "course.toml", "[due]\nps0 = 2027-01-15T23:59:00+01:00\n")
    late = rows(root)["ada"]
    assert (late.hours_late, late.raw_score, late.penalty, late.score) == (13.02, 5, 2.5, 2.5)
    write(root / "course.toml", "[due]\nps0 = 2027-01-15T23:59:00+01:00\n[extensions.ada]\nps0 = 1\n")
    assert (rows(root)["ada"].hours_late, rows(root)["ada"].score) == (0, 5)
    assert rows(root)["zoe"].hours_late == 13.02
    write(root / "course.toml", "[due]\nps0 = 2027-02-01T00:00:00Z\n")
    assert {row.hours_late for row in rows(root).values()} == {0}


@pytest.mark.parametrize(
    "text",
    [
        "[due]\nps0 = 2027-01-15\n",
        "[due]\nps0 = 2027-01-15T23:59:00\n",
        "[due]\nps9 = 2027-01-15T23:59:00Z\n",
        "[extensions.ada]\nps0 = 'three'\n",
        "[extensions]\nada = -3\n",
        "[due",
    ],
)
def test_a_calendar_that_is_none_is_refused(root, text):
    write(root / "course.toml", text)
    with pytest.raises(calendar.CalendarError, match=r"course\.toml"):
        rows(root)


@pytest.mark.parametrize("text", ["name\nada\n", "id,e-mail\nada,a@b\n", "id,email\n,a@b\n", "id\nada,b\n"])
def test_a_roster_that_is_none_is_refused(tmp_path, text):
    write(tmp_path / "roster.csv", text)
    with pytest.raises(CourseError, match=r"roster\.csv: columns are id"):
        course.roster(tmp_path)


def exported(root, shape):
    with lms.write(root, shape, list(marks.grades(root))).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_canvas_finds_students_and_points(root):
    possible, ada, eve, zoe = exported(root, "canvas")
    assert list(ada) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "ps0"]
    assert (possible["Student"], possible["ps0"]) == ("Points Possible", "9")
    assert (ada["Student"], ada["ID"], ada["SIS Login ID"], ada["ps0"]) == ("Lovelace, Ada", "11", "ada", "5")
    assert zoe["Student"] == "Ñandú, Jr., Zoë"
    assert eve["ps0"] == ""  # it could not be graded: no zero without a reason


def test_moodle_finds_students_by_name_or_address(root):
    ada, eve, zoe = exported(root, "moodle")
    assert list(ada) == ["Username", "First name", "Last name", "Email address", "ps0"]
    assert [row["ps0"] for row in (ada, eve, zoe)] == ["5", "-", "0"]
    assert (zoe["Username"], zoe["Email address"]) == ("zoe", "zoe@example.org")


def test_the_plain_table_has_the_sum(root):
    mark(root, "ada", 3.5)
    ada, eve, _ = exported(root, "csv")
    assert (ada["ps0"], ada["total"], eve["total"]) == ("8.5", "8.5", "0")


def test_one_problem_is_graded_again_and_nothing_else_changes(root, monkeypatch):
    mark(root, "ada", 3)
    assert rows(root)["ada"].score == 8
    judge = sys.modules["grading.answers.ps0"].PROBLEMS
    monkeypatch.setitem(judge, "number", Value(lambda student: 0.5))  # now zoe is right, and ada wrong
    monkeypatch.setitem(judge, "double", Value(lambda student: 0.5))  # now everybody is wrong
    waiting = run.again(look(root)[0], "ps0/number")
    assert [submission.student for submission in waiting] == ["ada", "zoe"]
    grade(root, waiting)
    found = rows(root)
    assert (found["ada"].score, found["ada"].to_mark_by_hand) == (6, False)
    assert (found["zoe"].score, found["zoe"].to_mark_by_hand) == (2, True)


def test_a_problem_that_is_none_is_refused(root):
    for name in ("ps0/none", "number", "ps9/number"):
        with pytest.raises(CourseError, match="write SET/PROBLEM"):
            run.again(look(root)[0], name)


def test_what_was_handed_in_anew_is_not_taken_for_graded(root):
    hand_in(root, "ada", with_proof("another"))
    assert [submission.student for submission in run.again(look(root)[0], "ps0/number")] == ["zoe"]


def test_marks_by_hand_stay_while_the_proof_stays(root):
    mark(root, "ada", 3)
    hand_in(root, "ada", with_proof(PROOF, answer="answer = 0.5"))  # another answer, the same proof
    grade(root)
    assert (rows(root)["ada"].score, rows(root)["ada"].to_mark_by_hand) == (3 + 3, False)
    hand_in(root, "ada", with_proof("On second thoughts."))
    grade(root)
    assert (rows(root)["ada"].score, rows(root)["ada"].to_mark_by_hand) == (5, True)


def test_statistics_tell_what_was_hard(root):
    mark(root, "ada", 3)
    page = statistics.write(root)
    with (root / "problems.csv").open(newline="", encoding="utf-8") as file:
        found = {row["problem"]: row for row in csv.DictReader(file)}
    assert [(row["tried"], row["rate"]) for row in found.values()] == [("2", "0.5"), ("2", "0.5"), ("1", "0.75")]
    assert found["number"]["complaints"] == "1 x Wrong: it is not within the tolerance"
    assert "<td>double</td><td>3.0</td><td>2</td>\n<td>1.0</td>" in page.read_text(encoding="utf-8")


def test_statistics_count_attempts_and_take_the_time(root):
    hand_in(root, "ada", with_proof("another", answer="answer = 0.5"))
    grade(root)
    grade(root)  # the same answers: no attempt
    path = records.path_of(root, "ps0", "zoe")
    found = records.read(path)
    found["number"]["seconds"] = 1.5
    write(path, json.dumps(found))
    rows = {row.problem: row for row in statistics.problems(root)}
    assert [(row.attempts, row.seconds) for row in rows.values()] == [(1.5, None), (1.5, 1.5), (1.5, None)]


def test_a_kernel_clock_that_says_nonsense_is_not_believed():
    run_for = lambda start, end: new_code_cell(
        metadata={"execution": {"iopub.status.busy": start, "iopub.status.idle": end}}
    )
    assert sandbox.seconds(run_for("2027-01-16T12:00:00+00:00", "2027-01-16T12:00:02.500000+00:00")) == 2.5
    assert sandbox.seconds(run_for("now", "later")) is sandbox.seconds(new_code_cell()) is None


def test_a_complaint_runs_on_no_page(root):
    path = records.path_of(root, "ps0", "ada")
    found = records.read(path)
    found["number"]["verdict"] = "<script>alert(1)</script>"
    write(path, json.dumps(found))
    assert "<script>" not in statistics.write(root).read_text(encoding="utf-8")


def test_a_problem_that_nobody_tried_has_no_rate():
    assert "nobody yet" in statistics.html_row(statistics.Problem("ps0", "double", 3.0, 0, None, None, None, ""))
