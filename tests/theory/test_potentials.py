"""The interpolants of diagonal networks against convex programs, their closed form, and the limits of the start."""

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from instances import rotation

import ibnotes


def gaussian(seed=0, n=3, d=8):
    problem = ibnotes.make_underdetermined(np.random.default_rng(seed), n, d)
    return problem.X, problem.y


def least(X, y, scale, depth):
    return ibnotes.min_potential_interpolant(X, y, scale, depth).w


def program(X, y, scale, depth):
    """The potential in a and b, minimized by an interior-point method."""
    a, b = cp.Variable(X.shape[1], nonneg=True), cp.Variable(X.shape[1], nonneg=True)
    if depth == 2:
        potential = sum(cp.sum(cp.kl_div(c, np.full(X.shape[1], scale**2))) for c in (a, b))
    else:
        roots = sum(cp.sum(cp.power(c, 2 / depth)) for c in (a, b))
        potential = cp.sum(a + b) - depth / 2 * scale ** (depth - 2) * roots
    tight = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-12)
    cp.Problem(cp.Minimize(potential), [X @ (a - b) == y]).solve(solver=cp.CLARABEL, **tight)
    return a.value - b.value


@pytest.mark.filterwarnings("ignore:Solution may be inaccurate")  # it asks for all that Clarabel can give
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("scale", [0.3, 0.5, 1.0])
@pytest.mark.parametrize("depth", [2, 3, 4, 5])
def test_an_interior_point_method_finds_the_same_minimizer(depth, scale, seed):
    X, y = gaussian(seed)
    assert np.abs(least(X, y, scale, depth) - program(X, y, scale, depth)).max() < 1e-5


def link(q, scale, depth):
    """The weights whose potential has the gradient q."""
    if depth == 2:
        return 2 * scale**2 * np.sinh(q)
    theta = (depth - 2) / depth
    return scale**depth * ((1 - theta * q) ** (-1 / theta) - (1 + theta * q) ** (-1 / theta))


@pytest.mark.parametrize("scale", [1e-2, 0.1, 1.0, 10.0])
@pytest.mark.parametrize("depth", [2, 3, 4])
def test_the_dual_certifies_the_weights(depth, scale):
    X, y = gaussian(2, 4, 9)
    answer = ibnotes.min_potential_interpolant(X, y, scale, depth)
    assert answer.w.shape == (9,)
    assert answer.dual.shape == (4,)
    assert np.abs(X @ answer.w - y).max() < 1e-12
    assert answer.residuals.worst < 1e-13
    rounding = 1e-12 * max(1, scale ** (2 - depth))  # of q, which saturates as the start shrinks
    np.testing.assert_allclose(link(X.T @ answer.dual, scale, depth), answer.w, atol=rounding)


@pytest.mark.parametrize("scale", [1e-4, 1e-2, 1.0, 100.0])
def test_for_depth_two_the_hyperbolic_arcsine_lies_in_the_row_space(scale):
    X, y = gaussian(1)
    gradient = np.arcsinh(least(X, y, scale, 2) / (2 * scale**2))
    off = gradient - X.T @ np.linalg.lstsq(X.T, gradient, rcond=None)[0]
    assert np.abs(off).max() < 1e-12 * np.abs(gradient).max()


@pytest.mark.parametrize(("depth", "scale"), [(2, 1e4), (3, 1e3), (4, 100.0), (6, 30.0)])
def test_a_large_start_selects_the_least_squares_norm(depth, scale):
    X, y = gaussian()
    assert np.abs(least(X, y, scale, depth) - np.linalg.pinv(X) @ y).max() < 1e-13


@pytest.mark.parametrize(("depth", "scale"), [(2, 1e-100), (3, 1e-8), (4, 1e-7), (6, 1e-3)])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_small_start_selects_the_least_sum_of_absolutes(seed, depth, scale):
    X, y = gaussian(seed)
    assert np.abs(least(X, y, scale, depth) - ibnotes.min_norm_interpolant(X, y, 1).w).max() < 1e-12


def test_the_approach_to_it_is_the_faster_the_deeper():
    X, y = gaussian()
    target = ibnotes.min_norm_interpolant(X, y, 1).w
    gaps = [[np.abs(least(X, y, scale, depth) - target).max() for scale in (1e-2, 1e-3)] for depth in (2, 3, 4)]
    assert [gap[0] > 1e-2 for gap in gaps] == [True, False, False]
    assert gaps[1][0] / gaps[1][1] == pytest.approx(10**3, rel=0.2)
    assert gaps[2][0] / gaps[2][1] == pytest.approx(10**4, rel=0.2)


def test_the_wrong_depth_is_far_away_in_the_rich_regime():
    X, y = gaussian()
    two, three, four = (least(X, y, 0.1, depth) for depth in (2, 3, 4))
    assert min(np.abs(two - three).max(), np.abs(three - four).max()) > 0.02


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 3, 4]), st.floats(-3, 1))
def test_signs_and_orders_of_the_features_and_mixtures_of_the_equations(seed, depth, exponent):
    rng, scale = np.random.default_rng(seed), 10**exponent
    X, y = gaussian(seed, 3, 6)
    w, order, signs = least(X, y, scale, depth), rng.permutation(6), rng.choice([-1.0, 1.0], 6)
    tolerance = 1e-11 * np.linalg.cond(X) * np.abs(w).max()
    assert np.abs(least(X[:, order] * signs, y, scale, depth) - w[order] * signs).max() < tolerance
    Q = rotation(rng, 3)
    assert np.abs(least(Q @ X, Q @ y, scale, depth) - w).max() < tolerance


@pytest.mark.parametrize("c", [1e-12, 1e-3, 1e3, 1e12])
@pytest.mark.parametrize("depth", [2, 3, 4])
def test_units(depth, c):
    X, y = gaussian()
    w = least(X, y, 0.1, depth)
    assert np.abs(least(X, c * y, 0.1 * c ** (1 / depth), depth) / c - w).max() < 1e-13
    assert np.abs(least(c * X, c * y, 0.1, depth) - w).max() < 1e-13
    answer = ibnotes.min_potential_interpolant(c * X, c * y, 0.1, depth)
    np.testing.assert_allclose(c * answer.dual, ibnotes.min_potential_interpolant(X, y, 0.1, depth).dual, rtol=1e-11)


def test_a_feature_that_is_always_zero_gets_no_weight_and_equal_features_share():
    X, y = gaussian()
    w = least(np.column_stack([X, X[:, 0], np.zeros(3)]), y, 0.1, 3)
    assert w[-1] == 0
    assert w[0] == pytest.approx(w[-2], rel=1e-12)


@pytest.mark.parametrize("depth", [2, 3, 4])
@pytest.mark.parametrize("scale", [1e3, 1e6])
def test_a_large_start_has_all_digits_where_equations_are_nearly_parallel(scale, depth):
    X, w = np.array([[1, 2, 0], [1, 2, 1e-6]]), [1.0, 2.0, 1.0]  # of least norm
    found = ibnotes.min_potential_interpolant(X, X @ w, scale, depth)
    assert found.w == pytest.approx(w, abs=3 * 1e6 * 2.0**-52 * 5 + 10 / scale**2)


def test_edges():
    assert not least([[1, 2, 3]], [0], 0.1, 2).any()
    assert np.abs(least([[2, 0], [1, 1]], [2, 3], 0.1, 3) - [1, 2]).max() < 1e-14  # a single interpolant


X, y = gaussian()
BAD = {
    "X is a vector": ((y, y, 0.1, 2), "X must be 2-dimensional"),
    "X repeats a row": ((X[[0, 0]], y[:2], 0.1, 2), "X must have full row rank"),
    "X is tall": ((X.T, np.ones(8), 0.1, 2), "X must have full row rank"),
    "X holds nan": ((np.nan * X, y, 0.1, 2), "X must be finite"),
    "y is short": ((X, y[:2], 0.1, 2), "y must have one entry per row of X"),
    "y holds inf": ((X, np.inf * y, 0.1, 2), "y must be finite"),
} | {f"scale {bad!r}": ((X, y, bad, 2), "scale must be positive") for bad in (0, -1.0, np.nan, np.inf, "1", True)}
BAD |= {f"depth {bad!r}": ((X, y, 0.1, bad), "depth must be an integer of at least 2") for bad in (1, 0, 2.0, True)}


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        ibnotes.min_potential_interpolant(*arguments)


@pytest.mark.parametrize(("depth", "scale"), [(4, 1e-10), (4, 1e-30), (6, 1e-6)])
def test_where_no_digit_is_left_the_answer_is_refused(depth, scale):
    with pytest.raises(ibnotes.NotConverged, match=r"certificate|singular"):
        least(X, y, scale, depth)


def test_where_the_l1_minimizer_is_a_face_wrong_digits_are_refused():
    """The last Newton step shows what the flat KKT equations do not."""
    X, y = [[1, 1, 1, 1], [-2, -1, 1, 2]], [1, 0.3]
    assert least(X, y, 1e-2, 4) == pytest.approx(least(X, y, 1.01e-2, 4), abs=1e-2)
    with pytest.raises(ibnotes.NotConverged, match="certificate"):
        least(X, y, 1e-7, 4)


@pytest.mark.parametrize(("X", "scale", "message"), [(np.zeros((2, 3)), 0.1, "X must have full"), (X, 1e100, "scale")])
def test_extremes_are_named(X, scale, message):
    with pytest.raises(ValueError, match=message):
        least(X, np.ones(len(X)), scale, 4)
