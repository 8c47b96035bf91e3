"""A gradebook for each worker, merged into the course's at the end: SQLite does not stand writers on several machines.

A receipt says in which gradebook its points are, so that a run that was killed loses none.
"""

import contextlib
import fcntl
import os
import shutil
import socket
import sqlite3
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook
from sqlalchemy.exc import SAWarning

from grading.handed_in import Submission

MAIN, FOLDER = "gradebook.db", "gradebooks"
POINTS = ("auto_score", "manual_score", "extra_credit", "needs_manual_grade")


def address(root: Path, name: str = MAIN) -> str:
    """The gradebook as nbgrader wants to be told; graders side by side wait for each other."""
    return f"sqlite:///{root / name}?timeout=60"


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait until nobody else, on this machine or another, holds the lock of this name; it ends with its process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name[:200]}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def of_worker(root: Path) -> str:
    """The name of this process's own gradebook, at first a copy of the course's."""
    name = f"{FOLDER}/{socket.gethostname()}-{os.getpid()}.db"
    with locked(root / name):
        if not (root / name).exists():
            draft = root / f"{name}.draft"
            connected = (contextlib.closing(sqlite3.connect(path)) for path in (root / MAIN, draft))
            with next(connected) as course, next(connected) as copy:
                course.backup(copy)
            os.replace(draft, root / name)
    return name


def merge(root: Path, submissions: Iterable[Submission]) -> None:
    """Bring what receipts say is in a worker's gradebook into the course's, and remove the workers'."""
    apart: dict[str, list[Submission]] = {}
    for submission in submissions:
        if name := submission.last().get("gradebook"):
            apart.setdefault(name, []).append(submission)
    for name, theirs in apart.items():
        if (root / name).exists():
            with Gradebook(address(root, name)) as worker, Gradebook(address(root)) as course:
                for submission in theirs:
                    copy(worker, course, submission)
                course.db.commit()
        for submission in theirs:
            if (root / name).exists():
                submission.settle(**submission.last() | {"gradebook": ""})
            else:  # removed by hand: it is graded anew
                submission.receipt.unlink()
    shutil.rmtree(root / FOLDER, ignore_errors=True)


def copy(worker: Gradebook, course: Gradebook, submission: Submission) -> None:
    """One submission's points and comments; nothing, where it could not be graded."""
    names = (submission.assignment, submission.student)
    try:
        theirs = worker.find_submission(*names)
    except MissingEntry:
        return
    with warnings.catch_warnings(action="ignore", category=SAWarning):  # nbgrader's own
        course.update_or_create_submission(*names, timestamp=theirs.timestamp)
    for notebook in theirs.notebooks:
        fill(course.find_submission_notebook(notebook.name, *names), notebook)


def fill(ours: SubmittedNotebook, theirs: SubmittedNotebook) -> None:
    ours.late_submission_penalty = theirs.late_submission_penalty
    grades, comments = ({each.name: each for each in found} for found in (ours.grades, ours.comments))
    for grade in theirs.grades:
        for field in POINTS:
            setattr(grades[grade.name], field, getattr(grade, field))
    for comment in theirs.comments:
        comments[comment.name].auto_comment = comment.auto_comment
        comments[comment.name].manual_comment = comment.manual_comment
