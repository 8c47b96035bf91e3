"""What a chapter suggests to change: each change is made, and what the box says comes of it."""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import nbformat
import pytest
from changes import FILE, Change, read_changes
from test_book import CHAPTERS

import ibnotes
from ibnotes.verification.ledger import read_records
from ibnotes.verification.verify import LooseTolerance, verify
from tests.faults.chapter import BOOK, Run, apart, code_cells
from tests.faults.plant import modules
from tests.faults.slices import needed

CHANGES = read_changes(BOOK.parent / FILE)
records = cache(read_records)


def records_of(chapter):
    return [record for record in records(BOOK) if record["link"].startswith(f"{chapter}.html")]


def test_each_chapter_suggests_three():
    """One that breaks something, one that does not, and never thrice the same."""
    assert set(CHANGES) == set(CHAPTERS)
    for chapter, changes in CHANGES.items():
        verdicts = [change.verdict for change in changes]
        assert len(changes) == 3
        assert {"FAILS", "holds"} <= set(verdicts)
        assert verdicts.count("PROVES NOTHING") == 1 or any(change.before for change in changes)
        source = "\n".join(cell.source for cell in nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4).cells)
        assert source.count("```{changes}") == 1


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_is_to_be_changed_is_there_once(chapter):
    cells = [cell.source for cell in code_cells(chapter)]
    for change in CHANGES[chapter]:
        change.place(cells)
        assert len({record["theorem"] for record in change.named(records_of(chapter))}) == 1
        assert all(number in change.then for number in [*change.numbers, *change.before])


def test_what_is_not_there_or_there_twice_is_an_error():
    change = Change("", "a = 1", "a = 2", ["gap"], "holds", "", cell="start")
    for quantities in ([], ["a gap", "another gap"]):
        with pytest.raises(ValueError, match=f"'gap' is in the names of {len(quantities)} rows"):
            change.named([{"quantity": quantity} for quantity in quantities])
    assert change.place(["a = 1", "start; a = 1"]) == 1
    for cells in ([], ["a = 1"], ["start"], ["start; a = 1", "start"], ["start; a = 1; a = 1"]):
        with pytest.raises(ValueError, match="'a = 1' does not stand once in the one cell with 'start'"):
            change.place(cells)


def value(words: str) -> float:
    return float(re.sub(r"\\cdot10\^\{(.+)\}", r"e\1", words))


def half_a_digit(words: str) -> float:
    """What rounding to the digits of a number leaves open."""
    figures, _, power = re.sub(r"\\cdot10\^\{(.+)\}", r"e\1", words).partition("e")
    return 0.5 * 10.0 ** (int(power or 0) - len(figures.partition(".")[2]))


@dataclass(frozen=True)
class Plan:
    """A change in the cell of this ``number``, the table where it ends and one of its rows, and the cells to run."""

    change: Change
    number: int
    goal: int
    row: str
    needed: set[int]


class Judged(Run):
    """Keeps the checks of the last table, and stops at one that does not hold, as a reader's run does."""

    def judge(self, theorem, *checks):
        self.table, self.checks = theorem, checks
        return verify(theorem, *checks)

    def values(self, expressions: Mapping[str, str]) -> dict[str, float]:
        return {words: float(eval(code, self.namespace)) for words, code in expressions.items()}

    def attempt(self, plan: Plan) -> tuple:
        """Make the change and run on: the table where it ends, the verdicts of its rows, the numbers."""
        change = plan.change
        self.cells[plan.number] = self.cells[plan.number].replace(change.old, change.new)
        try:
            for later in sorted(plan.needed):
                if later >= plan.number:
                    self.execute(later)
        except ibnotes.VerificationError:
            pass
        self.namespace["check"] = next((check for check in self.checks if check.quantity == plan.row), None)
        return self.table, {check.quantity: check.verdict for check in self.checks}, self.values(change.numbers)


def planned(run: Run, change: Change, row: Mapping) -> Plan:
    """Run is what the last table needs, and each that a reader passes on the way and that the change can reach."""
    number, goal = change.place(run.cells), run.places[f"{row['theorem']}: {row['quantity']}"]
    passed = [needed(run.cells, table) for table in set(run.places.values()) if number <= table <= goal]
    return Plan(change, number, goal, row["quantity"], set().union(*(cells for cells in passed if number in cells)))


def outcomes(chapter: str) -> dict[str, tuple]:
    """Of each change: the table, the verdicts and the numbers with it; the numbers without it."""
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", LooseTolerance)
    run, found = Judged(chapter), {}
    plans = [planned(run, change, change.named(records_of(chapter))[0]) for change in CHANGES[chapter]]
    # without a change, a cell is run before one, and up to its table where numbers are to be compared
    unchanged = [{k for k in plan.needed if k < plan.number or plan.change.before} for plan in plans]
    for number in range(1 + max(plan.goal for plan in plans)):
        for plan in plans:
            if plan.number == number:
                found[plan.change.title] = apart(run.attempt, plan)
        if number in set().union(*unchanged):
            run.execute(number)
        for plan in plans:
            if plan.goal == number and plan.change.before:
                found[plan.change.title] += (run.values(plan.change.before),)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_the_box_says_comes_of_each_change(chapter):
    modules()  # imported once, for all forks
    found = apart(outcomes, chapter)
    for change in CHANGES[chapter]:
        named = change.named(records_of(chapter))
        table, verdicts, numbers, *before = found[change.title]
        assert table == named[0]["theorem"], change.title
        told = dict.fromkeys((row["quantity"] for row in named), change.verdict)
        assert verdicts == dict.fromkeys(verdicts, "holds") | told, change.title
        for words, number in (numbers | (before[0] if before else {})).items():
            assert abs(value(words) - number) <= half_a_digit(words), (change.title, words)
        assert bool(before) == bool(change.before)
