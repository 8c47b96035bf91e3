"""Flows on factorizations against the exact limits, closed forms, conservation laws and a plain integration."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

import ibnotes
from ibnotes import balanced_factors, deep_linear_flow, diagonal_flow
from ibnotes.dynamics import factored_flows
from ibnotes.dynamics.factored_flows import product_gradients


def random_factors(shape, widths, scale=0.5, seed=0):
    """Gaussian, hence not balanced."""
    rng = np.random.default_rng(seed)
    return [scale * rng.standard_normal(size) for size in pairwise([shape[0], *widths, shape[1]])]


def completion(shape=(4, 3), rank=2, observed=8, seed=0):
    return ibnotes.make_completion(np.random.default_rng(seed), shape, rank, observed)


def symmetric_completion(n=4, seed=0):
    rng = np.random.default_rng(seed)
    G, mask = rng.standard_normal((n, n)), rng.random((n, n)) < 0.4
    return ibnotes.Completion(G @ G.T, mask | mask.T)


def plain(problem, U, V, times):
    """U' = -P(UV' - M) V and V' = -P(UV' - M)' U, at the tolerance of rounding."""

    def velocity(t, state):
        U, V = state[:u].reshape(shape), state[u:].reshape(-1, shape[1])
        E = problem.mask * (U @ V.T - problem.observed)
        return -np.concatenate([(E @ V).ravel(), (E.T @ U).ravel()])

    u, shape, start = U.size, U.shape, np.concatenate([U.ravel(), V.ravel()])
    run = solve_ivp(velocity, (0, times[-1]), start, "DOP853", times, rtol=1e-13, atol=1e-15)
    return np.array([y[:u].reshape(shape) @ y[u:].reshape(-1, shape[1]).T for y in run.y.T])


# --- diagonal networks ---


@pytest.mark.parametrize("scale", [1e-8, 1e-4, 1e-2, 0.1, 1.0, 10.0, 1e4])
@pytest.mark.parametrize("depth", [2, 3, 4])
def test_the_diagonal_flow_ends_at_the_minimizer_of_its_potential(depth, scale):
    problem = ibnotes.make_underdetermined(np.random.default_rng(0), 3, 8)
    exact = ibnotes.min_potential_interpolant(problem.X, problem.y, scale, depth).w
    assert np.abs(diagonal_flow(problem.X, problem.y, scale, depth) - exact).max() < 1e-8


def test_a_diagonal_flow_between_equations_that_repeat_themselves():
    X, y = np.array([[1.0, 2, 3], [-1, 0, 2]]), np.array([1.0, 2.0])
    w = diagonal_flow(np.vstack([X, X]), np.r_[y, y], 0.1, 3)  # the limit does not depend on their weights
    assert np.abs(w - diagonal_flow(X, y, 0.1, 3)).max() < 1e-9
    assert not diagonal_flow(X, 0 * y, 0.1, 3).any()


# --- products of matrices ---


ROUTES = {f"LSODA from {scale}": (500, scale, 1e-9) for scale in (1e-3, 0.1, 1.0)}
ROUTES |= {f"RKC from {scale}": (0, scale, 1e-2) for scale in (0.1, 1.0)}


@pytest.mark.parametrize(("large", "scale", "accuracy"), ROUTES.values(), ids=ROUTES)
def test_two_factors_follow_the_plain_formulas(monkeypatch, large, scale, accuracy):
    monkeypatch.setattr(factored_flows, "LARGE", large)
    problem, times = completion((6, 5), 2, 18), [0.5, 1.0, 3.0, 10.0, 20.0]
    factors = balanced_factors(problem.shape, 2, scale, np.random.default_rng(1))
    path, exact = deep_linear_flow(problem, factors, times), plain(problem, factors[0], factors[1].T, times)
    size = np.linalg.norm(exact, axis=(1, 2))
    errors = np.linalg.norm(path.w - exact, axis=(1, 2)) / size
    assert errors.max() < accuracy
    assert errors[-1] < 1e-3
    assert large or errors.max() > 1e-7  # it was the other integrator


def test_one_factor_relaxes_exponentially():
    problem, times = completion(), np.array([0.0, 0.3, 1.0, 5.0])
    (W0,) = random_factors(problem.shape, [])
    decayed = np.where(problem.mask, np.exp(-times)[:, None, None], 1.0)
    exact = np.where(problem.mask, problem.M, W0) + decayed * np.where(problem.mask, W0 - problem.M, 0)
    path = deep_linear_flow(problem, [W0], times)
    assert np.abs(path.w - exact).max() < 1e-9
    assert (path.w[:, ~problem.mask] == W0[~problem.mask]).all()


@pytest.mark.parametrize("start", [1e-3, 0.1, 2.0])
@pytest.mark.parametrize("m", [0.5, 2.0])
def test_two_scalar_factors_follow_the_logistic_curve(m, start):
    """w' = 2w(m - w) for equal factors, and on after it has arrived."""
    times = np.linspace(0, 60, 25)
    path = deep_linear_flow(ibnotes.Completion([[m]], [[True]]), [[[start]], [[start]]], times)
    exact = m / (1 + (m / start**2 - 1) * np.exp(-2 * m * times))
    assert np.array_equal(path.times, times)
    np.testing.assert_allclose(path.w[:, 0, 0], exact, rtol=2e-9)


@pytest.mark.parametrize("widths", [[2], [3, 2], [4, 2, 5]])
def test_what_each_pair_of_neighbours_conserves(widths):
    problem, times = completion(), [0.0, 1.0, 10.0, 100.0]
    path = deep_linear_flow(problem, random_factors(problem.shape, widths), times)
    product = path.factors[0]
    for A, B in pairwise(path.factors):
        conserved = A.mT @ A - B @ B.mT
        assert np.abs(conserved - conserved[0]).max() < 1e-8
        product = product @ B
    assert np.abs(conserved[0]).max() > 0.1
    assert np.abs(product - path.w).max() < 1e-14
    assert path.w.shape == (4, *problem.shape)


def test_the_smallest_completion_diverges_as_the_cube_root_of_time():
    """[[w, 1], [1, 0]] with w free: the loss goes to zero only as w goes to infinity, like (6t)^(1/3)."""
    problem = ibnotes.Completion([[np.nan, 1], [1, 0]], [[False, True], [True, True]])
    path = deep_linear_flow(problem, balanced_factors((2, 2), 2, 0.1), [1e4, 1e8], symmetric=True)
    ratio = path.w[:, 0, 0] / (6 * path.times) ** (1 / 3)
    assert abs(ratio[1] - 1) < 1e-4 < abs(ratio[0] - 1) < 1e-2


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_the_symmetric_route_is_symmetric_and_the_same_flow(depth):
    problem, times = symmetric_completion(), [0.5, 2.0, 5.0]
    factors = balanced_factors(problem.shape, depth, 0.4)
    factors[0] = factors[0] + (depth == 1) * np.outer([1, 2, 0, 0], [1, 2, 0, 0])
    path = deep_linear_flow(problem, factors, times, symmetric=True)
    assert np.abs(path.w - path.w.mT).max() <= (0 if depth < 3 else 1e-15 * np.abs(path.w).max())
    assert all(np.array_equal(A, B.mT) for A, B in zip(path.factors, path.factors[::-1], strict=True))
    assert np.abs(path.w - deep_linear_flow(problem, factors, times).w).max() < 1e-8


@pytest.mark.parametrize("large", [0, 500])
@pytest.mark.parametrize("k", [-70, 9])
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_the_unit_does_not_matter(monkeypatch, depth, k, large):
    """Factors 2^k times as large, and a product so many times to the power of the depth: not a bit changes."""
    monkeypatch.setattr(factored_flows, "LARGE", large)
    problem, times = completion(), np.array([0.3, 3.0, 1e3])
    factors = balanced_factors(problem.shape, depth, 0.2, np.random.default_rng(0))
    path = deep_linear_flow(problem, factors, times, mse=1e-4)
    unit, pace = np.ldexp(1.0, k * depth), np.ldexp(1.0, 2 * k * (depth - 1))
    other = ibnotes.Completion(problem.M * unit, problem.mask)
    moved = deep_linear_flow(other, [np.ldexp(A, k) for A in factors], times / pace, mse=1e-4 * unit**2)
    assert np.array_equal(moved.w, path.w * unit)
    assert np.array_equal(moved.times, path.times / pace)
    assert all(np.array_equal(A, np.ldexp(B, k)) for A, B in zip(moved.factors, path.factors, strict=True))


@pytest.mark.parametrize("scale", [1e-30, 1e-3, 1e20])
def test_the_unit_of_measurements_does_not_matter(scale):
    rng = np.random.default_rng(0)
    A, y, factors = rng.standard_normal((4, 3, 2)), rng.standard_normal(4), random_factors((3, 2), [2])
    path = deep_linear_flow(ibnotes.Sensing(A, y), factors, [1.0, 30.0])
    moved = deep_linear_flow(ibnotes.Sensing(scale * A, scale * y), factors, np.array([1.0, 30.0]) / scale**2)
    assert np.abs(moved.w - path.w).max() < 1e-8


# --- random starts ---


def test_random_isometries_are_uniform():
    """No entry has a preferred sign, and determinants take both; QR alone gives neither."""
    starts = np.array([balanced_factors((3, 3), 1, 1.0, np.random.default_rng(seed))[0] for seed in range(400)])
    assert np.abs(starts.mean(axis=0)).max() < 4 / np.sqrt(3 * 400)  # four standard deviations
    assert abs(np.sign(np.linalg.det(starts)).mean()) < 0.2


@pytest.mark.parametrize("seed", range(8))
def test_the_smallest_completion_diverges_where_the_determinant_starts_positive(seed):
    """[[w, 1], [1, 0]] from random balanced factors: w grows like (6t)^(1/3) if det W(0) > 0, else it stays."""
    problem = ibnotes.Completion([[np.nan, 1], [1, 0]], [[False, True], [True, True]])
    factors = balanced_factors((2, 2), 2, 0.3, np.random.default_rng(seed))
    w = np.abs(deep_linear_flow(problem, factors, [50.0, 100.0]).w[:, 0, 0])
    diverges = np.linalg.det(factors[0] @ factors[1]) > 0
    assert (w[1] > 0.9 * 600 ** (1 / 3)) == diverges
    assert (w[1] > 1.2 * w[0]) == diverges


# --- when it stops ---


@pytest.mark.parametrize("symmetric", [True, False])
def test_it_stops_at_the_mean_squared_error_asked_for(symmetric):
    problem, times = symmetric_completion(), [0.0, 0.1, 0.2, 1e3, 1e4]
    factors = balanced_factors(problem.shape, 2, 0.4)
    path = deep_linear_flow(problem, factors, times, mse=0.05, symmetric=symmetric)
    errors = problem.mean_squared_error(path.w)
    assert np.array_equal(path.times[:-1], times[:3])
    assert errors[-1] == pytest.approx(0.05, rel=1e-8)
    assert (errors[:-1] > 0.05).all()
    again = deep_linear_flow(problem, factors, [path.times[-1]], symmetric=symmetric)
    assert np.abs(again.w[0] - path.w[-1]).max() < 1e-8
    assert len(path.factors[0]) == len(path.w) == 4


def test_a_mean_squared_error_that_is_not_reached_cuts_nothing():
    problem = completion()
    path = deep_linear_flow(problem, balanced_factors(problem.shape, 2, 0.1), [0.1, 0.2], mse=1e-6)
    assert path.times.tolist() == [0.1, 0.2]


def test_a_flow_that_has_arrived_is_carried_on():
    problem, times = completion(), [0.0, 1.0, 1e4, 1e6, 1e100]
    path = deep_linear_flow(problem, balanced_factors((4, 3), 2, 0.5), times)
    assert np.array_equal(path.times, times)
    assert np.abs(problem.gradient(path.w[2])).max() < 1e-11
    for states in (path.w, *path.factors):
        assert len(states) == 5
        assert (states[3:] == states[2]).all()


# --- sensing ---


def test_sensing_by_entries_is_completion():
    problem, times = completion(), [0.5, 2.0, 8.0]
    A = np.eye(problem.M.size)[problem.mask.ravel()].reshape(-1, *problem.shape)
    factors = random_factors(problem.shape, [3, 2])
    sensed = deep_linear_flow(ibnotes.Sensing(A, problem.M[problem.mask]), factors, times)
    assert np.abs(sensed.w - deep_linear_flow(problem, factors, times).w).max() < 1e-9


def test_diagonal_measurements_are_logistic_curves_side_by_side():
    y, times = np.array([0.5, 1.0, 2.0]), np.array([0.5, 2.0, 5.0])
    problem = ibnotes.Sensing([np.diag(row) for row in np.eye(3)], y)
    w = deep_linear_flow(problem, balanced_factors((3, 3), 2, 0.1), times).w
    exact = y / (1 + (y / 0.01 - 1) * np.exp(-2 * y * times[:, None]))
    assert np.abs(w - exact[:, None, :] * np.eye(3)).max() < 1e-9


# --- gradients and starts ---


@given(st.lists(st.integers(1, 4), min_size=2, max_size=6), st.integers(0, 2**32 - 1))
def test_product_gradients_by_complex_steps(sizes, seed):
    factors = random_factors((sizes[0], sizes[-1]), sizes[1:-1], 1.0, seed)
    rng = np.random.default_rng(seed)
    C = rng.standard_normal((sizes[0], sizes[-1]))
    gradients = product_gradients(lambda W: C * np.cos(W), factors)
    for j, (A, G) in enumerate(zip(factors, gradients, strict=True)):
        D = rng.standard_normal(A.shape)
        moved = np.linalg.multi_dot([*factors[:j], A + 1e-30j * D, *factors[j + 1 :], np.eye(sizes[-1])])
        slope = np.sum(C * np.sin(moved)).imag / 1e-30
        assert G.shape == A.shape
        assert abs(np.sum(G * D) - slope) < 1e-12 * max(1, np.abs(G).max() * np.abs(D).max()) * A.size


@pytest.mark.parametrize("rng", [None, np.random.default_rng(0)], ids=["identities", "random"])
@pytest.mark.parametrize("depth", [1, 2, 3, 5])
@pytest.mark.parametrize("shape", [(3, 3), (5, 2), (2, 5), (1, 4)])
def test_balanced_factors(shape, depth, rng):
    factors = balanced_factors(shape, depth, 0.3, rng)
    product = np.linalg.multi_dot([*factors, np.eye(shape[1]), np.eye(shape[1])])
    assert len(factors) == depth
    assert np.abs(np.linalg.svd(product, compute_uv=False) - 0.3**depth).max() < 1e-15
    assert product.shape == shape
    assert depth == 1 or ibnotes.imbalance(factors) < 1e-15
    assert rng or np.array_equal(product != 0, np.eye(*shape) != 0)


# --- bad input ---

PROBLEM, SQUARE = completion(), symmetric_completion()
FACTORS, EQUAL = balanced_factors((4, 3), 2, 0.1), balanced_factors((4, 4), 2, 0.1)
LOPSIDED = ibnotes.Completion(np.ones((4, 4)), np.triu(np.ones((4, 4), bool)))
X, Y = np.ones((1, 2)), np.ones(1)
BAD = {
    "no problem": (lambda: deep_linear_flow(np.eye(2), FACTORS, [1]), "problem must be a Completion or a Sensing"),
    "times beyond all": (
        lambda: deep_linear_flow(ibnotes.Completion([[1e200]], [[True]]), [[[1.0]]] * 8, [1.0]),
        "times and the data are too far apart",
    ),
    "no factors": (lambda: deep_linear_flow(PROBLEM, [], [1]), "factors must be matrices"),
    "factors that do not meet": (lambda: deep_linear_flow(PROBLEM, FACTORS[::-1], [1]), "factors must be matrices"),
    "factors of another product": (lambda: deep_linear_flow(PROBLEM, EQUAL, [1]), r"factors must multiply to .*\(4, 3"),
    "factors with nan": (lambda: deep_linear_flow(PROBLEM, [np.full((4, 3), np.nan)], [1]), "factors must be finite"),
    "times that fall": (lambda: deep_linear_flow(PROBLEM, FACTORS, [2, 1]), "times must increase"),
    "times that repeat": (lambda: deep_linear_flow(PROBLEM, FACTORS, [1, 1]), "times must increase"),
    "negative times": (lambda: deep_linear_flow(PROBLEM, FACTORS, [-1, 1]), "times must increase"),
    "no times": (lambda: deep_linear_flow(PROBLEM, FACTORS, []), "times is empty"),
    "infinite times": (lambda: deep_linear_flow(PROBLEM, FACTORS, [1, np.inf]), "times must be finite"),
    "not square": (lambda: deep_linear_flow(PROBLEM, FACTORS, [1], symmetric=True), "symmetric needs a square"),
    "mask": (
        lambda: deep_linear_flow(LOPSIDED, EQUAL, [1], symmetric=True),
        "symmetric needs a square problem and symmetric observations",
    ),
    "not mirrored": (
        lambda: deep_linear_flow(SQUARE, [EQUAL[0], 2 * EQUAL[1]], [1], symmetric=True),
        "symmetric needs factors",
    ),
    "y out of reach": (lambda: diagonal_flow([[1, 2], [2, 4]], [1, 1], 0.1, 2), "y is not in the range of X"),
    "y too long": (lambda: diagonal_flow(X, [1, 1], 0.1, 2), "y must have one entry"),
    "no such depth": (lambda: diagonal_flow(X, Y, 0.1, 0), "depth must be an integer of at least 2"),
    "depth one": (lambda: diagonal_flow(X, Y, 0.1, 1), "depth must be an integer of at least 2"),
    "a power out of range": (lambda: diagonal_flow(X, Y, 1e-100, 4), "scale 1e-100 to the power of depth 4"),
    "lopsided sensing": (
        lambda: deep_linear_flow(ibnotes.Sensing([[[1.0, 2], [0, -3]]], [0.0]), [np.eye(2)] * 2, [1], symmetric=True),
        "symmetric needs a square problem and symmetric observations",
    ),
    **{
        f"mse {bad!r}": (
            lambda bad=bad: deep_linear_flow(PROBLEM, FACTORS, [1], mse=bad),
            "mse must be a finite number",
        )
        for bad in (np.nan, -1.0, np.inf, True, "x")
    },
    "no such scale": (lambda: diagonal_flow(X, Y, 0, 2), "scale must be positive"),
    "depth of factors": (lambda: balanced_factors((2, 2), 1.0, 0.1), "depth must be a positive integer"),
    "scale of factors": (lambda: balanced_factors((2, 2), 2, -0.1), "scale must be positive"),
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        call()


DIAGONAL = ibnotes.Completion(np.diag([1.0, 2.0]), np.ones((2, 2), dtype=bool))


@pytest.mark.parametrize("times", [[1e3], [0.0, 1.0, 1e3], [0.0, 1.0, 1e3, 2e3]])
def test_an_arrived_flow_is_carried_on_to_the_times_asked_for(times):
    path = deep_linear_flow(DIAGONAL, balanced_factors((2, 2), 2, 0.1), times)
    assert path.times.tolist() == times
    assert len(path.w) == len(times)
    assert np.abs(path.w[-1] - DIAGONAL.M).max() < 1e-9


def test_a_start_that_already_fits_is_at_time_zero():
    assert deep_linear_flow(DIAGONAL, [DIAGONAL.M + 1e-3], [5.0, 6.0], mse=0.1).times.tolist() == [0.0]


@pytest.mark.parametrize("large", [0, 500])
def test_a_rest_point_stays(monkeypatch, large):
    monkeypatch.setattr(factored_flows, "LARGE", large)
    assert not deep_linear_flow(DIAGONAL, [np.zeros((2, 2))] * 2, [0.0, 1.0]).w.any()
