"""Due dates and extensions, from ``course.toml`` into the gradebook.

[due]
ps1 = 2027-01-15T23:59:00+01:00

[extensions.ada]
ps1 = 3  # days
"""

import datetime
import tomllib
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry


class CalendarError(ValueError):
    """``course.toml`` says something that is no date, or no number of days; the message says where."""


def read(root: Path) -> tuple[dict[str, datetime.datetime], dict[str, dict[str, float]]]:
    """Due dates by problem set, and days of extension by student and problem set.

    Raises:
        CalendarError: where the file does not say that.
    """
    path = root / "course.toml"
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CalendarError(f"course.toml: {error}") from error
    due, extensions = found.get("due", {}), found.get("extensions", {})
    for name, when in due.items():
        if not isinstance(when, datetime.datetime) or when.tzinfo is None:
            raise CalendarError(f"course.toml, due.{name}: write a date, a time and its offset, not {when}")
    for student, days in extensions.items():
        for name, more in days.items() if isinstance(days, dict) else [("", days)]:
            if not isinstance(more, (int, float)) or more < 0:
                raise CalendarError(f"course.toml, extensions.{student}.{name}: write a number of days, not {more}")
    return due, extensions


def enter(root: Path, gradebook: Gradebook) -> set[str]:
    """Write them into the gradebook; the problem sets that are due at some time."""
    due, extensions = read(root)
    for name, when in due.items():
        utc = when.astimezone(datetime.UTC).replace(tzinfo=None)  # as nbgrader keeps them
        try:
            gradebook.find_assignment(name).duedate = utc
        except MissingEntry as error:
            raise CalendarError(f"course.toml, due.{name}: there is no such problem set") from error
        for submission in gradebook.assignment_submissions(name):
            days = extensions.get(submission.student.id, {}).get(name, 0)
            submission.extension = datetime.timedelta(days=days) if days else None
    gradebook.db.commit()
    return set(due)
