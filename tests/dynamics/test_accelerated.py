"""Dual momentum against the derived constant of its 1/k^2, and its update written otherwise."""

import numpy as np
import pytest
from instances import ADZ, ZA, near
from scipy.special import softmax

import ibnotes


@pytest.mark.parametrize("Z", [ZA, ADZ], ids=["ZA", "ADZ"])
def test_the_gap_times_k_squared_has_the_derived_constant(Z):
    """4 R^2 (log q_max - sum q log q) / (gamma k^2): the gap at a norm of gamma k^2 / (4 R^2)."""
    y = np.ones(len(Z))
    svm = ibnotes.max_margin(Z, y)
    q = svm.dual[svm.support] * svm.margin**2
    constant = 4 * np.sum(Z**2, axis=1).max() * (np.log(q.max()) - q @ np.log(q)) / svm.margin
    path = ibnotes.margin_momentum(Z, y, 20_000)
    assert (svm.margin - ibnotes.margin(Z, y, path.w[-1])) * 20_000**2 == pytest.approx(constant, rel=1e-3)


def test_a_slow_instance_gets_there_too():
    X, y = near()
    path = ibnotes.margin_momentum(X, y, 10_000)
    assert 1 - ibnotes.margin(X, y, path.w[-1]) / ibnotes.max_margin(X, y).margin == pytest.approx(1.64e-6, rel=0.01)


def test_the_update_written_as_a_sum_of_averages():
    """After step k, m = sum_j j u_j / (k + 1): the factors i / (i + 1), i = j, ..., k, telescope."""
    y = np.ones(len(ZA))
    w, history = np.zeros(2), []
    radius2 = np.sum(ZA**2, axis=1).max()
    for k in range(30):
        history.append(softmax(-ZA @ w) @ ZA)
        average = sum(j / (k + 1) * u for j, u in enumerate(history))
        w = w + (average + history[-1]) / radius2
    assert np.abs(ibnotes.margin_momentum(ZA, y, 30).w[-1] - w).max() < 1e-12


def test_records_and_bad_input():
    path = ibnotes.margin_momentum(ZA, np.ones(5), 1000, records=7)
    assert len(path.steps) <= 8
    assert path.steps[-1] == 1000
    with pytest.raises(ValueError, match=r"^steps must be"):
        ibnotes.margin_momentum(ZA, np.ones(5), 0)
    with pytest.raises(ValueError, match=r"^X must not be zero"):
        ibnotes.margin_momentum(np.zeros((2, 2)), np.ones(2), 5)
