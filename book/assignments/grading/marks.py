"""What everybody earned: ``marks.csv``."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from grading.course import connect
from grading.handed_in import Submission, look, shown, write_whole


@dataclass(frozen=True)
class Grade:
    """A row of ``marks.csv``; points. ``trouble`` says why a submission could not be graded."""

    assignment: str
    student: str
    score: float
    max_score: float
    to_mark_by_hand: bool
    trouble: str


def grades(root: Path) -> Iterator[Grade]:
    """One row a submission, points from the gradebook (marks given by hand included)."""
    with Gradebook(connect(root).coursedir.db_url) as gradebook:
        for submission in look(root)[0]:
            yield row(gradebook, submission)


def row(gradebook: Gradebook, submission: Submission) -> Grade:
    """A submission's row."""
    best = gradebook.find_assignment(submission.assignment).max_score
    receipt = submission.last()
    trouble = receipt["trouble"] if receipt else "not graded"
    try:
        found = None if trouble else gradebook.find_submission(submission.assignment, submission.student)
    except MissingEntry:
        found, trouble = None, "the gradebook does not know it"
    score, by_hand = (found.score, found.needs_manual_grade) if found else (0.0, False)
    return Grade(submission.assignment, shown(submission.student), score, best, bool(by_hand), trouble)


def write_csv(root: Path, rows: Iterable[Grade]) -> Path:
    """``marks.csv``, whole or not at all."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Grade)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    path = root / "marks.csv"
    write_whole(path, text.getvalue())
    return path
