"""Grade a pile of submissions, each in a process of its own, so that none can harm another's.

Grading takes up where it was killed: each submission leaves a receipt when it is done, and one whose receipt fits
is not graded again.
"""

import contextlib
import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tqdm import tqdm

from grading import course, marks
from grading.handed_in import Submission, look

MINUTES = 15  # for one submission; the sandbox's own limits are tighter


def grade_alone(submission: Submission) -> None:
    """In a process of its own, which ends with its parent and says nothing."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    course.grade(submission)


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


def is_settled(submission: Submission) -> bool:
    with contextlib.suppress(Exception):
        return submission.is_settled()
    return False


def grade_all(root: Path, jobs: int) -> None:
    """Grade what has no receipt, ``jobs`` at a time, and write the grades."""
    context = multiprocessing.get_context("forkserver")
    handed_in, elsewhere = look(root)
    judges = {f"grading.answers.{submission.assignment}" for submission in handed_in}
    context.set_forkserver_preload(["grading.course", "grading.sandbox", *sorted(judges)])
    for path in elsewhere:
        print(f"not graded, because it lies where nothing is looked for: {path}")
    if not handed_in:
        return print(f"nothing to grade: submissions lie in {root}/submitted/STUDENT/PROBLEM_SET/")
    course.enrol(root, {submission.student for submission in handed_in})
    waiting = [submission for submission in handed_in if not is_settled(submission)]
    print(f"{len(handed_in)} submissions, {len(handed_in) - len(waiting)} of them graded before")
    with ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(supervise, context, submission) for submission in waiting]
        for future in tqdm(as_completed(running), total=len(running), unit="submission"):
            future.result()
    rows = list(marks.grades(root))
    path = marks.write_csv(root, rows)
    for row in rows:
        if row.trouble:
            print(f"{row.student}, {row.assignment}: {row.trouble}")
    print(f"marks: {path}, feedback: {root / 'feedback'}")
