"""The committed notebooks have the form that the book and nbval rely on."""

import ast
import importlib.util
import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import replay
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn

import ibnotes
from ibnotes.verification.verify import RECORD

BOOK = Path(__file__).resolve().parents[2] / "book"
NOTEBOOKS = sorted(BOOK.glob("*.ipynb"))
CHAPTERS = [path for path in NOTEBOOKS if path.stem != "claims"]
THEORY = [path for path in CHAPTERS if path.stem not in ("sweeps", "how_fast")]  # which show, and prove nothing

spec = importlib.util.spec_from_file_location("normalize", BOOK / "tools" / "normalize.py")
normalize = importlib.util.module_from_spec(spec)
spec.loader.exec_module(normalize)


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def tags(cell):
    return cell.metadata.get("tags", [])


def has_record(cell):
    return any(RECORD in output.get("data", {}) for output in cell.outputs)


def is_check(node):
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "ib.Check"


def only_glues(node):
    if isinstance(node, ast.For):
        return all(only_glues(part) for part in node.body)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "ib.glue"


def shows_something(cell):
    return "mystnb" in cell.metadata or any("text/html" in output.get("data", {}) for output in cell.outputs)


def names_in(node):
    return [part for part in ast.walk(node) if isinstance(part, ast.Name)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestCommitted:
    def test_is_normalized(self, path):
        assert path.read_text(encoding="utf-8") == normalize.text(normalize.normalize(nbformat.read(path, 4)))

    def test_shows_no_error_and_no_stderr(self, path):
        assert normalize.troubles(nbformat.read(path, 4)) == []

    def test_was_executed_in_order(self, path):
        counts = [cell.execution_count for cell in code_cells(path)]
        assert counts == list(range(1, len(counts) + 1))

    def test_compared_cells_have_output_to_compare(self, path):
        compared = [cell for cell in code_cells(path) if "nbval-check-output" in tags(cell)]
        assert compared
        assert all(cell.outputs and cell.execution_count for cell in compared)

    def test_every_verification_is_compared(self, path):
        cells = [cell for cell in code_cells(path) if "verify(" in cell.source]
        assert all(has_record(cell) and "nbval-check-output" in tags(cell) for cell in cells)

    def test_no_control_is_a_typed_number(self, path):
        sources = [cell.source for cell in code_cells(path) if "ib.verify(" in cell.source]
        calls = [node for source in sources for node in ast.walk(ast.parse(source)) if is_check(node)]
        assert [ast.unparse(call) for call in calls if not names_in(call.args[5])] == []

    def test_cells_are_short(self, path):
        lengths = [len([line for line in cell.source.splitlines() if line.strip()]) for cell in code_cells(path)]
        assert max(lengths) <= 30
        assert statistics.median(lengths) <= 8

    def test_cells_that_only_glue_are_off_the_page_and_no_others(self, path):
        """But for the ledger's, which only show."""
        for cell in code_cells(path) if path in CHAPTERS else []:
            assert ("remove-input" in tags(cell)) == all(only_glues(node) for node in ast.parse(cell.source).body)

    def test_no_hidden_input_has_nothing_under_it(self, path):
        """But for the imports."""
        hidden = [cell for cell in code_cells(path)[1:] if "hide-input" in tags(cell)]
        assert [cell.source for cell in hidden if not shows_something(cell)] == []

    def test_figures_have_caption_alt_and_name(self, path):
        for cell in code_cells(path):
            if "plt.subplots" in cell.source:
                settings = cell.metadata["mystnb"]
                assert settings["figure"]["caption"]
                assert settings["figure"]["name"].startswith("fig-")
                assert len(settings["image"]["alt"]) > 60


@pytest.mark.parametrize("path", THEORY, ids=lambda path: path.stem)
def test_every_exercise_has_its_solution(path):
    text = "\n".join(cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown")
    exercises = re.findall(r"\{exercise\}[^\n]*\n:label: (\S+)", text)
    assert exercises
    assert exercises == re.findall(r"\{solution\} (\S+)", text)


@pytest.mark.parametrize("path", THEORY, ids=lambda path: path.stem)
def test_a_chapter_verifies_its_theorems(path):
    assert sum(has_record(cell) for cell in code_cells(path)) >= 3


def test_every_reference_has_a_link_and_is_cited():
    entries = re.findall(r"@\w+\{(\w+),(.*?)\n\}", (BOOK / "references.bib").read_text(encoding="utf-8"), re.DOTALL)
    text = "".join(path.read_text(encoding="utf-8") for path in [*CHAPTERS, *BOOK.glob("*.md")])
    cited = set(re.findall(r"\w+", " ".join(re.findall(r"\{cite(?::t)?\}`([^`]*)`", text))))
    assert [key for key, fields in entries if not re.search(r"(url|doi) = ", fields)] == ["post2025"]
    assert {key for key, _ in entries} == cited


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def test_normalizing_drops_images_and_keeps_text_and_counts():
    image = nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg>" + "x" * 20_000, "text/plain": "<Figure>"})
    words = nbformat.v4.new_output("stream", text="two\n")
    cell = nbformat.v4.new_code_cell("1 + 1", outputs=[image, words], execution_count=3)
    (result,) = normalize.normalize(notebook(cell)).cells
    assert [output.output_type for output in result.outputs] == ["stream"]
    assert result.execution_count == 3


def test_an_error_in_a_display_hook_is_trouble():
    hook = nbformat.v4.new_output("error", ename="TypeError", evalue="in a callback", traceback=[])
    warning = nbformat.v4.new_output("stream", name="stderr", text="deprecated")
    troubles = normalize.troubles(notebook(nbformat.v4.new_code_cell("plot()", outputs=[hook, warning])))
    assert troubles == ["cell 0: TypeError: in a callback", "cell 0: deprecated"]


@pytest.mark.slow
def test_check_mode_names_a_notebook_that_is_not_normalized(tmp_path):
    path = tmp_path / "raw.ipynb"
    cell = nbformat.v4.new_code_cell("1")
    cell.metadata["execution"] = {"iopub.execute_input": "2026-01-01"}
    nbformat.write(notebook(cell), path)
    run = subprocess.run(
        [sys.executable, BOOK / "tools" / "normalize.py", "--check", path], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "raw.ipynb" in run.stdout


CHECK = """import ibnotes as ib
ib.verify("Theorem", ib.Check("C1", "a quantity", {measured}, {predicted}, 1e-6, [1, 1], "a hypothesis"))"""


def shown(measured, predicted):
    """The stored output of that check."""
    check = ibnotes.Check("C1", "a quantity", measured, predicted, 1e-6, [1, 1], "a hypothesis")
    verification = ibnotes.Verification("Theorem", (check,))
    return nbformat.v4.new_output("execute_result", verification._repr_mimebundle_(), execution_count=1)


def altered(mime):
    """That output with other words in one of its forms."""
    output = shown([3e-9, 2e-9], 0)
    output.data[mime] = output.data[mime].replace("a hypothesis", "nothing")
    return output


ONE, RUN = "print(1)", CHECK.format(measured=[3e-9, 2e-9], predicted=0)
STORED = {
    "the same words": (ONE, nbformat.v4.new_output("stream", text="1\n"), True),
    "other words": (ONE, nbformat.v4.new_output("stream", text="2\n"), False),
    "the same numbers": (RUN, shown([3e-9, 2e-9], 0), True),
    "other roundings": (RUN, shown([-7e-10, 0.0], 0), True),
    "another prediction": (RUN, shown([3e-9, 2e-9], 1e-8), False),
    "another plain text": (RUN, altered("text/plain"), False),
    "another table": (RUN, altered("text/html"), False),
}


@pytest.fixture
def stored(tmp_path):
    """A checkout with that notebook."""
    settings = {"execution_count": 1, "metadata": {"tags": ["nbval-check-output"]}}
    cells = [nbformat.v4.new_code_cell(code, outputs=[output], **settings) for code, output, _ in STORED.values()]
    path = tmp_path / "book" / "stored.ipynb"
    path.parent.mkdir()
    shutil.copy(BOOK / "conftest.py", path.parent)
    nb = notebook(*cells)
    nb.metadata.kernelspec = normalize.METADATA["kernelspec"]
    nbformat.write(nb, path)
    return path


def verdicts(path, **environment):
    """Of each cell, whether it passes."""
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-rA", "--rootdir", path.parent, path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(BOOK / "tools"), str(BOOK.parent)]), **environment}
    run = subprocess.run(command, cwd=path.parent, env=environment, capture_output=True, text=True, check=False)
    found = re.findall(r"^(PASSED|FAILED) \S*::Cell (\d+)", run.stdout, re.MULTILINE)
    return [verdict == "PASSED" for _, verdict in sorted((int(k), verdict) for verdict, k in found)]


@pytest.mark.slow
def test_nbval_compares_what_we_tag_and_not_its_rounding(stored):
    """A wrong stored output fails, so the green runs of the chapters mean something."""
    assert verdicts(stored) == [passes for *_, passes in STORED.values()]


@pytest.mark.slow
def test_what_the_build_has_executed_is_compared_as_if_it_ran(stored):
    """Told of outputs that no run gives, nbval finds these, but not in CI."""
    truth = {ONE: nbformat.v4.new_output("stream", text="1\n"), RUN: shown([3e-9, 2e-9], 0)}
    found = []
    for made_up in ("1\n", "2\n"):
        executed = nbformat.read(stored, as_version=4)
        for cell in executed.cells:
            cell.outputs = [truth[cell.source]]
        executed.cells[0].outputs = executed.cells[1].outputs = [nbformat.v4.new_output("stream", text=made_up)]
        cache = get_cache(replay.cache_path(stored.parent.parent))
        cache.cache_notebook_bundle(CacheBundleIn(executed, str(stored)), check_validity=False, overwrite=True)
        found.append(verdicts(stored, CI=""))
    right = [passes for *_, passes in STORED.values()]
    assert found == [right, [False, True, *right[2:]]]
    assert verdicts(stored, CI="true") == right


def test_an_execution_of_other_code_is_not_taken_for_one_of_this(stored):
    cache = get_cache(replay.cache_path(stored.parent.parent))
    cache.cache_notebook_bundle(CacheBundleIn(notebook(nbformat.v4.new_code_cell("1")), "1"), check_validity=False)
    assert replay.execution(stored, stored.parent.parent) is None
