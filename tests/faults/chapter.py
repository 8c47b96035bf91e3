"""Run a chapter's code cells in this process, with faults tried in forks of it.

Before each cell the process is forked: the fork waits until the cell has shown which functions it reaches, and tries
from there the faults that concern them, each in a fork of its own, which runs what the fault's check depends on.
"""

import contextlib
import io
import multiprocessing
import os
import resource
import sys
import traceback
import warnings
from ast import Expr, Expression, parse
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat

import ibnotes
from ibnotes.verification.verify import RECORD

from .plant import Fault, PlantError, modules
from .slices import needed

BOOK = Path(__file__).resolve().parents[2] / "book"
CPU_SECONDS = 120  # for one fault, from its plant to its check
SECONDS = 1200  # on a machine that has other work
fork = multiprocessing.get_context("fork")


def code_cells(chapter: str) -> list[nbformat.NotebookNode]:
    cells = nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def checks_in(cell: nbformat.NotebookNode) -> list[str]:
    """The checks, as "theorem: quantity", that the cell held when the notebook was committed."""
    tables = [output.data[RECORD] for output in cell.outputs if RECORD in output.get("data", {})]
    return [f"{table['theorem']}: {check['quantity']}" for table in tables for check in table["checks"]]


class Run:
    """A chapter that is being run; ``verdicts`` are those of its checks so far, by "theorem: quantity"."""

    def __init__(self, chapter: str):
        cells = code_cells(chapter)
        self.cells = [cell.source for cell in cells]
        self.places = {name: number for number, cell in enumerate(cells) for name in checks_in(cell)}
        self.namespace = {"__name__": "__main__"}
        self.verdicts: dict[str, str] = {}
        ibnotes.verify = self.judge
        os.chdir(BOOK)

    def judge(self, theorem, *checks):
        """In place of `ibnotes.verify`: notes each verdict and goes on."""
        self.verdicts |= {f"{theorem}: {check.quantity}": check.verdict for check in checks}
        return ibnotes.Verification(theorem, checks)

    def execute(self, number: int) -> None:
        """Run a cell; what it shows goes nowhere."""
        body = parse(self.cells[number])
        last = body.body.pop() if body.body and isinstance(body.body[-1], Expr) else None
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            exec(compile(body, f"cell {number}", "exec"), self.namespace)
            if last:
                eval(compile(Expression(last.value), f"cell {number}", "eval"), self.namespace)
        plt.close("all")

    def reached(self, number: int, watched: set[int]) -> set[int]:
        """Run a cell; which of the ``watched`` codes (ids) it ran."""
        seen = set()

        def watch(frame, event, arg):
            if id(frame.f_code) in watched:
                seen.add(id(frame.f_code))

        sys.settrace(watch if watched else None)
        try:
            self.execute(number)
        finally:
            sys.settrace(None)
        return seen

    @property
    def failing(self) -> list[str]:
        return [name for name, verdict in self.verdicts.items() if verdict != "holds"]

    def path(self, start: int, check: str) -> list[int]:
        """The cells from ``start`` on that the check needs; all where its place is not known."""
        goals = {place for name, place in self.places.items() if check in name}
        some = needed(self.cells, goals.pop()) if len(goals) == 1 else range(len(self.cells))
        return [number for number in range(start, len(self.cells)) if number in some]

    def attempt(self, number: int, fault: Fault) -> tuple[str, str]:
        """Outcome of a fault planted before cell ``number``, and a remark: of one that is caught, by which check."""
        self.verdicts.clear()
        later = number
        named = lambda: [name for name in self.verdicts if fault.notices in name]
        try:
            fault.plant(self.cells)
            for later in self.path(number, fault.notices):
                self.execute(later)
                if caught := [name for name in named() if name in self.failing]:
                    return "caught", caught[0]
        except PlantError as error:
            return "error", str(error)
        except Exception as error:
            line = traceback.extract_tb(error.__traceback__)[-1]
            return "crash", f"cell {later}: {type(error).__name__} in {line.name}: {str(error)[:200]}"
        others = "; ".join(self.failing) or "none"
        if len(named()) != 1:
            return "error", f"{len(named())} checks after it are called {fault.notices!r}; those that notice: {others}"
        return "survives", f"other checks that notice: {others}"


def apart(work: Callable[..., tuple[str, str]], *args) -> tuple[str, str]:
    """What ``work`` returns, run in a fork."""
    receive, send = fork.Pipe(duplex=False)

    def answer():
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        send.send(work(*args))

    process = fork.Process(target=answer)
    process.start()
    send.close()
    try:
        return receive.recv() if receive.poll(SECONDS) else ("crash", f"no answer in {SECONDS} s")
    except EOFError:
        return "crash", f"the process died, or took more than {CPU_SECONDS} s"
    finally:
        process.kill()
        process.join()


def snapshot(orders: Connection, run: Run, faults: list[Fault], number: int) -> None:
    """Wait for the numbers of faults to try from here, and answer with their outcomes."""
    for index in orders.recv():
        orders.send((index, *apart(run.attempt, number, faults[index])))


def try_all(report: Connection, chapter: str, faults: list[Fault]) -> None:
    """Send (index, outcome, remark) for each of the ``faults`` as it becomes known."""
    warnings.simplefilter("ignore")
    for cached in (thing for module in modules() for thing in vars(module).values() if hasattr(thing, "cache_clear")):
        cached.cache_clear()  # what was computed before the fork would hide a fault in what computes it
    run, waiting, watched = Run(chapter), {}, {}
    for index, fault in enumerate(faults):
        try:
            watched[index] = {id(function.__code__) for function in fault.functions()}
            waiting[index] = fault.cell(run.cells)
        except PlantError as error:
            report.send((index, "error", str(error)))
    for number in range(len(run.cells)):
        if not waiting:
            break
        orders, theirs = fork.Pipe()
        process = fork.Process(target=snapshot, args=(theirs, run, faults, number))
        process.start()
        try:
            reached = run.reached(number, set().union(*(watched[index] for index in waiting)))
            if run.failing:
                raise AssertionError(f"{chapter} fails without a fault: {run.failing}")
            ready = [index for index, cell in waiting.items() if cell == number or watched[index] & reached]
            orders.send(ready)
            for index in ready:
                report.send(orders.recv())
                del waiting[index]
        finally:
            process.kill()
            process.join()
    for index in waiting:
        report.send((index, "error", "no cell reaches it"))
