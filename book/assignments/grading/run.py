"""Grade a pile of submissions, each in a process of its own, so that none can harm another's.

Grading is a function of one submission, which runs on any of joblib's backends: threads of this process, others, or a
cluster. It takes up where it was killed: each submission leaves a receipt when it is done, and one whose receipt fits
is not graded again.
"""

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from joblib import Parallel, delayed, parallel_config
from tqdm import tqdm

from grading import confinement, course, gradebooks, marks, statistics
from grading.confinement import UNCONFINED
from grading.handed_in import Submission, look
from grading.records import ONLY
from grading.sandbox import problems

MINUTES = 15  # for one submission; the sandbox's own limits are tighter
WARM_FROM = 8  # so many submissions it pays to prepare for
BACKENDS = ("threading", "loky", "dask")
PREPARED = "start scheduler and workers in the course's folder with PYTHONPATH=. DASK_DISTRIBUTED__WORKER__DAEMON=False"


@dataclass(frozen=True)
class Orders:
    """What a worker has to know besides the submission.

    Attributes:
        environment: variables by which ``nbgrader_config.py`` knows what is wanted.
        preload: modules that all submissions need.
        apart: whether each worker writes a gradebook of its own.
    """

    environment: dict[str, str]
    preload: tuple[str, ...]
    apart: bool


def grade_alone(submission: Submission, gradebook: str, environment: dict[str, str]) -> None:
    """In a process of its own, which ends with its parent and says nothing."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    os.environ.update(environment)
    try:
        course.grade(submission, gradebook)
    except Exception as error:
        submission.settle("", f"the grader failed: {type(error).__name__}: {error}"[:300])


def end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


def watch(submission: Submission, gradebook: str, orders: Orders) -> None:
    """Start the process, and report it where it ends without a receipt."""
    if orders.apart:
        multiprocessing.set_start_method("forkserver", force=True)  # loky's own is unknown to what is started
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(orders.preload))
    fingerprint = submission.fingerprint()
    submission.receipt.unlink(missing_ok=True)
    process = context.Process(target=grade_alone, args=(submission, gradebook, orders.environment))
    process.start()
    process.join(60 * MINUTES)
    overdue = process.is_alive()
    process.kill()
    process.join()
    if not submission.last():
        submission.settle(fingerprint, f"not done in {MINUTES} minutes" if overdue else "the grader itself died of it")


def supervise(submission: Submission, orders: Orders, grade: Callable = watch) -> None:
    """Have it graded, once, whoever else tries; nothing that happens to one submission stops another."""
    try:
        gradebook = gradebooks.of_worker(submission.root) if orders.apart else ""
        with gradebooks.locked(submission.receipt):
            if orders.environment[ONLY] or not holds(submission.is_settled):  # another worker was quicker
                grade(submission, gradebook, orders)
    except Exception as error:
        with contextlib.suppress(OSError):
            submission.settle("", f"the grader failed: {type(error).__name__}: {error}"[:300])


def holds(question: Callable[[], bool]) -> bool:
    """What the submission says of itself; no, where it cannot be asked."""
    with contextlib.suppress(Exception):
        return question()
    return False


def grade_all(root: Path, jobs: int, only: str = "", backend: str = "threading", scheduler: str = "") -> None:
    """Grade what has no receipt, ``jobs`` at a time, and write the grades.

    Args:
        only: ``SET/PROBLEM``: run again what was graded before, and let the points of this problem alone change.
        backend: one of `BACKENDS`.
        scheduler: address of a cluster's, for dask; empty for a cluster of ``jobs`` processes here.

    Raises:
        CourseError, CalendarError: where roster, calendar or cluster are not as they should be.
    """
    os.environ[ONLY] = ""
    handed_in, elsewhere = look(root)
    for path in elsewhere:
        print(f"not graded, because it lies where nothing is looked for: {path}")
    if not handed_in:
        return print(f"nothing to grade: submissions lie in {root}/submitted/STUDENT/PROBLEM_SET/")
    course.enrol(root, {submission.student for submission in handed_in})
    gradebooks.merge(root, handed_in)  # what a run left that was killed
    waiting = again(handed_in, only) if only else [one for one in handed_in if not holds(one.is_settled)]
    print(f"{len(handed_in)} submissions, {len(handed_in) - len(waiting)} of them graded before")
    run_all(waiting, jobs, backend, scheduler)
    gradebooks.merge(root, handed_in)
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


def run_all(
    waiting: list[Submission], jobs: int, backend: str = "threading", scheduler: str = "", grade: Callable = watch
) -> None:
    """Each in a process of its own."""
    judges = sorted({f"grading.answers.{submission.assignment}" for submission in waiting})
    environment = {ONLY: os.environ.get(ONLY, ""), UNCONFINED: os.environ.get(UNCONFINED, "no")}
    warm = ("grading.warm",) if len(waiting) >= WARM_FROM else ()
    orders = Orders(environment, ("grading.course", "grading.sandbox", *judges, *warm), apart=backend != "threading")
    tasks = (delayed(supervise)(submission, orders, grade) for submission in waiting)
    on = cluster(scheduler, jobs) if backend == "dask" else contextlib.nullcontext()
    with on, parallel_config(backend, n_jobs=-1 if backend == "dask" else jobs):
        done = Parallel(return_as="generator_unordered", batch_size=1)(tasks)
        for _ in tqdm(done, total=len(waiting), unit="submission"):
            pass


@contextlib.contextmanager
def cluster(scheduler: str, jobs: int) -> Iterator[None]:
    """A cluster whose workers can grade: the scheduler's, or one of ``jobs`` processes here.

    Raises:
        CourseError: where they cannot; says why.
    """
    import dask
    from distributed import Client

    here = {} if scheduler else {"n_workers": jobs, "threads_per_worker": 1, "dashboard_address": None}
    with dask.config.set({"distributed.worker.daemon": False}):
        try:
            client = Client(scheduler or None, **here)
        except OSError as error:
            raise course.CourseError(f"there is no cluster: {error}") from error
        with client:
            try:
                client.run_on_scheduler(holds, bool)  # it reads what it passes on, and so has to know this module
                reasons = set(client.run(unready).values()) - {""}
            except Exception as error:  # dask hands on the text of another machine's
                reasons = {f"{error} ({PREPARED})"}
            if reasons:
                raise course.CourseError(f"the cluster cannot grade: {', '.join(sorted(reasons))}")
            yield


def unready() -> str:
    """Why this worker cannot grade, or empty."""
    if multiprocessing.current_process().daemon:
        return f"it may not start processes ({PREPARED})"
    return "" if os.environ.get(UNCONFINED, "no") != "no" else confinement.missing()
