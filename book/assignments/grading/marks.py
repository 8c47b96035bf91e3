"""What everybody earned: ``marks.csv``."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from grading import calendar, records
from grading.course import connect
from grading.handed_in import Submission, bad_name, look, shown, write_whole


@dataclass(frozen=True)
class Grade:
    """A row of ``marks.csv``.

    Attributes:
        lms_user_id: and the names before it, from the roster.
        submitted: time (UTC), where it is known.
        hours_late: after the due date and its extension.
        raw_score: points before the penalty.
        penalty: points lost for lateness.
        score: what counts.
        max_score: what could be had.
        to_mark_by_hand: whether something is still to be marked.
        trouble: why it could not be graded, or empty.
    """

    assignment: str
    student: str
    last_name: str = ""
    first_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    submitted: str = ""
    hours_late: float = 0.0
    raw_score: float = 0.0
    penalty: float = 0.0
    score: float = 0.0
    max_score: float = 0.0
    to_mark_by_hand: bool = False
    trouble: str = ""


def grades(root: Path) -> Iterator[Grade]:
    """One row a submission, points from the gradebook (marks given by hand included).

    Raises:
        CalendarError: where ``course.toml`` is not as it should be.
    """
    api, submissions = connect(root), look(root)[0]
    with Gradebook(api.coursedir.db_url) as gradebook:
        due = calendar.enter(root, gradebook)
    for submission in submissions:
        if submission.assignment in due and submission.last().get("trouble") == "":
            records.penalize(api, submission.assignment, submission.student)
    with Gradebook(api.coursedir.db_url) as gradebook:
        yield from (row(gradebook, submission) for submission in submissions)


def row(gradebook: Gradebook, submission: Submission) -> Grade:
    """A submission's row."""
    best = gradebook.find_assignment(submission.assignment).max_score
    receipt = submission.last()
    trouble = receipt["trouble"] if receipt else "not graded"
    names = {"assignment": submission.assignment, "student": shown(submission.student), "max_score": best}
    if bad_name(submission.student):  # and so no student of the gradebook's
        return Grade(**names, trouble=trouble)
    names |= person(gradebook, submission.student)
    try:
        found = gradebook.find_submission(submission.assignment, submission.student)
    except MissingEntry:
        return Grade(**names, trouble=trouble or "the gradebook does not know it")
    if trouble:
        return Grade(**names, trouble=trouble)
    penalty = found.late_submission_penalty or 0.0
    return Grade(
        **names,
        submitted=str(found.timestamp or ""),
        hours_late=round(found.total_seconds_late / 3600, 2),
        raw_score=found.score,
        penalty=penalty,
        score=max(0.0, found.score - penalty),
        to_mark_by_hand=found.needs_manual_grade,
    )


def person(gradebook: Gradebook, student: str) -> dict[str, str]:
    """Names and addresses, where they are known."""
    try:
        found = gradebook.find_student(student)
    except MissingEntry:
        return {}
    return {name: getattr(found, name) or "" for name in ("last_name", "first_name", "email", "lms_user_id")}


def write_csv(root: Path, rows: Iterable[Grade]) -> Path:
    """``marks.csv``, whole or not at all."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Grade)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    path = root / "marks.csv"
    write_whole(path, text.getvalue())
    return path
