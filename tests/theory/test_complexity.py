"""Rademacher complexities against enumeration and closed forms; the margin bound against its parts and against data."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from instances import near, rotation
from scipy.stats import norm

import ibnotes


def points(seed, n=8, d=3):
    return np.random.default_rng(seed).standard_normal((n, d))


def enumerated(X, radius):
    """The average over all 2^n sign vectors."""
    return np.mean([radius * np.linalg.norm(s @ X) / len(X) for s in np.array(list(product([-1, 1], repeat=len(X))))])


@pytest.mark.parametrize("seed", range(3))
def test_the_ball_against_all_sign_vectors(seed):
    X = points(seed)
    found = ibnotes.rademacher_of_ball(X, 1.5, 20_000, np.random.default_rng(seed))
    assert abs(found.mean - enumerated(X, 1.5)) < 4 * found.error
    assert found.error < 0.01 * found.mean


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 5))
def test_the_bound_is_above_and_at_most_by_the_root_of_two(seed, n, d):
    X = points(seed, n, d)
    ratio = enumerated(X, 1.0) / ibnotes.ball_bound(X, 1.0)
    assert 0.5**0.5 - 1e-12 <= ratio <= 1 + 1e-12


def test_orthogonal_points_attain_the_bound_and_two_equal_points_the_other_end():
    Q = rotation(np.random.default_rng(0), 6)
    found = ibnotes.rademacher_of_ball(Q, 2.0, 10, np.random.default_rng(0))
    assert found.mean == pytest.approx(ibnotes.ball_bound(Q, 2.0), rel=1e-12)
    assert found.error < 1e-15
    assert enumerated(np.ones((2, 1)), 1.0) / ibnotes.ball_bound(np.ones((2, 1)), 1.0) == pytest.approx(0.5**0.5)


def test_one_function_has_none_and_more_functions_have_more():
    values = np.random.default_rng(1).standard_normal((50, 30))
    found = [ibnotes.rademacher_of_finite(values[:k], 4000, np.random.default_rng(2)) for k in (1, 2, 50)]
    assert abs(found[0].mean) < 4 * found[0].error
    assert found[0].mean < found[1].mean < found[2].mean
    massart = np.linalg.norm(values, axis=1).max() * np.sqrt(2 * np.log(50)) / 30
    assert 0.5 * massart < found[2].mean < massart


def test_all_sign_patterns_have_complexity_one():
    patterns = np.array(list(product([-1.0, 1.0], repeat=6)))
    found = ibnotes.rademacher_of_finite(patterns, 100, np.random.default_rng(0))
    assert (found.mean, found.error) == (1.0, 0.0)


@pytest.mark.parametrize("scale", [0.01, 0.3, 1.0, 7.0])
def test_the_margin_bound_is_the_sum_of_its_parts(scale):
    X, y = near()
    w = scale * ibnotes.max_margin(X, y).w
    k = int(np.ceil(np.log2(np.linalg.norm(w))))
    share = 0.1 / 1.5 / ((abs(k) + 1) * (abs(k) + 2))
    ramp = np.mean(np.minimum(1, np.maximum(0, 1 - y * (X @ w))))
    parts = ramp + 2 * ibnotes.ball_bound(X, 2.0**k) + 3 * np.sqrt(np.log(2 / share) / 200)
    assert ibnotes.margin_bound(X, y, w, confidence=0.9) == pytest.approx(parts, rel=1e-12)
    assert 2.0 ** (k - 1) < np.linalg.norm(w) <= 2.0**k


def test_the_shares_of_the_balls_sum_to_one():
    k = np.abs(np.arange(-100_000, 100_001))
    assert np.sum(2 / 3 / ((k + 1) * (k + 2))) == pytest.approx(1, abs=2e-5)


def test_the_bound_holds_and_falls_with_more_data():
    rng, bounds = np.random.default_rng(0), []
    for n in (50, 200, 800, 3200):
        y = rng.choice([-1.0, 1.0], n)
        X = np.column_stack([y, rng.standard_normal((n, 20)) / 5])
        w = (y @ X) / n
        scaled = [ibnotes.margin_bound(X, y, c * w) for c in (0.5, 1, 2, 4)]
        error = norm.cdf(-w[0] / np.linalg.norm(w[1:]) * 5)
        assert error <= min(scaled)
        bounds.append(min(scaled))
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] < 0.4


def test_the_labels_and_the_frame_do_not_matter():
    X, y = near()
    w = points(0, 1, 10)[0]
    Q = rotation(np.random.default_rng(0), 10)
    bound = ibnotes.margin_bound(X, y, w)
    assert ibnotes.margin_bound(X @ Q, y, w @ Q) == pytest.approx(bound, rel=1e-9)
    assert ibnotes.margin_bound(y[:, None] * X, np.ones(len(y)), w) == pytest.approx(bound, rel=1e-12)


X, y = near()
RNG = np.random.default_rng(0)
BAD = {
    "X is a vector": (ibnotes.rademacher_of_ball, (y, 1, 10, RNG), "X must be 2-dimensional"),
    "radius": (ibnotes.rademacher_of_ball, (X, 0, 10, RNG), "radius must be positive"),
    "draws": (ibnotes.rademacher_of_ball, (X, 1, 1, RNG), "draws must be an integer of at least 2"),
    "values": (ibnotes.rademacher_of_finite, (y, 10, RNG), "values must be 2-dimensional"),
    "bound of X": (ibnotes.ball_bound, (np.nan * X, 1), "X must be finite"),
    "bound of radius": (ibnotes.ball_bound, (X, np.inf), "radius must be positive"),
    "labels": (ibnotes.margin_bound, (X, y + 1, X[0]), "y must hold the labels"),
    "w is short": (ibnotes.margin_bound, (X, y, X[0, :3]), "w must have one entry per column"),
    "w is zero": (ibnotes.margin_bound, (X, y, 0 * X[0]), "the norm of w must be positive"),
    "certainty": (ibnotes.margin_bound, (X, y, X[0], 1.0), "confidence must lie between 0 and 1"),
}


@pytest.mark.parametrize(("function", "arguments", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(function, arguments, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        function(*arguments)
