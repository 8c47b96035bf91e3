"""What a class did with each problem: ``problems.csv``, and a page with bars, ``problems.html``."""

import csv
import html
import io
import re
from collections import Counter
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import fmean, median

from nbgrader.api import Gradebook

from grading import records
from grading.course import assignments, connect
from grading.handed_in import Submission, look, write_whole

COMMON = 3  # wrong answers that are shown
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Problems</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .4rem .8rem; border-bottom: 1px solid #bbb; }}
meter {{ width: 10rem; }}
</style></head><body><h1>Problems</h1>
<p>Of those whose submission could be graded; the points of proofs, of those that are marked. Attempts: different
answers of a student's that were graded, on the average. Seconds: what the problem's test runs, the median.</p>
<table><thead><tr><th>set</th><th>problem</th><th>points</th><th>tried</th><th>attempts</th><th>seconds</th>
<th>share of the points</th><th>most common complaints</th></tr></thead>
<tbody>{rows}</tbody></table></body></html>
"""
ROW = """<tr><td>{assignment}</td><td>{problem}</td><td>{points}</td><td>{tried}</td>
<td>{attempts}</td><td>{seconds}</td><td>{bar}</td><td>{complaints}</td></tr>
"""
BAR = '<meter min="0" max="1" value="{0}">{0:.0%}</meter> {0:.0%}'


@dataclass(frozen=True)
class Problem:
    """A row of ``problems.csv``.

    Attributes:
        points: that it is worth.
        tried: submissions that were graded, or marked.
        attempts: different answers that were graded, the mean over the students; for what a machine grades, those to
            the whole set.
        seconds: that its test ran, the median; none where no code was run.
        rate: of the points that they could have, the share that they have; none where nobody tried.
        complaints: the most common, and how many met each.
    """

    assignment: str
    problem: str
    points: float
    tried: int
    attempts: float | None
    seconds: float | None
    rate: float | None
    complaints: str


def problems(root: Path) -> list[Problem]:
    """All problems, in the order of the sets."""
    left = gather(look(root)[0])
    rows = []
    with Gradebook(connect(root).coursedir.db_url) as gradebook:
        for assignment in assignments(root):
            for notebook in gradebook.find_assignment(assignment).notebooks:
                for cell in notebook.grade_cells:
                    scores = [g.score for g in cell.grades if g.manual_score is not None or g.auto_score is not None]
                    rate = round(sum(scores) / (len(scores) * cell.max_score), 4) if scores else None
                    found = left.get((assignment, cell.name), [])
                    tries = [record["attempts"] for record in found if "attempts" in record]
                    times = [record["seconds"] for record in found if record.get("seconds") is not None]
                    rows.append(
                        Problem(
                            assignment,
                            cell.name,
                            cell.max_score,
                            tried=len(scores),
                            attempts=round(fmean(tries), 2) if tries else None,
                            seconds=round(median(times), 3) if times else None,
                            rate=rate,
                            complaints=complaints(found),
                        )
                    )
    return rows


def gather(submissions: list[Submission]) -> dict[tuple[str, str], list[dict]]:
    """For each problem, what `records` has of it, a submission each."""
    left: dict[tuple[str, str], list[dict]] = {}
    for submission in submissions:
        path = records.path_of(submission.root, submission.assignment, submission.student)
        for problem, record in records.read(path).items():
            left.setdefault((submission.assignment, problem), []).append(record)
    return left


def complaints(found: list[dict]) -> str:
    """The most common, numbers left out so that the same complaint is one, and how many met each."""
    said = [re.sub(r"[-+]?\d[\d.]*(e[-+]?\d+)?", "#", record["verdict"]) for record in found if record["verdict"]]
    return "; ".join(f"{count} x {text}" for text, count in Counter(said).most_common(COMMON))


def write(root: Path) -> Path:
    """``problems.csv`` and ``problems.html``; the path of the page."""
    rows = problems(root)
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Problem)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(asdict, rows))
    write_whole(root / "problems.csv", text.getvalue())
    write_whole(root / "problems.html", PAGE.format(rows="".join(map(html_row, rows))))
    return root / "problems.html"


def html_row(row: Problem) -> str:
    bar = "nobody yet" if row.rate is None else BAR.format(row.rate)
    shown = {name: "" if value is None else html.escape(str(value)) for name, value in asdict(row).items()}
    return ROW.format(bar=bar, **shown)
