"""Mistakes get the messages that the page "Your own data" shows. Its examples are run in test_readme.py."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

import ibnotes

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "book" / "own_data.md").read_text(encoding="utf-8")
MISTAKES = re.findall(r"^\d+\. \*\*(.+?)\.?\*\* `(.+?)`: `(.+?)`\.", PAGE, re.MULTILINE)


def test_every_numbered_mistake_is_read():
    numbers = re.findall(r"^(\d+)\. ", PAGE, re.MULTILINE)
    assert list(map(int, numbers)) == list(range(1, len(MISTAKES) + 1))
    assert len(MISTAKES) > 10


@pytest.mark.parametrize(("mistake", "code", "message"), MISTAKES)
def test_a_mistake_raises_the_message_that_the_page_shows(mistake, code, message):
    with pytest.raises((ValueError, ibnotes.NotConverged), match=re.escape(message)):
        eval(code, {"ib": ibnotes, "np": np, "torch": torch})


def test_the_run_with_an_intercept_prints_what_the_page_shows(capsys):
    code, output = re.search(
        r"```python\n(import numpy as np\nfrom sklearn.+?)```\n\nprints\n\n```text\n(.+?)```", PAGE, re.DOTALL
    ).groups()
    exec(code, {})
    assert capsys.readouterr().out == output


def test_a_script_that_raises_on_every_underflow_gets_its_answers():
    """``np.seterr(all="raise")``: pulls of points far away vanish, and that is no error."""
    rng = np.random.default_rng(1)
    problem, plain = ibnotes.make_separable(rng, 20, 3), ibnotes.make_underdetermined(rng, 2, 4)
    X, y, w = 100 * problem.X, problem.y, 1e3 * np.ones(3)
    network = ibnotes.Diagonal(problem.X, y, depth=2)
    answers = [
        lambda: ibnotes.logistic_flow(X, y, [-800, 1e3], intercept=True).w,
        lambda: ibnotes.margin_momentum(X, y, 100).w,
        lambda: ibnotes.descend((X, y), ibnotes.GradientDescent([0.01, 0.1]), 50, loss="exponential").w,
        lambda: ibnotes.homogeneous_flow(network, rng.uniform(0.5, 1, 6), [1, 100]).w,
        lambda: ibnotes.diagonal_flow(plain.X, plain.y, 1e-100, depth=2),
        lambda: ibnotes.min_potential_interpolant(plain.X, plain.y, 1e-100, depth=2).w,
        lambda: [ibnotes.gradient_shares(X, y, w), ibnotes.log_gradient_shares(X, y, w)],
        lambda: ibnotes.log_logistic_loss(X, y, w),
        lambda: ibnotes.ridge_risk(2, 1, 0.1, [1e-300, 1]),
    ]
    with np.errstate(all="raise"):
        assert all(np.isfinite(answer()).all() for answer in answers)
