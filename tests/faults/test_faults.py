"""The runner tells faults that are caught from those that survive, crash or plant nothing."""

import re
import sys
from functools import cache
from types import FunctionType

import nbformat
import pytest

import ibnotes
from ibnotes.verification.ledger import read_records

from . import chapter
from .chapter import code_cells
from .outcomes import BOOK, CHAPTERS, Outcome, faults_of, is_current, table, try_faults
from .plant import Cell, Fault, Lie, Source
from .slices import needed

all_records = cache(read_records)
CELLS = (
    "import numpy as np\nimport ibnotes as ib",
    "u, v = np.array([1.0, 0.0]), np.array([1.0, 1.0])\nquarter = np.pi / 4",
    "measured, straight = ib.angle(u, v), ib.angle(u, u)",
    'ib.verify("Angles", ib.Check("C1", "a quarter", measured, quarter, 1e-12, straight, "the same vector"))',
    "ratio = 1 / measured",
    'ib.verify("Ratios", ib.Check("C1", "its inverse", ratio, 4 / np.pi, 1e-12, 0 * ratio, "nothing"))',
)


def lie(words, wrong, notices="a quarter", where="angle"):
    return Lie(words, notices, where, wrong)


FAULTS = {
    Cell("a third", "a quarter", "np.pi / 4", "np.pi / 3"): "caught",
    Cell("stands in the check's own cell", "a quarter", 'straight, "', 'quarter, "'): "caught",
    Cell("text that stands in two cells", "its inverse", "measured, ", ""): "error",
    Cell("changes nothing", "a quarter", "np.array([1.0, 1.0])", "np.array([2.0, 2.0])"): "survives",
    Cell("noticed by another only", "its inverse", "np.pi / 4", "np.pi / 3"): "survives",
    Cell("not there", "a quarter", "np.tau", "np.pi"): "error",
    Cell("there twice", "a quarter", "np.array", "np.asarray"): "error",
    Cell("after its check", "a quarter", "1 / measured", "2 / measured"): "error",
    Cell("no such check", "a third", "np.pi / 4", "np.pi / 3"): "error",
    Cell("a crash", "a quarter", "np.pi / 4", "1 / 0"): "crash",
    lie("scaled", lambda honest, *a: 1.01 * honest(*a)): "caught",
    lie("scaled, at a later check", lambda honest, *a: 1.01 * honest(*a), "its inverse"): "caught",
    lie("honest", lambda honest, *a: honest(*a)): "survives",
    lie("raises", lambda honest, *a: [][0]): "crash",
    lie("not used", lambda honest, *a: 0, where="margin_bound"): "error",
    lie("not there", lambda honest, *a: 0, where="no_such_function"): "error",
    lie("dies", lambda honest, *a: __import__("os")._exit(3)): "crash",
    lie("no such method", lambda honest, *a: 0, where="GradientDescent.stepp"): "error",
    lie("a class", lambda honest, *a: 0, where="GradientDescent"): "error",
    Source("doubled", "a quarter", "angle", "return ", "return 2 * "): "caught",
    Source("not there", "a quarter", "angle", "no such text", ""): "error",
    Source("outside a function", "a quarter", "angle", "def angle(", "def other("): "error",
}


def outcomes(monkeypatch, tmp_path, cells, faults):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, tmp_path / "tiny.ipynb")
    monkeypatch.setattr(chapter, "BOOK", tmp_path)
    return {outcome.fault: outcome for outcome in try_faults({"tiny": list(faults)}, 2)}


@pytest.mark.slow
def test_every_fault_comes_out_as_it_must(monkeypatch, tmp_path):
    found = outcomes(monkeypatch, tmp_path, CELLS, FAULTS)
    assert {fault: outcome.result for fault, outcome in found.items()} == FAULTS


def test_a_survivor_names_the_checks_that_do_notice(monkeypatch, tmp_path):
    (found,) = outcomes(monkeypatch, tmp_path, CELLS, [Cell("third", "its inverse", "np.pi / 4", "np.pi / 3")]).values()
    assert found.remark == "other checks that notice: Angles: a quarter"


def test_a_chapter_that_fails_by_itself_proves_nothing(monkeypatch, tmp_path):
    cells = [*CELLS[:3], CELLS[3].replace("quarter, 1e-12", "1.0, 1e-12"), *CELLS[4:]]
    found = outcomes(monkeypatch, tmp_path, cells, [Cell("late", "its inverse", "1 / measured", "2 / measured")])
    assert [outcome.result for outcome in found.values()] == ["error"]


@pytest.mark.parametrize(
    ("result", "survives", "expected"),
    [
        ("caught", "", True),
        ("survives", "", False),
        ("crash", "", False),
        ("error", "", False),
        ("caught", "a reason", False),
        ("survives", "a reason", True),
        ("crash", "a reason", False),
    ],
)
def test_a_recorded_survivor_must_survive(result, survives, expected):
    assert Outcome("tiny", Fault("", "", survives=survives), result, "").expected == expected


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_fault_names_one_check_and_no_other_fault(chapter):
    """As the committed notebook has them."""
    records = [record for record in all_records(BOOK) if record["link"].startswith(f"{chapter}.html")]
    names = [f"{record['theorem']}: {record['quantity']}" for record in records]
    faults = faults_of(chapter)
    assert {
        fault.notices: found for fault in faults if len(found := [n for n in names if fault.notices in n]) != 1
    } == {}
    assert len({fault.words for fault in faults}) == len(faults)


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the hash is of Python 3.11's syntax trees")
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_table_is_current(chapter):
    assert is_current(chapter), "run make faults"


def test_the_table_holds_no_surprise():
    rows = [row for entry in table().values() for row in entry["faults"]]
    assert [row["fault"] for row in rows if row["result"] != ("survives" if row["reason"] else "caught")] == []


@pytest.mark.slow
def test_a_sample_of_the_table_comes_out_the_same():
    """One fault of each of two chapters, others with every new table: a chapter costs seconds."""
    drawn = {chapter: int(entry["made from"], 16) for chapter, entry in table().items()}
    which = {chapter: drawn[chapter] % len(table()[chapter]["faults"]) for chapter in sorted(drawn, key=drawn.get)[:2]}
    found = try_faults({chapter: [faults_of(chapter)[number]] for chapter, number in which.items()}, 2)
    rows = {chapter: table()[chapter]["faults"][number] for chapter, number in which.items()}
    assert {one.chapter: (one.result, one.remark) for one in found} == {
        chapter: (row["result"], row["check"]) for chapter, row in rows.items()
    }


def test_every_public_function_that_a_chapter_uses_is_lied_about():
    """But for those that only show something."""
    used = {
        name for chapter in CHAPTERS for cell in code_cells(chapter) for name in re.findall(r"ib\.(\w+)", cell.source)
    }
    functions = {name for name in used if isinstance(getattr(ibnotes, name, None), FunctionType)}
    planted = {getattr(fault, "where", "") for chapter in CHAPTERS for fault in faults_of(chapter)}
    whole = {"fingerprint", "compare_optimizers"}  # their parts are lied about, in tests/faults/atlas.py
    assert functions - planted - whole == {"verify", "glue", "label", "plot_points", "use_style"}


CHAIN = (
    "import numpy as np\nimport ibnotes as ib",
    "rng = np.random.default_rng(0)",
    "def draw():\n    return scale * rng.standard_normal()",
    "scale, unused = 2, 3",
    "first = draw()",
    "second = [draw() for unused in range(3)]",
    "second.append(first)",
    "picture = sum(unused for unused in range(9))",
    "ib.glue('x', second)",
)


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("print(second)", {0, 1, 2, 3, 4, 5, 6}),
        ("print(first)", {0, 1, 2, 3, 4}),
        ("print(rng.random())", {0, 1, 2, 3, 4, 5}),
        ("print(unused)", {3}),
        ("print(np.pi)", {0}),
    ],
)
def test_a_check_runs_what_it_depends_on(goal, expected):
    """Through functions, generators and lists that grow; a comprehension's own variable is nobody else's."""
    assert needed([*CHAIN, goal], len(CHAIN)) == expected | {len(CHAIN)}
