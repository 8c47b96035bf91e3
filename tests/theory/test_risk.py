"""The risk of ridge and minimum-norm regression against direct linear algebra, quadrature, simulation, and limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from instances import rotation
from scipy.integrate import quad

import ibnotes


def gaussian(seed, n, d):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), rng.standard_normal(d)


def direct(X, w, noise, penalty):
    """||(AX - I) w||^2 + noise ||A||_F^2 for the estimator w = A y."""
    n, d = X.shape
    A = np.linalg.solve(X.T @ X + n * penalty * np.eye(d), X.T) if penalty else np.linalg.pinv(X)
    return np.sum((A @ X @ w - w) ** 2) + noise * np.sum(A**2)


@pytest.mark.parametrize("penalty", [0, 1e-3, 0.5, 10.0])
@pytest.mark.parametrize(("n", "d"), [(12, 5), (5, 12), (6, 6), (1, 3), (3, 1)])
def test_given_the_features_the_risk_is_that_of_the_estimators_matrix(n, d, penalty):
    X, w = gaussian(n + 10 * d, n, d)
    assert ibnotes.linear_risk(X, w, 0.3, penalty) == pytest.approx(direct(X, w, 0.3, penalty), rel=1e-9)


def test_penalties_come_in_any_shape_and_zero_is_the_limit():
    X, w = gaussian(0, 5, 9)
    grid = np.array([[0, 1e-12], [0.1, 1]])
    risk = ibnotes.linear_risk(X, w, 0.3, grid)
    assert risk.shape == (2, 2)
    assert np.array_equal(risk[1], [ibnotes.linear_risk(X, w, 0.3, p) for p in grid[1]])
    assert risk[0, 0] == pytest.approx(risk[0, 1], rel=1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 8))
def test_rotations_units_and_repeated_rows(seed, n, d):
    X, w = gaussian(seed, n, d)
    risk = ibnotes.linear_risk(X, w, 0.3, 0.2)
    rng = np.random.default_rng(seed)
    left, right = rotation(rng, n), rotation(rng, d)
    assert ibnotes.linear_risk(left @ X @ right, right.T @ w, 0.3, 0.2) == pytest.approx(risk, rel=1e-9)
    assert ibnotes.linear_risk(X, 3 * w, 9 * 0.3, 0.2) == pytest.approx(9 * risk, rel=1e-9)
    # a point measured twice is a point measured once with half the noise
    assert ibnotes.linear_risk(np.vstack([X, X]), w, 0.6, 0.2) == pytest.approx(risk, rel=1e-9)


def test_directions_that_the_data_lack_are_not_divided_by():
    X = np.array([[1.0, 0, 0], [2.0, 0, 0]])
    assert ibnotes.linear_risk(X, [1, 2, 2], 0.5) == pytest.approx(8 + 0.5 / 5)
    assert ibnotes.linear_risk(np.zeros((2, 3)), [1, 2, 2], 0.5) == 9


@pytest.mark.parametrize("penalty", [0.02, 0.3, 5.0])
@pytest.mark.parametrize("aspect", [0.3, 1.0, 2.5])
def test_the_limit_is_an_integral_over_the_marchenko_pastur_law(aspect, penalty):
    low, high = (1 - aspect**0.5) ** 2, (1 + aspect**0.5) ** 2

    def summand(angle):  # x = low + (high - low) sin^2, which takes the roots at both ends away
        sine, cosine = np.sin(angle), np.cos(angle)
        x = low + (high - low) * sine**2
        density = (high - low) ** 2 * sine**2 * cosine**2 / (np.pi * aspect * x)
        return density * (2 * penalty**2 + 0.7 * aspect * x) / (x + penalty) ** 2

    expected = quad(summand, 0, np.pi / 2, epsabs=1e-12)[0] + 2 * max(0, 1 - 1 / aspect)
    assert ibnotes.ridge_risk(aspect, 2.0, 0.7, penalty) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("aspect", [0.1, 0.9, 1.1, 8.0])
def test_small_penalties_lead_to_the_ridgeless_limit_and_large_ones_to_zero_weights(aspect):
    for penalty in (1e-9, 1e-200):
        found = ibnotes.ridge_risk(aspect, 2.0, 0.7, penalty)
        assert found == pytest.approx(ibnotes.ridgeless_risk(aspect, 2.0, 0.7), rel=1e-5)
    assert ibnotes.ridge_risk(aspect, 2.0, 0.7, 1e9) == pytest.approx(2.0, rel=1e-6)


@pytest.mark.parametrize("aspect", [0.3, 1.0, 3.0])
def test_the_best_penalty_is_best_in_the_limit_and_for_every_design(aspect):
    best = ibnotes.optimal_penalty(aspect, 2.0, 0.7)
    around = best * np.array([0.97, 1, 1.03])
    assert ibnotes.ridge_risk(aspect, 2.0, 0.7, around).argmin() == 1
    X = gaussian(1, 20, round(20 * aspect))[0]
    axes = np.sqrt(2.0) * np.eye(X.shape[1])
    assert np.mean([ibnotes.linear_risk(X, axis, 0.7, around) for axis in axes], axis=0).argmin() == 1


def test_the_best_risk_has_a_closed_form_and_no_peak():
    aspect = np.geomspace(0.01, 100, 300)
    best = ibnotes.ridge_risk(aspect, 2.0, 0.7, ibnotes.optimal_penalty(aspect, 2.0, 0.7))
    b = 0.7 - 2 + 2 / aspect
    np.testing.assert_allclose(best, (np.sqrt(b**2 + 4 * 2 * 0.7) - b) / 2, rtol=1e-9)
    assert (np.diff(best) > 0).all()
    assert (best < ibnotes.ridgeless_risk(aspect, 2.0, 0.7)).all()


@pytest.mark.parametrize(("n", "d"), [(12, 4), (4, 12), (8, 1), (1, 8)])
def test_the_mean_over_gaussian_features(n, d):
    rng = np.random.default_rng(n * d)
    w = np.eye(d)[0]
    draws = [ibnotes.linear_risk(rng.standard_normal((n, d)), w, 0.5) for _ in range(4000)]
    error = np.std(draws) / len(draws) ** 0.5
    assert abs(np.mean(draws) - ibnotes.expected_risk(n, d, 1.0, 0.5)) < 4 * error


def test_the_mean_tends_to_the_limit_and_is_infinite_at_the_peak():
    aspect = np.array([0.2, 0.8, 1.3, 5])
    limit = ibnotes.ridgeless_risk(aspect, 2.0, 0.7)
    np.testing.assert_allclose(ibnotes.expected_risk(10**6, aspect * 10**6, 2.0, 0.7), limit, rtol=1e-4)
    assert np.array_equal(np.isinf(ibnotes.expected_risk(10, [8, 9, 10, 11, 12], 1.0, 0.1)), [0, 1, 1, 1, 0])
    assert np.isinf(ibnotes.ridgeless_risk(1.0, 1.0, 0.1))


def test_without_noise_there_is_no_peak():
    assert np.array_equal(ibnotes.expected_risk(10, [5, 10, 20], 2.0, 0), [0, 0, 1])
    assert np.array_equal(ibnotes.ridgeless_risk([0.5, 1, 2], 2.0, 0), [0, 0, 1])


X, w = gaussian(0, 3, 4)
BAD = {
    "X": (ibnotes.linear_risk, (w, w, 0.1), "X must be 2-dimensional"),
    "w": (ibnotes.linear_risk, (X, w[:2], 0.1), "w_star must have one entry per column"),
    "penalty": (ibnotes.linear_risk, (X, w, 0.1, -1), "penalty must be finite, zero or positive"),
    "penalty nan": (ibnotes.linear_risk, (X, w, 0.1, [1, np.nan]), "penalty must be finite"),
    "n": (ibnotes.expected_risk, (0, 3, 1, 1), "n must be a positive integer"),
    "d": (ibnotes.expected_risk, (3, [2.5], 1, 1), "d must hold positive integers"),
    "aspect": (ibnotes.ridgeless_risk, ([0.5, 0], 1, 1), "aspect must be positive"),
    "no penalty": (ibnotes.ridge_risk, (1, 1, 1, 0), "penalty must be positive"),
    "no signal": (ibnotes.optimal_penalty, (1, 0, 1), "signal must be positive"),
    "signal": (ibnotes.ridge_risk, (1, np.inf, 1, 1), "signal must be a finite number"),
} | {f"noise {bad!r}": (ibnotes.linear_risk, (X, w, bad), "noise must be a finite") for bad in (-1, np.nan, "1", True)}


@pytest.mark.parametrize(("function", "arguments", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(function, arguments, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        function(*arguments)
