"""What every grader would import, compile and read anew: done once, in the process that they are forked from.

No line of a student's runs in that process. Nothing is solved in it either: solvers start threads, which no fork keeps.
"""

import gc

import cvxpy  # noqa: F401 (oracles import it where they solve a program)
import nbformat
import torch._dynamo  # noqa: F401 (torch's optimizers import it at their first step, and judges run them)
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory

import grading.clean  # noqa: F401 (which changes how pages are made)
import ibnotes
from grading import confinement

for name in ibnotes.__all__:
    getattr(ibnotes, name)  # and so its module, with what that imports

cells = [new_markdown_cell("$x$ &amp; *y*"), new_code_cell("x = 1  # one", outputs=[new_output("stream", text="1\n")])]
notebook = nbformat.reads(nbformat.writes(new_notebook(cells=cells)), as_version=4)
feedback = GenerateFeedback(coursedir=CourseDirectory())  # for its settings: which templates, and where
score = dict.fromkeys(("score", "max_score", "late_penalty"), 0.0)
HTMLExporter(config=feedback.config).from_notebook_node(notebook, {"nbgrader": score})

confinement.missing()
gc.freeze()  # a grader that looked for garbage in all this would get a copy of it
