"""The explorables' numerics, evaluated in the page, beside the package's.

What is compared for the explorables of a page stands in the module of ``parity`` with the page's name.
"""

import importlib
import pkgutil

import numpy as np
import pytest
from browser import open_page

from tests.explorables import parity

pytestmark = pytest.mark.book

PARITY = 1e-6  # relative where the answer is larger than one
MODULES = [
    importlib.import_module(f"tests.explorables.parity.{name}") for _, name, _ in pkgutil.iter_modules(parity.__path__)
]
CASES = {module.__name__.rpartition(".")[2]: module.cases for module in MODULES if hasattr(module, "cases")}


@pytest.fixture(scope="module")
def compared(browser, request):
    """The page, and its cases."""
    context = browser.new_context()
    page, _, _ = open_page(context, request.param, typeset=False)
    yield page, list(CASES[request.param](np.random.default_rng(0)))
    context.close()


def deviations(page, cases):
    """Relative distance of each answer of the page from the package's."""
    plain = lambda value: value.tolist() if isinstance(value, np.ndarray) else value
    calls = [[code, [plain(argument) for argument in arguments]] for code, arguments, _ in cases]
    answers = page.evaluate("(calls) => calls.map(([code, given]) => eval(code)(...given))", calls)
    expected = [np.asarray(answer, dtype=float) for _, _, answer in cases]
    assert [np.shape(answer) for answer in answers] == [answer.shape for answer in expected]
    return np.array([abs(a - e).max() / max(1, abs(e).max()) for a, e in zip(answers, expected, strict=True)])


@pytest.mark.parametrize("compared", CASES, indirect=True)
def test_the_page_computes_what_the_package_does(compared):
    assert deviations(*compared).max() < PARITY


@pytest.mark.parametrize("compared", CASES, indirect=True)
def test_a_point_moved_by_a_thousandth_is_noticed(compared):
    page, cases = compared
    moved = [(code, (np.multiply(first, 1.001), *rest), answer) for code, (first, *rest), answer in cases]
    assert (deviations(page, moved) > PARITY).mean() > 0.5
