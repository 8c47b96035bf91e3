"""The course for nbgrader: what `nbgrader`, formgrader and `python -m grading` read."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from grading.clean import Clean
from grading.confinement import UNCONFINED
from grading.converters import Manifest, Relabel
from grading.records import ONLY, SaveGrades
from grading.sandbox import Judge, Sandbox
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    IgnorePattern,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
)

c = get_config()  # noqa: F821 (given by traitlets)

c.CourseDirectory.course_id = "ibnotes"
c.CourseDirectory.root = str(HERE)
c.Exchange.root = os.environ.get("NBGRADER_EXCHANGE", "/usr/local/share/nbgrader/exchange")
c.CourseDirectory.db_url = f"sqlite:///{HERE / 'gradebook.db'}?timeout=60"  # graders side by side wait for each other

c.Autograde.sanitize_preprocessors = [
    Clean,
    Relabel,
    ClearOutput,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]
c.Autograde.autograde_preprocessors = [
    Sandbox,
    Judge,
    IgnorePattern,
    Clean,
    LimitOutput,
    SaveGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
c.SaveGrades.root = str(HERE)
c.SaveGrades.only = os.environ.get(ONLY, "")  # set by `make grade PROBLEM=...`
c.Sandbox.unconfined = os.environ.get(UNCONFINED, "no") != "no"  # set by `make grade UNCONFINED=yes`
c.Sandbox.timeout = 60  # seconds a cell

c.GenerateAssignment.preprocessors = [*GenerateAssignment.preprocessors.default(), Manifest]
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError  # your answer"}
