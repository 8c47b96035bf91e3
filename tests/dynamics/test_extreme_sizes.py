"""Starts and data near the ends of what floats hold: the answer in their units, or an error at once that names them."""

import numpy as np
import pytest

import ibnotes as ib

RNG = np.random.default_rng(0)
A, B = RNG.standard_normal((3, 6)), RNG.standard_normal(3)
POINTS = ib.make_separable(np.random.default_rng(1), 10, 3)
SIZES = [1e-300, 1e-160, 1e-100, 1e100, 1e160, 1e300]


@pytest.fixture(autouse=True)
def warnings_are_errors():
    with np.errstate(all="raise"):
        yield


@pytest.mark.parametrize("size", SIZES)
def test_a_diagonal_flow_does_not_ask_for_the_unit_of_the_equations(size):
    plain = ib.diagonal_flow(A, B, 1e-2, depth=2)
    np.testing.assert_allclose(ib.diagonal_flow(size * A, size * B, 1e-2, depth=2), plain, rtol=1e-7, atol=1e-14)


@pytest.mark.parametrize("size", [1e-200, 1e-100, 1e100, 1e200])
def test_a_diagonal_flow_to_weights_of_any_size_ends_at_its_potentials_minimizer(size):
    for X, y in ((A / size, B), (A, size * B)):
        flow, least = ib.diagonal_flow(X, y, 1e-2, depth=2), ib.min_potential_interpolant(X, y, 1e-2, depth=2).w
        np.testing.assert_allclose(flow, least, rtol=1e-6, atol=1e-9 * np.abs(least).max())


@pytest.mark.parametrize("scale", [1e-153, 1e-150, 1e50, 1e100])
def test_a_diagonal_flow_from_starts_of_any_size_ends_at_its_potentials_minimizer(scale):
    flow, least = ib.diagonal_flow(A, B, scale, depth=2), ib.min_potential_interpolant(A, B, scale, depth=2).w
    np.testing.assert_allclose(flow, least, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("scale", "depth"), [(1e-100, 3), (1e-37, 8)])
def test_a_diagonal_flow_from_far_below_its_targets_ends_at_the_least_l1_norm(scale, depth):
    flow, least = ib.diagonal_flow(A, 1e10 * B, scale, depth=depth), ib.min_norm_interpolant(A, 1e10 * B, norm=1).w
    np.testing.assert_allclose(flow, least, rtol=1e-7, atol=1e-7 * np.abs(least).max())


@pytest.mark.parametrize(
    ("X", "y", "scale", "message"),
    [
        ([[1, 2]], [5], 1e-280, "scale 1e-280 to the power of depth 2 is out of range"),
        ([[1, 2]], [5], 1e150, r"scale 1e\+150 to the power of depth 2 is too large beside y and X"),
        ([[1e-320, 2e-320]], [5], 1e-2, "X is too small: the answer overflows"),
        ([[1e300, 2e300]], [1e-100], 1e-152, "X is too large: the answer underflows"),
    ],
)
def test_a_diagonal_flow_that_floats_cannot_hold_is_refused_at_once(X, y, scale, message):
    with pytest.raises(ValueError, match=message):
        ib.diagonal_flow(X, y, scale, depth=2)


def test_a_diagonal_flow_of_zeros_stays():
    np.testing.assert_array_equal(ib.diagonal_flow([[0.0, 0.0]], [0], 0.1, depth=2), [0, 0])


@pytest.mark.parametrize("size", SIZES)
def test_momentum_has_the_same_direction_in_any_units(size):
    plain, scaled = (ib.margin_momentum(X, POINTS.y, 300).w[-1] for X in (POINTS.X, size * POINTS.X))
    np.testing.assert_allclose(scaled * size, plain, rtol=1e-9)


def test_momentum_on_points_that_cancel_stays_at_zero():
    assert not ib.margin_momentum([[1.0], [1.0]], [1, -1], 10).w.any()


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1e-162])
def test_a_homogeneous_flow_leaves_tiny_starts_along_its_linear_part(size):
    """Near zero ``u' = 2 u Z'1`` and ``v' = -2 v Z'1``: from t = 0 to 1/16 all grow by exp(Z'1 / 8), exp(-Z'1 / 8)."""
    network, start = ib.Diagonal(POINTS.X, POINTS.y, depth=2), size * np.linspace(0.5, 1, 6)
    grown = np.exp(np.outer([1, -1], network.Z.sum(axis=0) / 8).ravel())
    flow = ib.homogeneous_flow(network, start, [np.log(1 / 16)])
    np.testing.assert_allclose(flow.w[0] / start, grown, rtol=1e-6)


def test_a_homogeneous_flow_from_far_on_the_wrong_side_is_refused():
    network = ib.Diagonal(1e100 * POINTS.X, -POINTS.y, depth=2)
    start = np.append(np.maximum(ib.max_margin(POINTS.X, POINTS.y).w, 0), np.zeros(3))
    with pytest.raises(ValueError, match=r"start must have finite margins of at least -1e\+06, found -.*e\+100"):
        ib.homogeneous_flow(network, start, [1.0])


def test_a_logistic_flow_from_far_away_has_not_moved():
    start = np.full(3, 1e300)
    np.testing.assert_array_equal(ib.logistic_flow(POINTS.X, POINTS.y, [1, 100], w0=start).w, [start, start])


def test_a_reference_that_leaves_no_digits_is_refused():
    with pytest.raises(ValueError, match="reference must have margins of order one, as the SVM has, found none below"):
        ib.logistic_flow(POINTS.X, POINTS.y, [1, 100], reference=1e160 * ib.max_margin(POINTS.X, POINTS.y).w)
