"""The saddles of diagonal networks against convex programs, closed forms, and what units and order may not change."""

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import ibnotes


def gaussian(seed, n=4, d=10):
    problem = ibnotes.make_underdetermined(np.random.default_rng(seed), n, d)
    return problem.X, problem.y


def implicit_steps(X, y, times):
    """Proximal steps of the dual climb in the polytope, by a general solver: ``lam`` at the times."""
    lam, path = np.zeros(len(y)), []
    for step in np.diff(times, prepend=0.0):
        new = cp.Variable(len(y))
        climb = cp.Maximize(y @ new - cp.sum_squares(new - lam) / (2 * step))
        cp.Problem(climb, [cp.abs(X.T @ new) <= 1]).solve(cp.CLARABEL)
        lam = new.value
        path.append(lam)
    return np.array(path)


@pytest.mark.parametrize("seed", [0, 2])
def test_the_multipliers_climb_in_the_polytope_as_steeply_as_it_lets_them(seed):
    X, y = gaussian(seed)
    saddles = ibnotes.saddle_sequence(X, y)
    times = np.linspace(0, saddles.times[-2], 41)[1:]
    knots, duals = np.append(0, saddles.times), np.vstack([0 * y, saddles.dual])
    exact = np.array([np.interp(times, knots, values) for values in duals.T]).T
    assert np.abs(implicit_steps(X, y, times) - exact).max() < 0.01 * np.abs(exact).max()  # of the order of the steps


@pytest.mark.parametrize("seed", range(4))
def test_every_saddle_solves_its_convex_program(seed):
    X, y = gaussian(seed)
    saddles = ibnotes.saddle_sequence(X, y)
    for w, s in zip(saddles.w[1:], saddles.dual @ X, strict=True):
        met = np.abs(s) > 1 - 1e-9
        free = cp.Variable(met.sum(), nonneg=True)
        cp.Problem(cp.Minimize(cp.sum_squares(X[:, met] @ cp.multiply(np.sign(s[met]), free) - y))).solve(cp.CLARABEL)
        assert np.abs(w[met] - np.sign(s[met]) * free.value).max() < 1e-4
        assert not w[~met].any()


@pytest.mark.parametrize("seed", range(6))
def test_the_last_is_a_least_l1_norm_with_its_proof(seed):
    X, y = gaussian(seed, 3 + seed, 4 * (3 + seed))
    saddles = ibnotes.saddle_sequence(X, y)
    least = np.abs(ibnotes.min_norm_interpolant(X, y, 1).w).sum()
    assert np.abs(saddles.w[-1]).sum() == pytest.approx(least, rel=1e-9)
    assert y @ saddles.dual[-1] == pytest.approx(least, rel=1e-9)
    assert (np.diff(saddles.times) > 0).all()
    assert saddles.residuals.worst < 1e-12


def test_with_orthonormal_features_each_weight_has_its_own_time():
    y = np.array([3.0, -1.0, 2.0])
    saddles = ibnotes.saddle_sequence(np.eye(3), y)
    assert saddles.times == pytest.approx([1 / 3, 1 / 2, 1])
    assert saddles.w == pytest.approx(np.array([[0, 0, 0], [3, 0, 0], [3, 0, 2], [3, -1, 2]]))


def test_weights_that_jump_at_once_jump_in_one_saddle():
    saddles = ibnotes.saddle_sequence(np.eye(2), [1.0, 1.0])
    assert saddles.w.tolist() == [[0, 0], [1, 1]]


def test_nothing_to_fit_is_no_jump():
    saddles = ibnotes.saddle_sequence([[1.0, 2.0]], [0.0])
    assert saddles.times.shape == (0,)
    assert saddles.dual.shape == (0, 1)
    assert saddles.w.tolist() == [[0.0, 0.0]]


@given(st.integers(0, 50), st.integers(-60, 60), st.integers(-60, 60))
def test_units(seed, a, b):
    X, y = gaussian(seed, 3, 7)
    assume(len(ibnotes.saddle_sequence(X, y).w) > 1)
    one, other = ibnotes.saddle_sequence(X, y), ibnotes.saddle_sequence(X * 2.0**a, y * 2.0**b)
    assert np.array_equal(other.w, one.w * 2.0 ** (b - a))
    assert np.array_equal(other.times, one.times / 2.0 ** (a + b))
    assert np.array_equal(other.dual, one.dual / 2.0**a)


@given(st.integers(0, 50), st.permutations(range(7)), st.lists(st.sampled_from([-1.0, 1.0]), min_size=7, max_size=7))
@settings(max_examples=25)
def test_order_and_signs_of_the_features_go_with_the_weights(seed, order, signs):
    X, y = gaussian(seed, 3, 7)
    one, other = ibnotes.saddle_sequence(X, y), ibnotes.saddle_sequence((X * signs)[:, order], y)
    assert other.times == pytest.approx(one.times, rel=1e-9)
    assert other.w == pytest.approx((one.w * signs)[:, order], abs=1e-9 * np.abs(one.w).max())


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        ([[1, 1], [1, 1]], [1, 1], "full row rank"),
        ([[1, 1, 0], [0, 0, 1]], [2, 1], r"columns \[0, 1\] of X are dependent"),
        ([[1, np.nan]], [1], "X"),
        ([[1, 2]], [1, 2], "y"),
    ],
)
def test_bad_input_is_named(X, y, words):
    with pytest.raises(ValueError, match=words):
        ibnotes.saddle_sequence(X, y)
