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


def deviations(browser, page, cases):
    """Relative distance of each answer of the page from the package's."""
    context = browser.new_context()
    page, _, _ = open_page(context, page, typeset=False)
    plain = lambda value: value.tolist() if isinstance(value, np.ndarray) else value
    calls = [[code, [plain(argument) for argument in arguments]] for code, arguments, _ in cases]
    answers = page.evaluate("(calls) => calls.map(([code, given]) => eval(code)(...given))", calls)
    context.close()
    expected = [np.asarray(answer, dtype=float) for _, _, answer in cases]
    assert [np.shape(answer) for answer in answers] == [answer.shape for answer in expected]
    return np.array([abs(a - e).max() / max(1, abs(e).max()) for a, e in zip(answers, expected, strict=True)])


@pytest.mark.parametrize("page", CASES)
def test_the_page_computes_what_the_package_does(browser, page):
    cases = list(CASES[page](np.random.default_rng(0)))
    assert deviations(browser, page, cases).max() < PARITY


@pytest.mark.parametrize("page", CASES)
def test_a_point_moved_by_a_thousandth_is_noticed(browser, page):
    cases = list(CASES[page](np.random.default_rng(0)))
    moved = [(code, (np.multiply(first, 1.001), *rest), answer) for code, (first, *rest), answer in cases]
    assert (deviations(browser, page, moved) > PARITY).mean() > 0.5
