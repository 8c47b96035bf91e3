"""The oracles against other algorithms (active sets, linear programs) and against their own certificates."""

from functools import cache

import cvxpy as cp
import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from instances import ADZ, DEGENERATE, ZA, ZC, ZD, digits, iris, near, rotation, thin
from scipy.optimize import linprog
from sklearn.datasets import load_breast_cancer
from sklearn.svm import SVC

import ibnotes
from ibnotes.problems.rational import as_rational
from ibnotes.theory import exact_simplex, least_distance, norm_minimization
from ibnotes.theory import max_margin as module

NORMS = (1, 2, np.inf)
INTERIOR = 2e-6  # an interior point has half its digits where a support vector's multiplier is zero
DUAL_NORM = {1: np.inf, 2: 2, np.inf: 1}


def signed(problem):
    X, y = problem
    return y[:, None] * X


def solve(Z, norm=2):
    return ibnotes.max_margin(Z, np.ones(len(Z)), norm)


# Independent solutions. They are not invariant to scale, so they see points of size one.


def interior_point(Z):
    """The least ``||w||_2`` with margins of one by cvxpy and Clarabel: a path through the interior."""
    scale = np.abs(Z).max()
    w = cp.Variable(Z.shape[1])
    margins = Z / scale @ w
    tight = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-12)
    program = cp.Problem(cp.Minimize(cp.sum_squares(w) / 2), [margins >= 1])
    program.solve(solver=cp.CLARABEL, **tight)
    return w.value / scale, program.constraints[0].dual_value / scale**2


def least_norm(norm, A, lower, upper):
    """The least ||w||_norm (1 or inf) with lower <= Aw <= upper, by a linear program in (w, heights)."""
    d, k = A.shape[1], A.shape[1] if norm == 1 else 1
    spread = np.eye(d) if norm == 1 else np.ones((d, 1))
    above = np.block([[np.eye(d), -spread], [-np.eye(d), -spread]])
    wide = np.hstack([A, np.zeros((len(A), k))])
    bounded = np.isfinite(upper)
    result = linprog(
        np.r_[np.zeros(d), np.ones(k)],
        A_ub=np.vstack([above, -wide, wide[bounded]]),
        b_ub=np.r_[np.zeros(2 * d), -lower, upper[bounded]],
        bounds=(None, None),
        method="highs",
    )
    assert result.status == 0
    return result.fun


def least_separating_norm(Z, norm):
    scale = np.abs(Z).max()
    return least_norm(norm, Z / scale, np.ones(len(Z)), np.full(len(Z), np.inf)) / scale


# The certificate, recomputed from first principles on every named instance in every norm.

POINTS = {
    "ZA": ZA,
    "ZC": ZC,
    "ZD": ZD,
    "ADZ": ADZ,
    "degenerate": DEGENERATE,
    "near": signed(near()),
    "digits 0, 1": signed(digits(0, 1)),
    "iris": signed(iris()),
    "one point": np.array([[3.0, -4.0]]),
    "one dimension": np.array([[2.0], [3.0], [0.5]]),
    "duplicates": np.vstack([ZA, ZA[::-1], ZA]),
    "parallel": np.array([[1.0, 2.0], [2.0, 4.0], [0.5, 1.0]]),
    "multipliers that round to either side of zero": np.array([[-1, 1, -4, 3], [-4, 3, 1, -1], [-4, 2, -1, -2]]),
    "and in the inf norm": np.array([[4, 4], [1, -4], [2, -1], [3, 2]]),
    "wide": np.random.default_rng(1).standard_normal((5, 40)),
    "large": 1e6 * ZC,
    "small": 1e-6 * ZC,
}


@cache
def named(name, norm):
    return solve(POINTS[name], norm)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", POINTS)
def test_the_answer_proves_itself(name, norm):
    """Feasible, dual feasible, and both objectives agree, so no other w does better; recomputed from the points."""
    Z, answer = POINTS[name], named(name, norm)
    size, combination = np.linalg.norm(answer.w, norm), Z.T @ answer.dual
    objective = size**2 if norm == 2 else size
    assert abs((Z @ answer.w).min() - 1) < 1e-13
    assert answer.dual.shape == (len(Z),)
    assert answer.dual.min() >= 0
    assert abs(answer.dual.sum() / objective - 1) < 1e-13
    if norm == 2:
        np.testing.assert_allclose(combination, answer.w, atol=1e-13 * np.abs(answer.w).max(), rtol=0)
    else:
        assert abs(np.linalg.norm(combination, DUAL_NORM[norm]) - 1) < 1e-13
        assert abs(combination @ answer.w * answer.margin - 1) < 1e-13
    # and what it says of itself
    assert abs(answer.margin * size - 1) < 1e-15
    assert abs(ibnotes.margin(Z, np.ones(len(Z)), answer.w, norm) / answer.margin - 1) < 1e-13
    np.testing.assert_array_equal(answer.support, np.flatnonzero(Z @ answer.w < 1 + 1e-7))
    assert not np.delete(answer.dual, answer.support).any()
    assert 0 <= answer.gap < 1e-13
    assert abs(answer.gap - abs(answer.dual.sum() / objective - 1)) < 1e-14
    assert answer.residuals.worst < 1e-13


def test_a_degenerate_support_vector_has_multiplier_zero():
    answer = solve(DEGENERATE)
    np.testing.assert_array_equal(answer.support, [0, 1])
    np.testing.assert_allclose(answer.dual, [1, 0], atol=1e-15)


def test_the_worst_residual_is_the_largest():
    assert ibnotes.Residuals(1.0, 4.0, 2.0, 3.0).worst == 4


# max_margin, norm 2, against an interior-point method: the certificate has the digits, this the independence


@pytest.mark.parametrize("seed", range(15))
def test_random_instances_agree_with_an_interior_point_method(seed):
    rng = np.random.default_rng(seed)
    n, d, margin = rng.integers(1, 40), rng.integers(1, 15), rng.choice([0.5, 0.01])
    Z = ibnotes.make_separable(rng, n, d, margin).Z
    w, _ = interior_point(Z)
    assert np.abs(solve(Z).w - w).max() < INTERIOR * np.abs(w).max()


@pytest.mark.parametrize("name", POINTS)
def test_named_instances_agree_with_an_interior_point_method(name):
    w, _ = interior_point(POINTS[name])
    assert np.abs(named(name, 2).w - w).max() < INTERIOR * np.abs(w).max()


@pytest.mark.parametrize(("a", "b"), [(1, 2), (3, 8), (4, 9), (5, 6)])
def test_digit_pairs_agree_with_an_interior_point_method(a, b):
    Z = signed(digits(a, b))
    w, dual = interior_point(Z)
    answer = solve(Z)
    assert ibnotes.direction_gap(answer.w, w) < INTERIOR
    np.testing.assert_allclose(answer.dual, dual, atol=INTERIOR * dual.max(), rtol=0)


def test_svc_finds_the_same_plane_once_symmetry_removes_its_intercept():
    """With every point also at -x under the other label, SVC's optimal intercept is zero; its SMO stops near 1e-7."""
    X, y = near()
    svc = SVC(kernel="linear", C=1e9, tol=1e-10).fit(np.vstack([X, -X]), np.r_[y, -y])
    assert ibnotes.direction_gap(ibnotes.max_margin(X, y).w, svc.coef_[0]) < 1e-6


# Norms 1 and inf against a linear program in other variables


@pytest.mark.parametrize("norm", [1, np.inf])
@pytest.mark.parametrize("seed", range(10))
def test_random_instances_agree_with_linprog(seed, norm):
    rng = np.random.default_rng(100 + seed)
    Z = ibnotes.make_separable(rng, rng.integers(1, 40), rng.integers(1, 15), 0.1).Z
    assert abs(solve(Z, norm).margin * least_separating_norm(Z, norm) - 1) < 1e-12


@pytest.mark.parametrize("norm", [1, np.inf])
@pytest.mark.parametrize("name", POINTS)
def test_named_instances_agree_with_linprog(name, norm):
    assert abs(named(name, norm).margin * least_separating_norm(POINTS[name], norm) - 1) < 1e-12


def test_the_three_norms_answer_differently():
    one, two, three = (solve(ADZ, norm).w for norm in NORMS)
    assert min(ibnotes.direction_gap(one, two), ibnotes.direction_gap(two, three)) > 0.06


# Hard instances


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("seed", range(4))
def test_thin_margins_are_still_certified(seed, norm):
    """Margin 1e-6: rounding of the data alone moves the answer by about 1e-10, hence the tolerance."""
    Z = thin(seed)
    answer = solve(Z, norm)
    combination = Z.T @ answer.dual
    assert (Z @ answer.w).min() > 1 - 1e-9
    if norm == 2:
        assert abs(answer.dual.sum() / (answer.w @ answer.w) - 1) < 1e-9
        np.testing.assert_allclose(combination, answer.w, atol=1e-9 * np.abs(answer.w).max(), rtol=0)
    else:
        assert abs(answer.dual.sum() * answer.margin - 1) < 1e-9
        assert abs(np.linalg.norm(combination, DUAL_NORM[norm]) - 1) < 1e-9


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize(("n", "d", "seed"), [(20, 100, 69), (10, 150, 35), (30, 200, 6)])
def test_wide_data_with_many_ties_is_solved(n, d, seed, norm):
    """At the inf norm's answer nearly every coordinate ties for the largest."""
    Z = np.random.default_rng(seed).standard_normal((n, d))
    answer = solve(Z, norm)
    assert (Z @ answer.w).min() > 1 - 1e-12
    assert answer.gap < 1e-12


def answer_or_refusal(Z, norm):
    """What is found, or the text of a refusal; to call the points inseparable is no refusal."""
    try:
        return solve(Z, norm)
    except ibnotes.NotSeparable:
        raise
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("scale", [1e160, 1e-155, 1e-200])
def test_separable_points_of_extreme_size_are_solved_or_refused_by_name(scale, norm):
    """At 1e-155 the multipliers of norm 2 overflow."""
    found = answer_or_refusal(scale * ZA, norm)
    if isinstance(found, str):
        assert found.startswith("X ")
    else:
        assert ibnotes.direction_gap(found.w, solve(ZA, norm).w) < 1e-12
        assert np.isfinite(found.dual).all()


@pytest.mark.parametrize("norm", NORMS)
def test_rows_and_columns_of_unequal_size(norm):
    rng = np.random.default_rng(0)
    Z = ibnotes.make_separable(rng, 20, 6, 0.1).Z * 10 ** rng.uniform(-2, 2, (20, 1)) * 10 ** rng.uniform(-1, 1, 6)
    answer = solve(Z, norm)
    assert (Z @ answer.w).min() > 1 - 1e-11
    assert answer.gap < 1e-12


# Invariances. Integer points make ties, duplicates and degenerate support vectors common.

SIDES = np.sqrt([2, 3, 5, 7])  # no integer point but zero is orthogonal to it


@st.composite
def integer_points(draw):
    shape = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    return draw(arrays(float, shape, elements=st.integers(-4, 4)))


@st.composite
def separable_points(draw):
    Z = draw(integer_points())
    Z[~Z.any(axis=1), 0] = 1
    return Z * np.sign(Z @ SIDES[: Z.shape[1]])[:, None]


few = settings(max_examples=12)
norms = st.sampled_from(NORMS)
rngs = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@few
@given(separable_points(), norms, rngs)
def test_the_order_of_the_points_does_not_matter(Z, norm, rng):
    order = rng.permutation(len(Z))
    before, after = solve(Z, norm), solve(Z[order], norm)
    assert abs(after.margin / before.margin - 1) < 1e-12
    if norm == 2:
        np.testing.assert_allclose(after.w, before.w, atol=1e-12 * np.abs(before.w).max(), rtol=0)
        assert set(order[after.support]) == set(before.support)


@few
@given(separable_points(), norms, rngs)
def test_flipping_a_point_with_its_label_changes_nothing(Z, norm, rng):
    y = rng.choice([-1.0, 1.0], len(Z))
    np.testing.assert_array_equal(ibnotes.max_margin(y[:, None] * Z, y, norm).w, solve(Z, norm).w)


@few
@given(separable_points(), rngs)
def test_rotating_the_points_rotates_w(Z, rng):
    turn = rotation(rng, Z.shape[1])
    before, after = solve(Z), solve(Z @ turn.T)
    np.testing.assert_allclose(after.w, turn @ before.w, atol=1e-11 * np.abs(before.w).max(), rtol=0)


@few
@given(separable_points(), norms, rngs)
def test_the_norms_do_not_see_signed_permutations_of_the_coordinates(Z, norm, rng):
    d = Z.shape[1]
    turned = Z[:, rng.permutation(d)] * rng.choice([-1.0, 1.0], d)
    assert abs(solve(turned, norm).margin / solve(Z, norm).margin - 1) < 1e-12


def test_the_one_norm_does_see_rotations():
    turn = rotation(np.random.default_rng(0), 3)
    assert abs(solve(ADZ @ turn.T, 1).margin / solve(ADZ, 1).margin - 1) > 0.01


@few
@given(separable_points(), norms, st.floats(-5, 5))
def test_rescaling_the_points_rescales_everything(Z, norm, exponent):
    c = 10**exponent
    before, after = solve(Z, norm), solve(c * Z, norm)
    assert abs(after.margin / (c * before.margin) - 1) < 1e-12
    assert abs(after.dual.sum() / before.dual.sum() * (c**2 if norm == 2 else c) - 1) < 1e-12
    if norm == 2:
        np.testing.assert_allclose(c * after.w, before.w, atol=1e-12 * np.abs(before.w).max(), rtol=0)


@few
@given(separable_points(), norms, rngs)
def test_duplicating_a_point_does_not_move_the_margin(Z, norm, rng):
    twice = np.vstack([Z, Z[rng.integers(len(Z))]])
    assert abs(solve(twice, norm).margin / solve(Z, norm).margin - 1) < 1e-12


@few
@given(separable_points(), norms, rngs)
def test_no_other_direction_has_a_larger_margin(Z, norm, rng):
    answer = solve(Z, norm)
    size = np.abs(answer.w).max() * 10 ** rng.uniform(-6, 0, (200, 1))
    others = answer.w + size * rng.standard_normal((200, Z.shape[1]))
    reached = (others @ Z.T).min(axis=1) / np.linalg.norm(others, norm, axis=1)
    assert reached.max() < answer.margin * (1 + 1e-12)


# Data that no hyperplane separates

OVERLAPPING = {
    "opposite points": [[1, 2], [-1, -2]],
    "opposite directions": [[1, 2], [-1e-3, -2e-3]],
    "a zero row": [[1, 2], [0, 0], [3, 1]],
    "a lone zero": [[0.0]],
    "triangle around zero": [[1, 0], [-1, 2], [-1, -2]],
    "zero on an edge": [[1, 0], [-2, 0], [0, 1]],
    "a cloud": np.random.default_rng(0).standard_normal((60, 3)),
    "a large cloud": 1e6 * np.random.default_rng(1).standard_normal((60, 3)),
    "a small cloud": 1e-6 * np.random.default_rng(2).standard_normal((60, 3)),
    "a cloud of unequal sizes": np.random.default_rng(3).standard_normal((60, 3)) * np.logspace(-3, 3, 60)[:, None],
    "digits against themselves": np.vstack([digits(0, 1)[0][:50], -digits(0, 1)[0][:50]]),
}


def assert_certifies(certificate, Z):
    """A convex combination of the rows that cancels, relative to what is summed."""
    assert certificate.shape == (len(Z),)
    assert certificate.min() >= 0
    assert abs(certificate.sum() - 1) < 1e-14
    assert np.abs(certificate @ Z).max() <= 1e-13 * (certificate @ np.linalg.norm(Z, axis=1))


@pytest.mark.parametrize("Z", OVERLAPPING.values(), ids=OVERLAPPING)
def test_inseparable_data_is_refused_with_gordans_certificate(Z):
    Z = np.asarray(Z, dtype=float)
    for norm in NORMS:
        with pytest.raises(ibnotes.NotSeparable) as caught:
            solve(Z, norm)
        assert_certifies(caught.value.certificate, Z)


def test_not_separable_can_be_caught_as_a_value_error():
    with pytest.raises(ValueError, match="no hyperplane"):
        solve(np.array([[1.0], [-1.0]]))


def test_a_point_under_both_labels_is_inseparable():
    X, y = np.array([[1.0, 2], [3, 4], [1, 2]]), [1, 1, -1]
    with pytest.raises(ibnotes.NotSeparable) as caught:
        ibnotes.max_margin(X, y)
    np.testing.assert_allclose(caught.value.certificate, [0.5, 0, 0.5], atol=1e-15)


def test_a_zero_row_is_named():
    with pytest.raises(ibnotes.NotSeparable, match="row 1 of X is zero"):
        solve(np.array([[1.0, 2], [0, 0]]))


@given(integer_points(), norms)
def test_either_a_separator_or_a_certificate(Z, norm):
    """Gordan's alternative: exactly one of the two exists."""
    try:
        answer = solve(Z, norm)
    except ibnotes.NotSeparable as error:
        assert_certifies(error.certificate, Z)
    else:
        assert answer.dual.min() >= 0
        assert (Z @ answer.w).min() > 1 - 1e-12


BAD_NORMS = ["2", "inf", "nuc", 3, 0, 1.5, -1, -np.inf, np.nan, None, 1j, [2], (1, 2)]


@pytest.mark.parametrize("oracle", [ibnotes.max_margin, ibnotes.min_norm_interpolant])
def test_an_unknown_norm_is_refused_by_name(oracle):
    for norm in BAD_NORMS:
        with pytest.raises(ValueError, match=r"^norm must be 1, 2 or numpy.inf, found ") as caught:
            oracle(ZC.T, np.ones(3), norm)
        assert repr(norm) in str(caught.value)


@pytest.mark.parametrize("oracle", [ibnotes.max_margin, ibnotes.min_norm_interpolant])
def test_the_oracles_validate_their_arrays(oracle):
    with pytest.raises(ValueError, match=r"^y .* 4 for 5 rows"):
        oracle(ZA, np.ones(4))


def test_max_margin_validates_its_labels():
    with pytest.raises(ValueError, match=r"^y .* found \{0, 1\}"):
        ibnotes.max_margin(ZA, [0, 1, 0, 1, 1])


# min_norm_interpolant

TARGETS = np.array([1.0, 2.0])


def deficient(rng, n, d, rank):
    """Consistent equations of which only ``rank`` are independent."""
    X = rng.standard_normal((n, rank)) @ rng.standard_normal((rank, d))
    return X, X @ rng.standard_normal(d)


def gaussian(rng, n, d):
    return rng.standard_normal((n, d)), rng.standard_normal(n)


def of_rows(X, y):
    return np.array(X, dtype=float), np.array(y, dtype=float)


EQUATIONS = {
    "one equation": of_rows([[1, 2, -3]], [2]),
    "wide": gaussian(np.random.default_rng(0), 7, 20),
    "square": gaussian(np.random.default_rng(1), 6, 6),
    "dependent rows": deficient(np.random.default_rng(2), 8, 12, 4),
    "tall": deficient(np.random.default_rng(3), 9, 4, 4),
    "tall and dependent": deficient(np.random.default_rng(4), 9, 5, 2),
    "repeated": of_rows([[1, 2, 3], [1, 2, 3], [0, 1, 1]], [1, 1, 2]),
    "a zero row and a zero column": of_rows([[1, 0, 2], [0, 0, 0]], [3, 0]),
    "zero targets among others": of_rows([[1, 2, 3], [1, -1, 0]], [0, 4]),
    "ties": of_rows([[1, 1, 0, 0], [0, 0, 1, 1]], [1, 1]),
    "one unknown": of_rows([[2], [4]], [-1, -2]),
    "large": (1e6 * ZA.T, np.array([1.0, 2.0])),
    "small": (1e-6 * ZA.T, np.array([1e6, 2e6])),
    "tiny targets": (ZA.T, np.array([1e-9, 2e-9])),
}


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", EQUATIONS)
def test_the_interpolant_proves_itself(name, norm):
    X, y = EQUATIONS[name]
    answer = ibnotes.min_norm_interpolant(X, y, norm)
    size, combination = np.linalg.norm(answer.w, norm), X.T @ answer.dual
    assert np.abs(X @ answer.w - y).max() < 1e-13 * np.abs(y).max()
    if norm == 2:
        expected = np.linalg.pinv(X, rcond=1e-10) @ y
        np.testing.assert_allclose(answer.w, expected, atol=1e-13 * np.abs(expected).max(), rtol=0)
        np.testing.assert_allclose(combination, answer.w, atol=1e-13 * np.abs(answer.w).max(), rtol=0)
    else:
        height, scale = np.abs(y).max(), np.abs(X).max()
        least = least_norm(norm, X / scale, y / height, y / height) * height / scale
        assert abs(size / least - 1) < 1e-12
        assert np.linalg.norm(combination, DUAL_NORM[norm]) < 1 + 1e-13
        assert abs(y @ answer.dual / size - 1) < 1e-13
    assert answer.residuals.worst < 1e-13
    assert 0 <= answer.gap < 1e-13


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("X", [[[0, 1], [1, 1]], [[0, 0]]], ids=["regular", "zero"])
def test_zero_targets_are_met_by_zero(X, norm):
    answer = ibnotes.min_norm_interpolant(X, np.zeros(len(X)), norm)
    np.testing.assert_array_equal(answer.w, [0, 0])
    np.testing.assert_array_equal(answer.dual, np.zeros(len(X)))
    assert answer.gap == answer.residuals.worst == 0


@pytest.mark.parametrize("norm", NORMS)
def test_tiny_targets_are_not_taken_for_zero(norm):
    """The square of 1e-200 underflows; the interpolant does not."""
    found, expected = (ibnotes.min_norm_interpolant(ZA.T, c * TARGETS, norm).w for c in (1e-200, 1))
    np.testing.assert_allclose(1e200 * found, expected, atol=1e-13, rtol=0)


INCONSISTENT = {
    "one row, two targets": ([[1, 2], [1, 2]], [1, 2]),
    "a zero row": ([[1, 0], [0, 0]], [1, 1]),
    "more equations than unknowns": gaussian(np.random.default_rng(0), 5, 3),
    "all of X is zero": ([[0, 0]], [1]),
    "nearly consistent": ([[1, 2], [1, 2]], [1, 1 + 1e-6]),
    "small numbers": ([[1e-6, 0], [1e-6, 0]], [1e-6, 2e-6]),
}


@pytest.mark.parametrize(("X", "y"), INCONSISTENT.values(), ids=INCONSISTENT)
def test_targets_out_of_range_are_refused(X, y):
    for norm in NORMS:
        with pytest.raises(ValueError, match=r"^y is not in the range of X"):
            ibnotes.min_norm_interpolant(X, y, norm)


@pytest.mark.parametrize("norm", NORMS)
def test_scaling_the_targets_scales_the_interpolant(norm):
    X, y = EQUATIONS["wide"]
    before, after = (ibnotes.min_norm_interpolant(X, c * y, norm) for c in (1, -7e3))
    np.testing.assert_allclose(after.w, -7e3 * before.w, atol=1e-10, rtol=0)


@pytest.mark.parametrize("norm", NORMS)
def test_scaling_the_points_shrinks_the_interpolant(norm):
    X, y = EQUATIONS["wide"]
    before, after = (ibnotes.min_norm_interpolant(c * X, y, norm) for c in (1, 1e5))
    np.testing.assert_allclose(1e5 * after.w, before.w, atol=1e-14, rtol=0)


@pytest.mark.parametrize("norm", [1, np.inf])
@pytest.mark.parametrize("seed", [5])
def test_wide_equations_with_many_ties_are_solved(seed, norm):
    X, y = gaussian(np.random.default_rng(seed), 30, 500)
    answer = ibnotes.min_norm_interpolant(X, y, norm)
    assert np.linalg.norm(X.T @ answer.dual, DUAL_NORM[norm]) < 1 + 1e-12
    assert abs(y @ answer.dual / np.linalg.norm(answer.w, norm) - 1) < 1e-12


def test_the_max_margin_of_few_points_interpolates_the_labels():
    """Two signed points at an obtuse angle are both support vectors: the two convex programs are one."""
    X, y = np.array([[1.0, 2.0, 0.0], [-2.0, 1.5, 1.0]]), np.array([1.0, -1.0])
    answer = ibnotes.max_margin(X, y)
    np.testing.assert_array_equal(answer.support, [0, 1])
    np.testing.assert_allclose(ibnotes.min_norm_interpolant(X, y).w, answer.w, atol=1e-14, rtol=0)


@pytest.mark.parametrize("seed", [1, 2, 9, 10])
def test_polishing_repairs_a_rough_solver(monkeypatch, seed):
    """The solver's answer only suggests the active set; here with points too many and, where small, too few."""
    Z, rng, rough = signed(near()), np.random.default_rng(seed), module.shortest

    def noisy(*args):
        w, c, dual = rough(*args)
        joined = (rng.random(len(dual)) < 0.05) * dual.max()
        return w, c, np.where(dual > 0.1 * dual.max(), dual, joined)

    expected = solve(Z)
    monkeypatch.setattr(module, "shortest", noisy)
    answer = solve(Z)
    np.testing.assert_allclose(answer.w, expected.w, atol=1e-14, rtol=0)
    np.testing.assert_array_equal(answer.support, expected.support)


# No wrong answer leaves the module.


@pytest.fixture
def floats_only(monkeypatch):
    """Without the rational arithmetic that takes over where floats fail."""
    monkeypatch.setattr(norm_minimization, "EXACT_SIZE", 0)


def tamper_with_polish(monkeypatch, change):
    polish = norm_minimization._polish

    def tampered(*args):
        w, c, dual = polish(*args)
        w, dual = change(w, dual)
        return w, c, dual

    monkeypatch.setattr(norm_minimization, "_polish", tampered)


CORRUPTIONS = {
    "w a little too long": lambda w, dual: (w * (1 + 1e-7), dual),
    "w a little too short": lambda w, dual: (w * (1 - 1e-7), dual),
    "w turned": lambda w, dual: (w + 1e-7 * np.roll(w, 1), dual),
    "w not a number": lambda w, dual: (w * np.nan, dual),
    "dual too large": lambda w, dual: (w, dual * (1 + 1e-7)),
    "dual permuted": lambda w, dual: (w, np.roll(dual, 1)),
    "dual negated": lambda w, dual: (w, -dual),
    "dual not a number": lambda w, dual: (w, dual * np.nan),
    "both shrunk": lambda w, dual: (w * (1 - 1e-7), dual * (1 - 1e-7)),
    "another norm's answer": lambda w, dual: (w * np.array([1.5, 1.0]), dual),
}


@pytest.mark.parametrize("corrupt", CORRUPTIONS.values(), ids=CORRUPTIONS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # corruptions divide by zero
def test_a_corrupted_separator_is_not_returned(monkeypatch, floats_only, corrupt):
    tamper_with_polish(monkeypatch, corrupt)
    for norm in NORMS:
        with pytest.raises(ibnotes.NotConverged):
            solve(ZA, norm)


@pytest.mark.parametrize("corrupt", CORRUPTIONS.values(), ids=CORRUPTIONS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # corruptions divide by zero
def test_a_corrupted_interpolant_is_not_returned(monkeypatch, floats_only, corrupt):
    tamper_with_polish(monkeypatch, corrupt)
    for norm in NORMS:
        with pytest.raises(ibnotes.NotConverged):
            ibnotes.min_norm_interpolant(ZA[:2], TARGETS, norm)


@pytest.mark.parametrize("norm", NORMS)
def test_where_floats_fail_rational_arithmetic_answers(monkeypatch, norm):
    """It shares nothing with them: whatever the solver and the polish return, the answer is the right one."""
    expected = solve(ZA, norm), ibnotes.min_norm_interpolant(ZA[:2], TARGETS, norm)
    tamper_with_polish(monkeypatch, lambda w, dual: (w + 1e-7, dual + 1e-7))
    found = solve(ZA, norm), ibnotes.min_norm_interpolant(ZA[:2], TARGETS, norm)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.w, other.w, rtol=1e-14, atol=1e-15)
        np.testing.assert_allclose(one.dual, other.dual, rtol=1e-14, atol=1e-15)


# Each of these leaves the duality gap at zero and every other residual small.
CAUGHT_BY_ONE = {
    "primal": ([[1, 1], [2, -1]], 1, lambda w, dual: (np.full(2, np.abs(w).sum() / 2), dual)),
    "dual": ([[1, 0], [1, 0]], 2, lambda w, dual: (w, dual.sum() * np.array([2, -1]))),
    "stationarity": (ZA[:2], 2, lambda w, dual: (w, dual[::-1])),
}


@pytest.mark.parametrize(("Z", "norm", "corrupt"), CAUGHT_BY_ONE.values(), ids=CAUGHT_BY_ONE)
def test_no_residual_is_idle(monkeypatch, floats_only, Z, norm, corrupt):
    tamper_with_polish(monkeypatch, corrupt)
    with pytest.raises(ibnotes.NotConverged, match=r"duality gap (0\.0e\+00|\d\.\de-1\d)"):
        solve(np.array(Z, dtype=float), norm)


def test_a_faithful_polish_passes_through_the_same_patch(monkeypatch):
    """The control of the two tests above."""
    tamper_with_polish(monkeypatch, lambda w, dual: (w, dual))
    assert solve(ZA).gap < 1e-13
    assert ibnotes.min_norm_interpolant(ZA[:2], TARGETS).gap < 1e-13


LINEAR = [
    pytest.param(call, norm, id=f"{call.__name__}, {norm}")
    for norm in (1, np.inf)
    for call in (ibnotes.max_margin, ibnotes.min_norm_interpolant)
]


@pytest.mark.parametrize(("call", "norm"), LINEAR)
def test_a_solver_that_stops_early_or_fails_raises(monkeypatch, floats_only, call, norm):
    for status in "user_limit", "infeasible", "unbounded":
        monkeypatch.setattr(cp.Problem, "status", property(lambda self, status=status: status))
        with pytest.raises(ibnotes.NotConverged, match=status):
            call(ZA[:2], np.ones(2), norm)

    def fail(self, *args, **kwargs):
        raise cp.SolverError("out of memory")

    monkeypatch.setattr(cp.Problem, "solve", fail)
    with pytest.raises(ibnotes.NotConverged, match="out of memory"):
        call(ZA[:2], np.ones(2), norm)


def test_least_squares_that_do_not_end_are_no_answer(monkeypatch, floats_only):
    def fail(*args, **kwargs):
        raise RuntimeError("Maximum number of iterations reached.")

    monkeypatch.setattr(least_distance, "nnls", fail)
    with pytest.raises(ibnotes.NotConverged, match="non-negative least squares: Maximum number"):
        solve(ZA)


def test_the_shortest_interpolant_needs_no_program(monkeypatch):
    monkeypatch.setattr(cp.Problem, "solve", None)
    X, y = np.random.default_rng(0).standard_normal((3, 5)), np.ones(3)
    answer = ibnotes.min_norm_interpolant(X, y)
    assert np.abs(answer.w - np.linalg.pinv(X) @ y).max() < 1e-14
    assert np.abs(answer.w - X.T @ answer.dual).max() < 1e-14


def test_not_converged_is_not_mistaken_for_bad_input():
    assert not issubclass(ibnotes.NotConverged, ValueError)


# Many rows or many columns: working sets and the span of the rows. SVC fits an intercept and stops near 1e-7.

SIZES = {"many rows": (20_000, 5), "many columns": (8, 5_000), "many of both": (400, 60)}


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize(("n", "d"), SIZES.values(), ids=SIZES)
def test_large_data_are_certified(n, d, intercept):
    problem = ibnotes.make_separable(np.random.default_rng(0), n, d, 0.5)
    answer = ibnotes.max_margin(problem.X + intercept, problem.y, intercept=intercept)
    margins = problem.y * ((problem.X + intercept) @ answer.w + (answer.intercept or 0))
    assert abs(margins.min() - 1) < 1e-12
    assert abs(answer.dual.sum() / (answer.w @ answer.w) - 1) < 1e-12
    np.testing.assert_allclose(
        (answer.dual * problem.y) @ (problem.X + intercept), answer.w, atol=1e-12 * answer.margin
    )
    np.testing.assert_array_equal(answer.support, np.flatnonzero(margins < 1 + 1e-7))
    if intercept:
        assert abs(answer.dual @ problem.y) < 1e-12 * answer.dual.sum()


def test_dependent_rows_of_many_columns_are_solved():
    Z = ibnotes.make_separable(np.random.default_rng(0), 6, 300, 0.5).Z
    twice = np.vstack([Z, Z[:3]])
    np.testing.assert_allclose(solve(twice).w, solve(Z).w, atol=1e-13, rtol=0)


@pytest.mark.parametrize("intercept", [False, True])
def test_nearly_opposite_rows_of_many_columns_are_certified(intercept):
    """They are 1e-4 apart: the products of rows have lost half their digits."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((12, 20_000)), np.where(np.arange(12) % 2, 1.0, -1.0)
    X[1] = X[0] + 1e-4 * rng.standard_normal(20_000)
    answer = ibnotes.max_margin(X, y, intercept=intercept)
    assert answer.residuals.worst < 1e-9
    assert abs((y * (X @ answer.w + (answer.intercept or 0))).min() - 1) < 1e-9


# A free intercept


def with_intercept(X, y, norm=2):
    return ibnotes.max_margin(X, y, norm, intercept=True)


SHIFTED = {
    "near": near(),
    "near, moved": (near()[0] + 1, near()[1]),
    "digits 3, 8": digits(3, 8),
    "iris": iris(),
}


@pytest.mark.parametrize(("X", "y"), SHIFTED.values(), ids=SHIFTED)
def test_svc_finds_the_same_plane(X, y):
    answer, svc = with_intercept(X, y), SVC(kernel="linear", C=1e8, tol=1e-10).fit(X, y)
    scale = np.abs(answer.w).max()
    assert np.abs(answer.w - svc.coef_[0]).max() < 1e-6 * scale
    assert abs(answer.intercept - svc.intercept_[0]) < 1e-6 * (1 + np.abs(X).max() * scale)
    assert ibnotes.direction_gap(ibnotes.max_margin(X, y).w, svc.coef_[0]) > 1e-3  # without one it is another plane


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("seed", range(4))
def test_the_intercept_is_free_and_proved(seed, norm):
    """The dual has ``sum_i y_i a_i = 0``; the other conditions are as without, for points that miss the origin."""
    rng = np.random.default_rng(seed)
    problem = ibnotes.make_separable(rng, 20, 4, 0.3)
    X, y = problem.X + rng.standard_normal(4), problem.y
    answer = with_intercept(X, y, norm)
    assert abs((y * (X @ answer.w + answer.intercept)).min() - 1) < 1e-12
    assert abs(answer.dual @ y) < 1e-12 * answer.dual.sum()
    pull = (answer.dual * y) @ X
    if norm == 2:
        np.testing.assert_allclose(pull, answer.w, atol=1e-12 * np.abs(answer.w).max())
    else:
        assert abs(np.linalg.norm(pull, DUAL_NORM[norm]) - 1) < 1e-12
    size = answer.w @ answer.w if norm == 2 else np.linalg.norm(answer.w, norm)
    assert abs(answer.dual.sum() / size - 1) < 1e-12
    assert ibnotes.certify(answer).lower == ibnotes.certify(answer).upper


@few
@given(norms, rngs)
def test_moving_the_points_moves_the_intercept_only(norm, rng):
    problem, shift = ibnotes.make_separable(rng, 12, 3, 0.3), rng.standard_normal(3)
    if len(set(problem.y)) < 2:
        return
    before, after = with_intercept(problem.X, problem.y, norm), with_intercept(problem.X + shift, problem.y, norm)
    assert abs(after.margin / before.margin - 1) < 1e-11
    if norm == 2:
        assert abs(after.intercept - (before.intercept - before.w @ shift)) < 1e-10 * np.abs(before.w).max()


def test_a_column_of_constants_is_charged_for_and_a_larger_one_less():
    """``||w||^2 + (b / g)^2`` is least with a column of g: it tends to the free intercept like 1 / g^2."""
    X, y = iris()  # three support vectors in R^4; d + 1 of them would fix the plane whatever b costs
    free = with_intercept(X, y)
    found = [ibnotes.max_margin(np.column_stack([X, np.full(len(X), g)]), y).w for g in (1.0, 30.0, 300.0)]
    off = [np.linalg.norm(w[:-1] - free.w) for w in found]
    assert off[0] > 0.01
    assert off[1] / off[2] == pytest.approx(100, rel=0.01)


def test_planes_through_the_origin_are_a_special_case():
    """With every point also at -x under the other label the free intercept is zero."""
    X, y = near()
    both = with_intercept(np.vstack([X, -X]), np.r_[y, -y])
    assert abs(both.intercept) < 1e-13
    np.testing.assert_allclose(both.w, ibnotes.max_margin(X, y).w, atol=1e-13)


@pytest.mark.parametrize("norm", NORMS)
def test_columns_of_time_stamps_have_an_intercept(norm):
    """One point a class: the plane lies half way between the two."""
    answer = with_intercept([[1.0, 1.7e9], [3.0, 1.7e9 + 86400]], [-1, 1], norm)
    at = answer.w @ [2.0, 1.7e9 + 43200] + answer.intercept
    assert abs(at) < 1e-9 * abs(answer.intercept)
    assert answer.residuals.worst < 1e-9


def test_inseparable_points_are_so_for_every_plane():
    X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1, -1, 1, -1])
    with pytest.raises(ibnotes.NotSeparable) as caught:
        with_intercept(X, y)
    p = caught.value.certificate
    assert_certifies(p, y[:, None] * np.column_stack([X, np.ones(4)]))
    assert with_intercept(X[:2], y[:2]).intercept == pytest.approx(1, abs=1e-14)
    with pytest.raises(ibnotes.NotSeparable):
        ibnotes.max_margin(X[:2], y[:2])  # the first point is the origin


def test_an_intercept_needs_both_labels():
    with pytest.raises(ValueError, match=r"^y must hold both labels where there is an intercept, found 1 only"):
        with_intercept(ZA, np.ones(5))
    with pytest.raises(ValueError, match=r"^intercept must be True or False, found 1"):
        ibnotes.max_margin(ZA, np.ones(5), intercept=1)


@pytest.mark.parametrize("norm", NORMS)
def test_an_intercept_takes_up_what_all_points_have_in_common(norm):
    problem, shift = ibnotes.make_separable(np.random.default_rng(1), 30, 4), 1e6 * np.array([1, -2, 0.5, 0])
    before, after = (with_intercept(problem.X + s, problem.y, norm) for s in (0, shift))
    assert after.margin == pytest.approx(before.margin, rel=1e-9)
    assert after.intercept + after.w @ shift == pytest.approx(before.intercept, abs=1e-9)


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("norm", [1, np.inf])
def test_measurements_in_their_units_are_separated_at_once(monkeypatch, norm, intercept):
    """Tumours' areas stand beside smoothnesses: pivots of rational numbers took two minutes for them, a vertex .2 s."""
    monkeypatch.setattr(exact_simplex, "by_pivots", None)
    data = load_breast_cancer()
    X, y = data.data, 2 * data.target - 1
    answer = ibnotes.max_margin(X, y, norm, intercept)
    assert (y * (X @ answer.w + (answer.intercept or 0))).min() == pytest.approx(1, abs=1e-9)
    assert np.linalg.norm(answer.dual * y @ X, DUAL_NORM[norm]) == pytest.approx(1, abs=1e-7)  # sums of terms of 1e8
    assert answer.dual.sum() == pytest.approx(np.linalg.norm(answer.w, norm), rel=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_a_vertex_named_in_floats_is_the_one_that_pivots_find(seed):
    rng = np.random.default_rng(seed)
    A, cost = rng.integers(-3, 4, (8, 5)) * 10.0 ** rng.integers(-6, 7, 5), rng.integers(1, 9, 5)
    A[:, 0] = np.abs(A[:, 0]) + 1  # so that there is an x
    program = ([fmpq(int(x)) for x in cost], as_rational(A).tolist(), [fmpq(1)] * 8)
    (x, dual), named = exact_simplex.by_pivots(*program), exact_simplex.at_a_vertex(*program)
    assert named is None or sum(named[1]) == sum(dual) == sum(c * v for c, v in zip(program[0], x, strict=True))
    assert exact_simplex.minimize(*program) == (named or (x, dual))
