"""The course folder, through nbgrader's API: release the problem sets, grade one submission."""

import csv
import os
import re
import sys
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

from grading import gradebooks
from grading.converters import literal
from grading.handed_in import HERE, Submission, bad_name

os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic by name


PERSON = ("id", "first_name", "last_name", "email", "lms_user_id")


class CourseError(RuntimeError):
    """nbgrader refused; the message says why."""


def connect(root: Path, gradebook: str = gradebooks.MAIN) -> NbGraderAPI:
    """nbgrader on the course in ``root``, configured by ``nbgrader_config.py``."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(HERE)).load_config()
    config.CourseDirectory.root = config.SaveGrades.root = str(root)
    config.CourseDirectory.db_url = gradebooks.address(root, gradebook)
    return NbGraderAPI(config=config)


def assignments(root: Path) -> list[str]:
    """Names of the problem sets."""
    return sorted(path.name for path in (root / "source").iterdir() if path.is_dir())


def release(root: Path) -> None:
    """Make the students' versions in ``release``.

    Raises:
        CourseError: where nbgrader fails.
    """
    api = connect(root)
    for assignment in assignments(root):
        outcome = api.generate_assignment(assignment, force=True, create=True)
        if not outcome["success"]:
            raise CourseError(f"{assignment}: {trouble(outcome)}")


def enrol(root: Path, students: set[str]) -> None:
    """Enter the students into the gradebook: two graders that enter the same one at a time disturb each other.

    Names and addresses come from ``roster.csv``, where there is one, with nbgrader's columns: ``id``, and of
    ``first_name``, ``last_name``, ``email`` and ``lms_user_id`` those that are known.
    """
    people: dict[str, dict[str, str]] = {student: {} for student in sorted(students) if not bad_name(student)}
    people |= {row.pop("id"): row for row in roster(root)}
    with Gradebook(connect(root).coursedir.db_url) as gradebook:
        for student, known in people.items():
            gradebook.update_or_create_student(student, **known)


def roster(root: Path) -> list[dict[str, str]]:
    """The rows of ``roster.csv``.

    Raises:
        CourseError: where it has no column ``id``, or one that nbgrader does not know.
    """
    path = root / "roster.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    odd = {str(name) for row in rows for name in row} - set(PERSON)
    if odd or not all(row.get("id") for row in rows):
        raise CourseError(f"roster.csv: columns are {', '.join(PERSON)}, id is never blank; found {sorted(odd)}")
    return rows


def grade(submission: Submission, gradebook: str = "") -> None:
    """Autograde, write the feedback, leave the receipt; into the course's gradebook, or a worker's."""
    fingerprint = submission.fingerprint()
    why = submission.complaint()
    if not why:
        api, names = (
            connect(submission.root, gradebook or gradebooks.MAIN),
            (submission.assignment, literal(submission.student)),
        )
        outcome = api.autograde(*names, force=True, create=True)
        if outcome["success"]:
            outcome = api.generate_feedback(*names, force=True)
        why = "" if outcome["success"] else trouble(outcome)
    submission.settle(fingerprint, why, gradebook)


def trouble(outcome: dict[str, str]) -> str:
    """What went wrong: the last exception in nbgrader's log, or the last error in it, that says something."""
    log = outcome.get("log", "") + outcome.get("error", "")
    said = re.findall(r"^\s*(?:\[ERROR\] |(?:\w+\.)*(?=[A-Z]\w+Error|[A-Z]\w+: ))(.+)$", log, flags=re.MULTILINE)
    empty = ("Traceback", "There was an error", "Please see", "NbGraderException: Please see")
    return ([line for line in said if not line.startswith(empty)] or ["nbgrader gave no reason"])[-1][:300]
