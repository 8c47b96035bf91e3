"""The problem sets: right answers, stubs, and wrong answers that students give.

Under the real nbgrader go the right answers, in kernels, and the stubs and one wrong answer to each problem, in this
process; ``make test-course`` sends all of them through kernels (``IBNOTES_WRONG=all``). Every wrong answer is judged.
"""

import csv
import importlib
import os
import re
import shutil

import nbformat
import pytest
from grading import course
from grading.course import HERE
from grading.handed_in import look
from grading.run import grade_all
from grading.sandbox import problems
from nbgrader.api import Gradebook
from nbgrader.utils import is_grade, is_locked, is_solution

from ibnotes.precheck import MANIFEST, complaints
from tests.course import in_process
from tests.course.in_process import judge

SETS = course.assignments(HERE)
SOURCES = {name: next((HERE / "source" / name).glob("*.ipynb")) for name in SETS}
WRONG = {name: importlib.import_module(f"tests.course.wrong_answers.{name}").WRONG for name in SETS}
ROUNDS = {name: max(map(len, wrong.values())) for name, wrong in WRONG.items()}
ALL = [(name, k) for name in SETS for k in range(ROUNDS[name])]
REAL = ALL if os.environ.get("IBNOTES_WRONG") == "all" else [(name, 0) for name in SETS]
OTHERS = ("student-1", "student-4")  # data are drawn from the id
FORBIDDING = [(name, problem) for name in SETS for problem, found in problems(name).items() if found.without]

HTML = HERE.parent.parent / "_build" / "html"

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]  # nbgrader's own


def read(path):
    return nbformat.read(path, as_version=4)


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def graded_cells(path):
    return [cell for cell in read(path).cells if is_grade(cell)]


def wrong_round(name, k):
    """The k-th wrong answer of each problem that has so many."""
    return {p: list(cells.values())[k] for p, cells in WRONG[name].items() if k < len(cells)}


def answered(name, answers, source=None):
    """The source, or another notebook, with the solution cells of some problems replaced."""
    notebook = read(source or SOURCES[name])
    cells = {grade_id(cell): cell for cell in notebook.cells}
    for problem, answer in answers.items():
        cells[f"{problem}-answer"].source = answer
    return notebook


def hand_in(root, name, student, notebook):
    folder = root / "submitted" / student / name
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / SOURCES[name].name)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course in which was handed in and graded: the right, the stubs, and rounds of the wrong.

    The right run in kernels, as with `make grade`, and the others too where all the wrong are tried.
    """
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(HERE / "source", root / "source")
    course.release(root)
    for name in SETS:
        hand_in(root, name, "right", answered(name, {}))
    if REAL == ALL:
        hand_in_others(root)
    grade_all(root, jobs=2)
    if REAL != ALL:
        hand_in_others(root)
        rest = [submission for submission in look(root)[0] if not submission.is_settled()]
        in_process.grade(rest, root)
        grade_all(root, jobs=2)
    return root


def hand_in_others(root):
    for name in SETS:
        hand_in(root, name, "stub", answered(name, {}, source=root / "release" / name / SOURCES[name].name))
    for name, k in REAL:
        hand_in(root, name, f"wrong-{k}", answered(name, wrong_round(name, k)))


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Each round of the wrong answers, with the judge's verdicts."""
    folder = tmp_path_factory.mktemp("inputs")
    return {(name, k): judge(answered(name, wrong_round(name, k)), name, f"wrong-{k}", folder) for name, k in ALL}


def errors(cells):
    """For each autograded problem, the error that cost it its points, or None."""
    found = lambda cell: [output for output in cell.outputs if output.output_type == "error"]
    return {grade_id(c): (found(c) or [None])[0] for c in cells if is_grade(c) and not is_solution(c)}


def verdicts(root, student, name):
    return errors(read(root / "autograded" / student / name / SOURCES[name].name).cells)


def row(root, student, name):
    with (root / "marks.csv").open(encoding="utf-8") as file:
        return next(r for r in csv.DictReader(file) if (r["student"], r["assignment"]) == (student, name))


def points(name, manual):
    cells = graded_cells(SOURCES[name])
    return {grade_id(c): c.metadata.nbgrader["points"] for c in cells if is_solution(c) == manual}


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_twenty_points_some_of_them_for_a_proof(name):
    by_machine, by_hand = points(name, manual=False), points(name, manual=True)
    assert sum(by_machine.values()) + sum(by_hand.values()) == 20
    assert len(by_machine) >= 3
    assert by_hand
    assert set(problems(name)) == set(by_machine) == set(WRONG[name])


@pytest.mark.parametrize("name", SETS)
def test_titles_state_the_points(name):
    text = "\n".join(cell.source for cell in read(SOURCES[name]).cells if cell.cell_type == "markdown")
    stated = sum(int(line.rsplit("(", 1)[1].split()[0]) for line in text.splitlines() if line.endswith("points)"))
    assert stated == 20


@pytest.mark.parametrize("name", SETS)
def test_the_right_answers_earn_every_point(graded, name):
    assert set(verdicts(graded, "right", name).values()) == {None}
    assert float(row(graded, "right", name)["score"]) == sum(points(name, manual=False).values())
    assert row(graded, "right", name)["to_mark_by_hand"] == "True"


@pytest.mark.parametrize("name", SETS)
def test_the_right_answers_are_right_whoever_gives_them(tmp_path, name):
    found = {student: errors(judge(answered(name, {}), name, student, tmp_path).cells) for student in OTHERS}
    assert {(student, p, e.evalue) for student, verdict in found.items() for p, e in verdict.items() if e} == set()


@pytest.mark.parametrize("name", SETS)
def test_the_stub_earns_none(graded, name):
    assert None not in verdicts(graded, "stub", name).values()
    assert float(row(graded, "stub", name)["score"]) == 0
    assert row(graded, "stub", name)["trouble"] == ""


@pytest.mark.parametrize(("name", "k"), ALL)
def test_wrong_answers_are_told_from_right_ones(judged, name, k):
    assert {problem for problem, error in errors(judged[name, k].cells).items() if error} == set(wrong_round(name, k))


@pytest.mark.parametrize(("name", "k"), REAL)
def test_wrong_answers_lose_exactly_their_points(graded, judged, name, k):
    wrong, found = set(wrong_round(name, k)), verdicts(graded, f"wrong-{k}", name)
    assert {problem for problem, error in found.items() if error} == wrong
    rough = lambda text: re.sub(r"\d+\.\d+(e[-+]?\d+)?", lambda number: f"{float(number[0]):.4g}", text)
    words = lambda found: {problem: error and (error.ename, rough(error.evalue)) for problem, error in found.items()}
    assert words(found) == words(errors(judged[name, k].cells))
    left = sum(value for problem, value in points(name, manual=False).items() if problem not in wrong)
    assert float(row(graded, f"wrong-{k}", name)["score"]) == left


@pytest.mark.parametrize(("name", "problem"), [(name, problem) for name in SETS for problem in WRONG[name]])
def test_some_wrong_answer_passes_what_students_see_and_is_caught(judged, name, problem):
    rounds = range(len(WRONG[name][problem]))
    assert len(rounds) >= 3
    assert "Wrong" in {errors(judged[name, k].cells)[problem].ename for k in rounds}


@pytest.mark.parametrize(("name", "problem"), FORBIDDING)
def test_right_numbers_from_what_is_forbidden_are_told_so(judged, name, problem):
    k = list(WRONG[name][problem]).index("asked the package")
    complaint = errors(judged[name, k].cells)[problem].evalue
    found, line = re.fullmatch(r"(\w+) may not be used here: line (\d+) of cell \[\d+\]", complaint).groups()
    assert found in problems(name)[problem].without
    assert found in WRONG[name][problem]["asked the package"].splitlines()[int(line) - 1]


@pytest.mark.parametrize(("name", "problem"), FORBIDDING)
def test_students_are_told_what_is_looked_for(name, problem):
    cells = read(SOURCES[name]).cells
    answer = [grade_id(cell) for cell in cells].index(f"{problem}-answer")
    question = [cell.source for cell in cells[:answer] if cell.cell_type == "markdown"][-1]
    (listed,) = re.findall(
        "he grader looks for (.*), in your answer and in any cell of yours that it draws on", question
    )
    assert set(re.findall(r"(\w+)`", listed)) == set(problems(name)[problem].without)


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_handed_out_with_a_manifest(graded, name):
    path = graded / "release" / name / SOURCES[name].name
    assert read(path).metadata[MANIFEST]["file"] == path.name
    assert [line for line in complaints(path, run=False) if "write your id" not in line] == []


@pytest.mark.parametrize("name", SETS)
def test_no_solution_leaks_into_the_release(graded, name):
    released = (graded / "release" / name / SOURCES[name].name).read_text(encoding="utf-8")
    assert not any(word in released for word in ("SOLUTION", "HIDDEN", "hand_in", "Marks"))
    for cell in read(SOURCES[name]).cells:
        hidden = regions(cell.source, "SOLUTION") + regions(cell.source, "HIDDEN TESTS")
        assert not [line for line in hidden if len(line) > 12 and line in released]
        assert not is_solution(cell) or hidden


def regions(source, kind):
    """The lines, stripped, between the markers of ``kind``."""
    inside, lines = False, []
    for line in source.splitlines():
        if f"### {'END' if inside else 'BEGIN'} {kind}" in line:
            inside = not inside
        elif inside:
            lines.append(line.strip())
    return lines


@pytest.mark.parametrize("name", SETS)
def test_students_can_change_their_answers_only(name):
    for cell in read(SOURCES[name]).cells:
        assert is_locked(cell) or is_solution(cell) or cell.source.startswith('student = ""')


@pytest.mark.parametrize(("name", "k"), REAL)
def test_feedback_says_what_is_wrong(graded, name, k):
    page = next((graded / "feedback" / f"wrong-{k}" / name).glob("*.html")).read_text(encoding="utf-8")
    assert "Wrong: " in page or "Error" in page


def test_nothing_is_graded_twice(graded):
    submissions, _ = look(graded)
    assert all(submission.is_settled() for submission in submissions)
    before = [submission.receipt.stat().st_mtime_ns for submission in submissions]
    grade_all(graded, jobs=1)
    assert [submission.receipt.stat().st_mtime_ns for submission in submissions] == before


def test_marks_given_by_hand_enter_the_csv_without_another_run(graded):
    name = SETS[0]
    (problem, worth), *_ = points(name, manual=True).items()
    with Gradebook(course.connect(graded).coursedir.db_url) as gradebook:
        grade = gradebook.find_grade(problem, SOURCES[name].stem, name, "right")
        grade.manual_score, grade.needs_manual_grade = worth, False
        gradebook.db.commit()
    grade_all(graded, jobs=1)
    assert float(row(graded, "right", name)["score"]) == 20
    assert row(graded, "right", name)["to_mark_by_hand"] == "False"
    assert row(graded, "wrong-0", name)["to_mark_by_hand"] == "True"


def test_an_empty_course_says_where_submissions_belong(tmp_path, capsys):
    (tmp_path / "source").mkdir()
    grade_all(tmp_path, jobs=1)
    assert "submitted/STUDENT/PROBLEM_SET" in capsys.readouterr().out


@pytest.mark.parametrize("name", SETS)
def test_sources_are_normalized(name):
    text = SOURCES[name].read_text(encoding="utf-8")
    assert text == nbformat.writes(read(SOURCES[name]), version=4) + "\n"
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in read(SOURCES[name]).cells)
    assert [cell.id for cell in read(SOURCES[name]).cells] == [
        f"cell-{k}" for k in range(len(read(SOURCES[name]).cells))
    ]


@pytest.mark.book
@pytest.mark.parametrize("name", SETS)
def test_the_book_shows_the_release_and_no_solution(name):
    pages = [path for path in HTML.rglob("*") if path.suffix in {".html", ".ipynb", ".js", ".py", ".txt"}]
    pages.remove(HTML / "_static" / "search_entries.js")  # the pages' words; the guide's name the marks of solutions
    texts = {path: path.read_text(encoding="utf-8") for path in pages}
    assert any(path.name == f"{SOURCES[name].stem}.html" and path.parent.name == name for path in pages)
    downloads = [text for path, text in texts.items() if path.name == SOURCES[name].name and "_downloads" in path.parts]
    assert any("raise NotImplementedError" in text for text in downloads)
    assert [path for path, text in texts.items() if "BEGIN SOLUTION" in text or "BEGIN HIDDEN" in text] == []
    secret = [line for cell in read(SOURCES[name]).cells for line in regions(cell.source, "SOLUTION") if len(line) > 30]
    assert [line for line in secret if any(line in text for path, text in texts.items() if name in path.parts)] == []
