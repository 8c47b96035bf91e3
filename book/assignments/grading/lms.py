"""Marks in the shapes that learning management systems import: one row a student, one column a problem set."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from grading.handed_in import write_whole
from grading.marks import Grade


def canvas(students: dict[str, Grade], points: dict[str, dict[str, str]], best: dict[str, float]) -> list[list[str]]:
    """Canvas's gradebook: a row of points possible, then rows found by ID or SIS Login ID."""
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    rows = [
        [f"{row.last_name}, {row.first_name}".strip(", ") or row.student, row.lms_user_id, "", row.student, ""]
        + [points[student].get(name, "") for name in best]
        for student, row in students.items()
    ]
    return [[*head, *best], ["Points Possible", "", "", "", "", *map(number, best.values())], *rows]


def moodle(students: dict[str, Grade], points: dict[str, dict[str, str]], best: dict[str, float]) -> list[list[str]]:
    """Moodle's *Import, CSV file*: map the user by username or by e-mail address."""
    head = ["Username", "First name", "Last name", "Email address"]
    return [[*head, *best]] + [
        [row.student, row.first_name, row.last_name, row.email, *(points[student].get(name, "-") for name in best)]
        for student, row in students.items()
    ]


def table(students: dict[str, Grade], points: dict[str, dict[str, str]], best: dict[str, float]) -> list[list[str]]:
    """For a spreadsheet: with the sum."""
    head = ["student", "last_name", "first_name", "email"]
    return [[*head, *best, "total"]] + [
        [row.student, row.last_name, row.first_name, row.email]
        + [points[student].get(name, "") for name in best]
        + [number(sum(map(float, points[student].values())))]
        for student, row in students.items()
    ]


SHAPES: dict[str, Callable[..., list[list[str]]]] = {"canvas": canvas, "moodle": moodle, "csv": table}


def number(value: float) -> str:
    return f"{value:.10g}"


def write(root: Path, shape: str, rows: Sequence[Grade]) -> Path:
    """``marks-SHAPE.csv``. What could not be graded stays blank, so that nobody is given a zero without a reason."""
    students = {row.student: row for row in rows}
    best = {row.assignment: row.max_score for row in rows}
    points: dict[str, dict[str, str]] = {student: {} for student in students}
    for row in rows:
        if not row.trouble:
            points[row.student][row.assignment] = number(row.score)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(SHAPES[shape](students, points, best))
    path = root / f"marks-{shape}.csv"
    write_whole(path, text.getvalue())
    return path
