"""Grade a pile of submissions, each in a process of its own, so that none can harm another's.

Grading takes up where it was killed: each submission leaves a receipt when it is done, and one whose receipt fits
is not graded again.
"""

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tqdm import tqdm

from grading import course, marks, statistics
from grading.handed_in import Submission, look
from grading.records import ONLY
from grading.sandbox import problems

MINUTES = 15  # for one submission; the sandbox's own limits are tighter


def grade_alone(submission: Submission) -> None:
    """In a process of its own, which ends with its parent and says nothing."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    try:
        course.grade(submission)
    except Exception as error:
        submission.settle("", f"the grader failed: {type(error).__name__}: {error}"[:300])


def end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


def supervise(context, submission: Submission) -> None:
    """Start the process, and report it where it ends without a receipt; nothing that happens to one stops another."""
    try:
        fingerprint = submission.fingerprint()
        submission.receipt.unlink(missing_ok=True)
        process = context.Process(target=grade_alone, args=(submission,))
        process.start()
        process.join(60 * MINUTES)
        overdue = process.is_alive()
        process.kill()
        process.join()
        if not submission.last():
            submission.settle(
                fingerprint, f"not done in {MINUTES} minutes" if overdue else "the grader itself died of it"
            )
    except Exception as error:
        with contextlib.suppress(OSError):
            submission.settle("", f"the grader failed: {type(error).__name__}: {error}"[:300])


def holds(question: Callable[[], bool]) -> bool:
    """What the submission says of itself; no, where it cannot be asked."""
    with contextlib.suppress(Exception):
        return question()
    return False


def grade_all(root: Path, jobs: int, only: str = "") -> None:
    """Grade what has no receipt, ``jobs`` at a time, and write the grades.

    Args:
        only: ``SET/PROBLEM``: run again what was graded before, and let the points of this problem alone change.

    Raises:
        CourseError, CalendarError: where roster or calendar are not as they should be.
    """
    os.environ[ONLY] = ""
    handed_in, elsewhere = look(root)
    for path in elsewhere:
        print(f"not graded, because it lies where nothing is looked for: {path}")
    if not handed_in:
        return print(f"nothing to grade: submissions lie in {root}/submitted/STUDENT/PROBLEM_SET/")
    course.enrol(root, {submission.student for submission in handed_in})
    waiting = again(handed_in, only) if only else [one for one in handed_in if not holds(one.is_settled)]
    print(f"{len(handed_in)} submissions, {len(handed_in) - len(waiting)} of them graded before")
    run_all(waiting, jobs)
    rows = list(marks.grades(root))
    path = marks.write_csv(root, rows)
    for row in rows:
        if row.trouble:
            print(f"{row.student}, {row.assignment}: {row.trouble}")
    print(f"marks: {path}, problems: {statistics.write(root)}, feedback: {root / 'feedback'}")


def again(handed_in: list[Submission], only: str) -> list[Submission]:
    """The submissions that were graded, and have not changed since, of the set that holds the problem.

    Raises:
        CourseError: where there is no such problem.
    """
    assignment, _, problem = only.partition("/")
    submissions = [submission for submission in handed_in if submission.assignment == assignment]
    if not submissions or problem not in problems(assignment):
        raise course.CourseError(f"there is no problem {only} that was handed in: write SET/PROBLEM")
    os.environ[ONLY] = problem
    return [submission for submission in submissions if holds(submission.is_as_graded)]


def run_all(waiting: list[Submission], jobs: int) -> None:
    """Each in a process of its own."""
    context = multiprocessing.get_context("forkserver")
    judges = {f"grading.answers.{submission.assignment}" for submission in waiting}
    context.set_forkserver_preload(["grading.course", "grading.sandbox", *sorted(judges)])
    with ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(supervise, context, submission) for submission in waiting]
        for future in tqdm(as_completed(running), total=len(running), unit="submission"):
            future.result()
