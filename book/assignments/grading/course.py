"""The course folder, through nbgrader's API: release the problem sets, grade one submission, read the gradebook."""

import contextlib
import csv
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.api import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

HERE = Path(__file__).resolve().parent.parent
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic by name


class CourseError(RuntimeError):
    """nbgrader refused; the message says why."""


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one problem set."""

    root: Path
    assignment: str
    student: str

    @property
    def folder(self) -> Path:
        return self.root / "submitted" / self.student / self.assignment

    @property
    def receipt(self) -> Path:
        return self.root / "receipts" / self.assignment / f"{self.student}.json"

    def fingerprint(self) -> str:
        """Hash of all that the grade depends on: what was handed in, the problem set, the judge."""
        names = ("problem.py", "sandbox.py", "shortcuts.py", f"answers/{self.assignment}.py")
        judge = [HERE / "grading" / name for name in names]
        handed_in, source = self.folder.rglob("*"), (self.root / "source" / self.assignment).rglob("*")
        digest = hashlib.sha256()
        for path in (*sorted(handed_in), *sorted(source), *judge):
            if path.is_file():
                digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

    def is_settled(self) -> bool:
        """Whether a run has graded exactly this; what could not be graded is tried again."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            receipt = json.loads(self.receipt.read_text())
            return receipt["fingerprint"] == self.fingerprint() and not receipt["trouble"]
        return False

    def trouble(self) -> str:
        """Why it could not be graded, or empty."""
        return json.loads(self.receipt.read_text())["trouble"]

    def settle(self, fingerprint: str, trouble: str) -> None:
        """Leave the receipt, whole or not at all: a kill in the middle loses nothing."""
        self.receipt.parent.mkdir(parents=True, exist_ok=True)
        draft = self.receipt.with_suffix(".draft")
        draft.write_text(json.dumps({"fingerprint": fingerprint, "trouble": trouble}))
        os.replace(draft, self.receipt)


@dataclass(frozen=True)
class Grade:
    """A row of ``marks.csv``; points. ``trouble`` says why a submission could not be graded."""

    assignment: str
    student: str
    score: float
    max_score: float
    to_mark_by_hand: bool
    trouble: str


def connect(root: Path) -> NbGraderAPI:
    """nbgrader on the course in ``root``, configured by ``nbgrader_config.py``."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(HERE)).load_config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.db_url = f"sqlite:///{root / 'gradebook.db'}?timeout=60"
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
    """Enter the students into the gradebook: two graders that enter the same one at a time disturb each other."""
    with Gradebook(connect(root).coursedir.db_url) as gradebook:
        for student in sorted(students):
            gradebook.update_or_create_student(student)


def submissions(root: Path) -> list[Submission]:
    """All that was handed in for a problem set of the course."""
    known = assignments(root)
    folders = sorted((root / "submitted").glob("*/*"))
    return [Submission(root, path.name, path.parent.name) for path in folders if path.name in known]


def grade(submission: Submission) -> None:
    """Autograde, write the feedback, leave the receipt."""
    fingerprint, api = submission.fingerprint(), connect(submission.root)
    names = (submission.assignment, submission.student)
    outcome = api.autograde(*names, force=True, create=True)
    if outcome["success"]:
        outcome = api.generate_feedback(*names, force=True)
    submission.settle(fingerprint, "" if outcome["success"] else trouble(outcome))


def trouble(outcome: dict[str, str]) -> str:
    """What went wrong: the last exception in nbgrader's log but its own."""
    log = outcome.get("log", "") + outcome.get("error", "")
    found = re.findall(r"^\s*(?:\w+\.)*([A-Z]\w+: .+)$", log, flags=re.MULTILINE)
    return next((line for line in reversed(found) if "NbGraderException" not in line), "no reason given")[:300]


def grades(root: Path) -> Iterator[Grade]:
    """One row a submission, points from the gradebook (marks given by hand included)."""
    with Gradebook(connect(root).coursedir.db_url) as gradebook:
        for submission in submissions(root):
            problem = (
                json.loads(submission.receipt.read_text())["trouble"] if submission.receipt.exists() else "not graded"
            )
            names = (submission.assignment, submission.student)
            try:
                found = gradebook.find_submission(*names)
            except MissingEntry:
                found = None
            ok = found is not None and not problem
            best = gradebook.find_assignment(submission.assignment).max_score
            yield Grade(*names, found.score if ok else 0.0, best, bool(ok and found.needs_manual_grade), problem)


def write_csv(root: Path) -> Path:
    """``marks.csv``."""
    path = root / "marks.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Grade)])
        writer.writeheader()
        writer.writerows(asdict(row) for row in grades(root))
    return path
