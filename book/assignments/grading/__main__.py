"""Run the course: ``python -m grading release``, ``grade`` and ``marks``, in the folder of the course."""

import argparse
import os
import sys
from pathlib import Path

import nbformat
from nbgrader.utils import is_grade, is_solution

from grading import lms
from grading.calendar import CalendarError
from grading.confinement import UNCONFINED, missing
from grading.course import HERE, CourseError, release
from grading.marks import grades
from grading.run import BACKENDS, grade_all

EXPOSED = (
    "without it what students wrote can read and change all that you can, answers, marks and each other's work "
    "included, use the network, and leave processes behind"
)


def list_release(root: Path) -> None:
    """Print what was released, with its points."""
    for path in sorted((root / "release").glob("*/*.ipynb")):
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if is_grade(cell)]
        by_hand = sum(cell.metadata.nbgrader["points"] for cell in cells if is_solution(cell))
        total = sum(cell.metadata.nbgrader["points"] for cell in cells)
        print(f"{path.relative_to(root)}: {len(cells)} problems, {total} points, {by_hand} of them marked by hand")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["release", "grade", "marks"])
    parser.add_argument("--course", type=Path, default=HERE, help="folder with source, submitted, ...")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="submissions graded at a time")
    parser.add_argument("--backend", choices=BACKENDS, default="threading", help="joblib's, on which to grade")
    parser.add_argument(
        "--scheduler", default="", help="address of the cluster's (dask); without it, one is started here"
    )
    parser.add_argument("--problem", default="", help="grade again SET/PROBLEM alone")
    parser.add_argument("--lms", choices=sorted(lms.SHAPES), default="csv", help="shape of the marks")
    parser.add_argument("--unconfined", action="store_true", help="run students' code with all that you may do")
    arguments = parser.parse_args()
    root = arguments.course.resolve()
    if not (root / "source").is_dir():
        parser.error(f"{root} has no folder 'source'")
    if arguments.jobs < 1:
        parser.error(f"--jobs must be positive, found {arguments.jobs}")
    if arguments.unconfined:
        os.environ[UNCONFINED] = "yes"
    elif arguments.command == "grade" and missing():
        parser.error(f"{missing()}; {EXPOSED}. Install it, or add --unconfined (make grade UNCONFINED=yes)")
    try:
        release(root)
        match arguments.command:
            case "release":
                list_release(root)
            case "grade":
                grade_all(root, arguments.jobs, arguments.problem, arguments.backend, arguments.scheduler)
            case "marks":
                print(lms.write(root, arguments.lms, list(grades(root))))
    except (CourseError, CalendarError) as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
