"""What may not be used is found in an answer, wherever the answer has it from, and nowhere else."""

import pytest
from grading.problem import Wrong
from grading.shortcuts import check
from nbformat.v4 import new_code_cell

from tests.course.small_course import cell

CELLS = {  # in the order of the notebook; the student's own are `name`, `first`, `own` and `last`
    "name": 'student = ""',
    "first": "",
    "setup": "import numpy as np\nimport ibnotes as ib\nn = 3",
    "other_answer": "def other(n):\n    return np.zeros(n)",
    "other": "trial = ib.shortcut(n)\nassert other(3) == trial",
    "own": "",
    "asked_answer": "answer = -np.log(n)",
    "asked": 'assert answer < 0\nib.hand_in("asked", answer)',
    "last": "",
}


def notebook(**sources):
    """The problem `asked`, after an `other`."""
    cells = []
    for number, (name, source) in enumerate((CELLS | sources).items(), start=1):
        points = 1 if name in {"other", "asked"} else None
        made = cell(source, name.replace("_", "-"), points, solution=name.endswith("_answer"))
        cells.append(new_code_cell(source) if name in {"name", "first", "own", "last"} else made)
        cells[-1].execution_count = number
    return cells


@pytest.mark.parametrize(
    "sources",
    [
        {"asked_answer": "answer = ib.shortcut(n)"},
        {"asked_answer": "from ibnotes import shortcut as long_way\nanswer = long_way(n)"},
        {"asked_answer": "import ibnotes.shortcut as long_way\nanswer = long_way(n)"},
        {"asked_answer": "from ibnotes.shortcut import run\nanswer = run(n)"},
        {"asked_answer": "from ibnotes import *\nanswer = shortcut(n)"},
        {"asked_answer": "answer = getattr(ib, 'shortcut')(n)"},
        {"asked_answer": "import importlib\nanswer = importlib.import_module('ibnotes.shortcut').run(n)"},
        {"asked_answer": "%%time\nanswer = ib.shortcut(n)"},
        {"asked_answer": "!true\nanswer = ib.shortcut(n)"},
        {"asked_answer": "answer = helper(n)", "own": "def helper(n):\n    return ib.shortcut(n)"},
        {"asked_answer": "answer = helper(n)", "first": "helper = lambda n: ib.shortcut(n)"},
        {"asked_answer": "answer = helper(n)", "name": "student = 'ada'\nfrom ibnotes import shortcut as helper"},
        {"asked_answer": "answer = helper(n)", "other_answer": "def helper(n):\n    return ib.shortcut(n)"},
        {"asked_answer": "answer = helper(n)", "first": "deep = ib.shortcut", "own": "def helper(n): return deep(n)"},
        {"asked_answer": "answer = seen", "own": "seen = []\nfor k in range(n):\n    seen.append(ib.shortcut(k))"},
        {"asked_answer": "answer = best", "first": "best = ib.shortcut(n)", "own": "best = int(best)"},
        {"asked_answer": "answer = trial", "own": "trial = ib.shortcut(n)"},
        {"asked_answer": "answer = seen", "own": "%time seen = ib.shortcut(n)"},
        {"asked_answer": "pass", "own": "answer = ib.shortcut(n)"},
    ],
)
def test_a_shortcut_is_found(sources):
    with pytest.raises(Wrong, match=r"shortcut may not be used here: line \d of cell \[\d\]"):
        check(["shortcut"], "asked", notebook(**sources))


@pytest.mark.parametrize(
    "answer",
    [
        "answer = eval('ib.short' + 'cut(n)')",
        "exec('answer = ib.short' + 'cut(n)')\nanswer = answer",
        "answer = getattr(ib, 'short' + 'cut')(n)",
        "answer = vars(ib)['short' + 'cut'](n)",
        "answer = ib.__dict__['short' + 'cut'](n)",
        "answer = globals()['ib'].__getattr__('short' + 'cut')(n)",
        "from operator import attrgetter as get\nanswer = get('short' + 'cut')(ib)(n)",
        "from importlib import import_module as get\nanswer = get('ibnotes.short' + 'cut').run(n)",
        "get_ipython().run_cell('answer = ib.short' + 'cut(n)')",
    ],
)
def test_a_name_put_together_is_found(answer):
    with pytest.raises(Wrong, match=r"may not be used here, as it can stand for any name: line \d of cell \[\d\]"):
        check(["shortcut"], "asked", notebook(asked_answer=answer))


def test_where_nothing_is_forbidden_names_may_be_put_together():
    check([], "asked", notebook(asked_answer="answer = eval('-n')"))


def test_a_variable_of_the_students_may_have_such_a_name():
    check(["shortcut"], "asked", notebook(asked_answer="vars = [n]\nanswer = -vars[0]"))


@pytest.mark.parametrize(
    "sources",
    [
        {},
        {"own": "ib.shortcut(n)"},
        {"own": "import numpy as np\nimport ibnotes as ib\nseen = ib.shortcut(n)"},
        {"first": "n = 7\nib.shortcut(n)"},  # a given cell binds `n` anew
        {"own": "log = ib.shortcut(n)", "asked_answer": "log = 2\nanswer = -np.log(log)"},
        {
            "own": "w = ib.shortcut(n)",
            "asked_answer": "def least(n):\n    w = np.log(n)\n    return -w\nanswer = least(n)",
        },
        {"own": "w = ib.shortcut(n)", "asked_answer": "answer = -sum(w for w in range(n))"},
        {"own": "%timeit -n 3 ib.shortcut(n)"},
        {"own": "!pip install shortcut"},
        {"other_answer": "other = ib.shortcut"},
        {"last": "helper = ib.shortcut\nanswer = helper(n)"},
        {"asked_answer": '"""No shortcut is taken."""  # no ib.shortcut\nanswer = -np.log(n)'},
        {"asked_answer": "shortcuts = 3\nanswer = -np.log(shortcuts)"},
    ],
)
def test_nothing_else_is(sources):
    check(["shortcut"], "asked", notebook(**sources))


@pytest.mark.parametrize("source", ["def answer(:", "\0", "(" * 10_000, "-" * 100_000 + "1", "'\ud800'"])
def test_what_is_not_python_is_read_word_by_word(source):
    check(["shortcut"], "asked", notebook(asked_answer=source, own=source))
    with pytest.raises(Wrong, match="shortcut may not be used here: line 2 of cell"):
        check(["shortcut"], "asked", notebook(asked_answer=f"{source}\nib.shortcut"))


def test_line_and_cell_are_named():
    with pytest.raises(Wrong, match=r"line 3 of cell \[6\]"):
        check(["shortcut"], "asked", notebook(own="\n\nanswer = ib.shortcut(n)"))
