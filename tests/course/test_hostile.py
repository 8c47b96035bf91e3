"""Hostile and broken submissions: each is graded or reported, and none touches another's grade."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import nbformat
import pytest
from grading.confinement import ConfinedKernel, limits, missing
from nbformat.v4 import new_code_cell

from tests.course import small_course
from tests.course.attacks import attacks, left_processes, listener
from tests.course.small_course import DOUBLE, cell, make_course, notebook, write

pytestmark = pytest.mark.slow

WRONG = "def double(x):\n    return 3 * x\n"  # wrong on the visible instance too


def without(nb, grade_id):
    nb.cells = [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") != grade_id]
    return nb


def edited(nb, which, source, **metadata):
    found = next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == which)
    found.source = source
    found.metadata.nbgrader.update(metadata)
    return nb


def joined(nb, extra):
    nb.cells.append(extra)
    return nb


def tripled(nb):
    """The graded cells three times over."""
    nb.cells += [nbformat.from_dict({**cell, "id": f"{cell.id}{k}"}) for cell in nb.cells[2:] for k in range(2)]
    return nb


def relabelled(nb, labels):
    """With cells that bear labels of all kinds, and no cell where the labels are missing altogether."""
    nb.cells += [new_code_cell("", metadata={"nbgrader": label}) for label in labels]
    return nb


def stripped(nb):
    for bare in nb.cells:
        bare.metadata = {}
    return nb


NO_ASSERT = """
import ast
class Silence(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
get_ipython().ast_transformers.append(Silence())
"""
KILL = "import os, signal\nos.kill(os.{}(), signal.SIGKILL)"
FORGED_RECORD = """
from IPython.display import display
def forge(problem, answer):
    record = {"problem": problem, "answers": [{"value": [0.0, 0.0, 0.0, 0.0]}] * 3, "right": True, "score": 3}
    display({ibnotes.course.ANSWERS: json.dumps(record)}, raw=True)
"""

# name of the folder, and some are hostile by it: what is handed in as small.ipynb, or as several files; its points
GRADED = {
    "honest": (notebook(), 5),
    "infinite loop": (notebook(double="while True:\n    pass"), 2),
    "loop that ignores interrupts": (
        notebook(double="import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(1)"),
        0,
    ),
    "loop in the function": (
        notebook(double="import time\ndef double(x):\n    while x.shape != (2,): time.sleep(1)\n    return x + x"),
        2,
    ),
    "memory at once": (notebook(double="bytes(10**12)"), 2),
    "memory bit by bit": (notebook(double="hoard = []\nwhile True: hoard.append(bytearray(10**8))"), 2),
    "exit": (notebook(double="exit()"), {0, 2}),  # the kernel may or may not reach the other problem first
    "exit at the end": (notebook(answer="import os\nos._exit(0)"), 3),
    "kernel killed": (notebook(double=KILL.format("getpid")), 0),
    "[a]-test deleted": (without(notebook(), "double"), 5),
    "test deleted, answer wrong": (without(notebook(double=WRONG), "double"), 2),
    "answer deleted": (without(notebook(), "double-answer"), 2),
    "test emptied": (edited(notebook(double=WRONG), "double", "pass"), 2),
    "points raised": (edited(notebook(double=WRONG), "number", "pass", points=1000), 2),
    "o'neil; drop table grade, set-up edited": (edited(notebook(), "setup", "import nothing_of_the_kind"), 5),
    "cells tripled": (tripled(notebook(double=WRONG)), 2),
    "a cell of another se*": (joined(notebook(), cell("1 / 0", "elsewhere", points=9)), 5),
    "asserts taken out": (notebook(double=NO_ASSERT + WRONG), 2),
    "AssertionError renamed": (notebook(double=WRONG + "import builtins\nbuiltins.AssertionError = print"), 2),
    "always equal": (
        notebook(
            double="class Yes(float):\n    __eq__ = lambda a, b: np.ones(2, bool)\n    __hash__ = None\n"
            "def double(x):\n    return Yes(1)"
        ),
        2,
    ),
    "hand_in replaced": (notebook(double=NO_ASSERT + WRONG + "hand_in = lambda *a: None"), 0),
    "record forged": (notebook(double=NO_ASSERT + "import json\n" + FORGED_RECORD + WRONG + "hand_in = forge"), 0),
    "ibnotes patched": (
        notebook(
            double=NO_ASSERT + WRONG + "ibnotes.course.as_plain = lambda value: 0.0\nibnotes.course.json = None",
        ),
        0,
    ),
    "NumPy patched": (notebook(double=NO_ASSERT + WRONG + "np.allclose = np.array_equal = lambda *a, **k: True"), 2),
    "score displayed": (notebook(double=NO_ASSERT + WRONG + "def hand_in(*a):\n    return 3.0"), 0),
    "HONEST": (notebook(answer="answer = ibnotes.course.student_rng('honest', 'ps0').random()"), 5),
    "another's number, typed": (notebook(answer="answer = 0.123456789"), 3),
    "another's name": (
        notebook(
            answer="import os\nos.environ[ibnotes.course.STUDENT] = 'honest'\nanswer = "
            "ibnotes.course.student_rng('honest', 'ps0').random()"
        ),
        3,
    ),
    "50 MB of output".ljust(255, "x"): (notebook(double=DOUBLE + "\nfor _ in range(50):\n    print('x' * 10**6)"), 5),
    "a million lines": (notebook(double=DOUBLE + "\nprint('x\\n' * 10**6)"), 5),
    "a file of 1 GB": (notebook(double="with open('big', 'wb') as f:\n    f.write(bytes(10**9))"), 2),
    "Zoë Ñandú 雪, a cell of one's own": (joined(notebook(), new_code_cell("1 / 0")), 5),
    "test declared an answer": (edited(notebook(double=WRONG), "double", "pass", solution=True, grade=False), 2),
    " labels broken, blanks at the ends ": (
        relabelled(notebook(), ["no", {"grade_id": {}}, {"grade_id": "elsewhere"}]),
        5,
    ),
    "a file whose name is no text, a folder 300 deep": (
        {"small.ipynb": notebook(), os.fsdecode(b"L\xf6sung.txt"): "mine", "d/" * 300 + "x": "deep"},
        5,
    ),
    "a file beside it": ({"small.ipynb": notebook(), "numpy.py": "raise ImportError('mine')"}, 0),
}
NOT_UTF8 = os.fsdecode(b"Zo\xeb")
REPORTED = {  # what is handed in, and a part of the reason that its author is told
    "invalid JSON": ('{"cells": [', "small.ipynb is not a notebook"),
    "empty file": ("", "small.ipynb is not a notebook"),
    "no notebook": ({"essay.txt": "I did it, I promise."}, "expected ps0/small.ipynb, found essay.txt"),
    "another name": ({"small (1).ipynb": notebook()}, "expected ps0/small.ipynb, found small (1).ipynb"),
    "another case": ({"Small.ipynb": notebook()}, "expected ps0/small.ipynb, found Small.ipynb"),
    "a folder in between": ({"ps0/small.ipynb": notebook()}, "expected ps0/small.ipynb, found ps0/small.ipynb in it"),
    "a script": ({"small.py": DOUBLE, "small.zip": b"PK"}, "expected ps0/small.ipynb, found small.py, small.zip"),
    "nothing": ({}, "expected ps0/small.ipynb, found no file"),
    "not a notebook": (json.dumps({"a": 1}), "small.ipynb is not a notebook"),
    "binary": (bytes(range(256)) * 100, "small.ipynb is not a notebook"),
    "a list": ("[1, 2]", "small.ipynb is not a notebook"),
    "nested 100,000 deep": ("[" * 100_000 + "]" * 100_000, "nested too deep"),
    "no cells": (nbformat.v4.new_notebook(), "it has no cells"),
    "labels stripped": (stripped(notebook()), "have lost their names"),
    "no time": ({"small.ipynb": notebook(), "timestamp.txt": "yesterday, I think"}, "timestamp.txt holds no time"),
    "too big": ({"small.ipynb": notebook(), "film": b"\0" * (51 * 2**20)}, "more than 50 MB"),
    "two\nlines": (notebook(), "line break"),
    '";alert(1);"': (notebook(), 'holds "'),
    "<img src=x onerror=alert(1)>": (notebook(), "holds < >"),
    NOT_UTF8: (notebook(), "not UTF-8"),
}
GRADER_KILLED = notebook(double=KILL.format("getppid"))  # confined, it has no parent that it could kill
if missing():
    REPORTED["grader killed"] = (GRADER_KILLED, "the grader itself died of it")
else:
    GRADED["grader killed"] = (GRADER_KILLED, 2)
LINKS = {  # what somebody hands in beside a notebook, and what it points to in the course
    "photo.png": "gradebook.db",
    "more": "submitted/honest",
    "loop": "submitted/links/ps0/loop",
    "none.png": "/nowhere",
}


def hand_in(root, student, content):
    folder = root / "submitted" / student / "ps0"
    folder.mkdir(parents=True)
    files = content if isinstance(content, dict) and "cells" not in content else {"small.ipynb": content}
    for name, text in files.items():
        write(folder / name, text)


@pytest.fixture(scope="module")
def traps(tmp_path_factory):
    """What attacks are after outside of the course: a home, a file in the machine's temporary folder, a listener."""
    home = tmp_path_factory.mktemp("home")
    (home / "secret").write_text("secret")
    canary = tmp_path_factory.mktemp("machine") / "canary"
    canary.write_text("alive")
    with listener() as server:
        server.settimeout(0)
        yield SimpleNamespace(home=home, canary=canary, server=server)


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory, traps):
    """A course in which all of this was handed in; the files in it that no grading should change."""
    root = tmp_path_factory.mktemp("hostile") / "course"
    make_course(root)
    for student, (content, _) in (GRADED | REPORTED).items():
        hand_in(root, student, content)
    hand_in(root, "notebook linked", {})
    (root / "submitted" / "notebook linked" / "ps0" / "small.ipynb").symlink_to(root / HONESTS)
    hand_in(root, "links", notebook())
    for name, target in LINKS.items():
        (root / "submitted" / "links" / "ps0" / name).symlink_to(root / target)
    os.mkfifo(root / "submitted" / "links" / "ps0" / "pipe")
    for path in MISPLACED:
        write(root / path, notebook())
    if not missing():
        attack = attacks(root, traps.home, traps.canary, traps.server.getsockname()[1])
        mallory = notebook()
        mallory.cells[2:2] = map(new_code_cell, attack.values())
        hand_in(root, "mallory", mallory)
    return root, contents(root)


def contents(root):
    kept = [path for name in ("grading", "source", "submitted") for path in (root / name).rglob("*.*")]
    kept = [path for path in (*kept, root / "nbgrader_config.py") if path.is_file() and path.suffix != ".pyc"]
    return {path: path.read_bytes() for path in kept if not path.is_symlink()}


@pytest.fixture(scope="module")
def graded(handed_in, traps):
    """The course, graded; what the grader printed; ``marks.csv``."""
    root, _ = handed_in
    environment = {"HOME": str(traps.home), "IBNOTES_CANARY": "seen", "MPLCONFIGDIR": matplotlib.get_cachedir()}
    return root, *small_course.grade(root, environment)


HONESTS = "submitted/honest/ps0/small.ipynb"
MISPLACED = (
    "submitted/small.ipynb",
    "submitted/one level up/small.ipynb",
    "submitted/ps0/the other way round/small.ipynb",
    "submitted/another case/PS0/small.ipynb",
)


@pytest.mark.parametrize("student", GRADED)
def test_it_is_graded(graded, student):
    _, _, rows = graded
    assert rows[student]["trouble"] == ""
    points = GRADED[student][1]
    assert float(rows[student]["score"]) in (points if isinstance(points, set) else {points})
    assert rows[student]["to_mark_by_hand"] == "False"


@pytest.mark.parametrize("student", REPORTED)
def test_it_is_reported_in_words_that_help(graded, student):
    _, printed, rows = graded
    name = student.encode("utf-8", "backslashreplace").decode()
    assert REPORTED[student][1].removesuffix(" in it") in rows[name]["trouble"]
    assert float(rows[name]["score"]) == 0
    assert f"{name}, ps0: {rows[name]['trouble']}" in printed


@pytest.mark.parametrize("path", MISPLACED)
def test_what_lies_elsewhere_is_listed(graded, path):
    _, printed, _ = graded
    listed = re.findall("not graded, because it lies where nothing is looked for: (.*)", printed)
    assert any(path == found or path.startswith(f"{found}/") for found in listed)


@pytest.mark.parametrize("name", [*LINKS, "pipe"])
def test_no_link_is_followed(graded, name):
    root, _, rows = graded
    assert (float(rows["links"]["score"]), rows["links"]["trouble"]) == (5, "")
    for step in ("autograded", "feedback"):
        assert not os.path.lexists(root / step / "links" / "ps0" / name)


def test_a_notebook_that_is_a_link_is_not_read(graded):
    row = graded[2]["notebook linked"]
    assert float(row["score"]) == 0
    assert row["trouble"]


def test_feedback_stays_small(graded):
    root, _, _ = graded
    assert max(path.stat().st_size for path in (root / "feedback").rglob("*.html")) < 5e6


@pytest.mark.parametrize("student", [student for student, (_, points) in GRADED.items() if points == 5])
def test_everybody_has_feedback(graded, student):
    assert (graded[0] / "feedback" / student / "ps0" / "small.html").exists()


ATTACKS = list(attacks(*map(Path, "abc"), port=0))
confined = pytest.mark.skipif(bool(missing()), reason=f"nothing is confined on this machine: {missing()}")


@confined
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gains_nothing(graded, name):
    cells = nbformat.read(graded[0] / "autograded" / "mallory" / "ps0" / "small.ipynb", as_version=4).cells
    printed = "".join(output.get("text", "") for cell in cells if cell.cell_type == "code" for output in cell.outputs)
    assert f"{name} failed: " in printed
    assert f"{name} REACHED" not in printed


@confined
def test_an_attack_harms_nobody(handed_in, graded, traps):
    root, _, rows = graded
    assert contents(root) == handed_in[1]
    assert traps.canary.read_text() == "alive"
    assert list(traps.home.rglob("mine.py")) == []
    with pytest.raises(BlockingIOError):
        traps.server.accept()
    for student in ("honest", "mallory", "o'neil; drop table grade, set-up edited"):  # one before it and one after it
        assert float(rows[student]["score"]) == 5
        assert "mine" not in (root / "feedback" / student / "ps0" / "small.html").read_text(encoding="utf-8")[:10]
        assert (root / "receipts" / student / "ps0.json").stat().st_size > 60
    assert left_processes(root) == []


HARMLESS = [name for name in ATTACKS if name.endswith(" read") or name in {"grader changed", "package changed"}]


@confined
def test_unconfined_the_same_code_reaches_what_it_is_after(handed_in, traps):
    code = attacks(handed_in[0], traps.home, traps.canary, port=0)
    trial = [sys.executable, "-c", "".join(code[name] for name in HARMLESS)]
    printed = subprocess.run(trial, capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == [f"{name} REACHED" for name in HARMLESS]


@confined
def test_a_kernel_that_cannot_start_is_not_waited_for(tmp_path):
    inputs = tmp_path / "inputs.json"
    inputs.write_text("{}")

    async def start(memory: int) -> None:
        kernel = ConfinedKernel()
        kernel.confine(str(inputs), {}, limits(memory, 2**20), 2**20)
        await kernel.start_kernel(cwd=str(tmp_path))
        client = kernel.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=60)
        finally:
            client.stop_channels()
            await kernel.shutdown_kernel(now=True)

    asyncio.run(start(2**32))
    with pytest.raises(RuntimeError, match="the kernel did not start"):
        asyncio.run(asyncio.wait_for(start(2**25), timeout=30))
