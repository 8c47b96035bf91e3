"""What is read off the weights, against the same formula in four hundred digits."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from instances import ZA, rotation

import ibnotes

ONES = np.ones(5)
AXES = np.eye(2)  # with labels +1, the margins of w are its entries
FAR = [1.0, 1e200, 1e-200, 1e300, 1e-300]
SMALL_ANGLES = [0.0, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3]
WIDE_ANGLES = [0.5, 2.0, 3.1, np.pi - 1e-9]


@pytest.fixture(autouse=True)
def _many_digits():
    with mpmath.workdps(400):
        yield


def exactly(w):
    """The float vector as it is, in long arithmetic."""
    return mpmath.matrix([mpmath.mpf(float(entry)) for entry in w])


def unit(w):
    return exactly(w) / mpmath.norm(exactly(w))


def chord(u, v):
    return mpmath.norm(unit(u) - unit(v))


def between(u, v):
    return 2 * mpmath.atan2(chord(u, v), mpmath.norm(unit(u) + unit(v)))


def at_angle(angle, d, seed=0):
    """Two vectors that enclose the angle up to rounding."""
    rng = np.random.default_rng(seed)
    u, v = rotation(rng, d)[:2] * rng.uniform(1, 9)
    return u, np.cos(angle) * u + np.sin(angle) * v


def off(measured, exact):
    return abs(float(exact - mpmath.mpf(float(measured))))


# --- directions ---


@pytest.mark.parametrize("size", FAR)
def test_a_direction_has_length_one_whatever_the_size(size):
    w = ibnotes.direction(size * np.array([3.0, -4.0]))
    assert np.abs(w - [0.6, -0.8]).max() < 2e-16


def test_a_direction_is_found_where_the_squares_would_overflow():
    assert np.abs(ibnotes.direction(np.full(4, 1.7e308)) - 0.5).max() < 1e-16


@pytest.mark.parametrize("size", FAR)
@pytest.mark.parametrize("d", [2, 10])
@pytest.mark.parametrize("angle", SMALL_ANGLES + WIDE_ANGLES)
def test_the_direction_gap_is_the_chord_to_1e_minus_15(angle, d, size):
    u, v = at_angle(angle, d)
    assert off(ibnotes.direction_gap(u, size * v), chord(u, size * v)) < 1e-15


@pytest.mark.parametrize("angle", [1e-12, 1e-9])
def test_the_cosine_would_not_see_such_an_angle(angle):
    """The control: the textbook formula is off by the whole gap."""
    u, v = at_angle(angle, 2)
    cosine = min(1.0, u @ v / (np.linalg.norm(u) * np.linalg.norm(v)))
    assert off(np.sqrt(2 - 2 * cosine), chord(u, v)) > 0.5 * angle
    assert off(ibnotes.direction_gap(u, v), chord(u, v)) < 1e-15


def test_equal_directions_have_no_gap():
    u = np.array([0.1, -0.7, 0.3])
    assert ibnotes.direction_gap(u, u) == 0
    assert ibnotes.direction_gap(u, 2.0**60 * u) == 0
    assert ibnotes.angle(u, 2.0**-60 * u) == 0


def test_opposite_and_orthogonal_directions():
    assert ibnotes.direction_gap([1, 0], [-5, 0]) == 2
    assert ibnotes.angle([1, 0], [-5, 0]) == np.pi
    assert ibnotes.angle([1, 0], [0, 3]) == pytest.approx(np.pi / 2, abs=2e-16)


@pytest.mark.parametrize("size", FAR)
@pytest.mark.parametrize("angle", SMALL_ANGLES + WIDE_ANGLES)
def test_the_angle_is_accurate_for_small_angles_and_near_pi(angle, size):
    u, v = at_angle(angle, 10, seed=1)
    assert off(ibnotes.angle(u, size * v), between(u, size * v)) < 1e-15


def test_directions_map_over_leading_axes():
    rng = np.random.default_rng(0)
    u, v = rng.standard_normal((4, 3, 5)), rng.standard_normal(5)
    for measure in (ibnotes.direction_gap, ibnotes.angle):
        each = [[measure(row, v) for row in block] for block in u]
        assert np.array_equal(measure(u, v), each)
    assert np.array_equal(ibnotes.direction(u)[2, 1], ibnotes.direction(u[2, 1]))


NOWHERE = {"zero": [0.0, 0.0], "nan": [np.nan, 1.0], "inf": [np.inf, 1.0], "one zero row": [[1.0, 1.0], [0.0, 0.0]]}


@pytest.mark.parametrize("w", NOWHERE.values(), ids=NOWHERE)
@pytest.mark.parametrize(
    "measure",
    [
        ibnotes.direction,
        lambda w: ibnotes.direction_gap([1, 1], w),
        lambda w: ibnotes.direction_gap(w, [1, 1]),
        lambda w: ibnotes.angle(w, [1, 1]),
        lambda w: ibnotes.margin(AXES, [1, 1], w),
    ],
    ids=["direction", "direction_gap of the second", "direction_gap of the first", "angle", "margin"],
)
def test_a_vector_without_a_direction_is_refused(measure, w):
    with pytest.raises(ValueError, match="no direction: it is zero or not finite"):
        measure(w)


# --- margins ---


def exact_margin(w, norm):
    """In fractions for the norms 1 and inf, in long arithmetic for the norm 2."""
    w = [Fraction(float(entry)) for entry in w]
    smallest = min(sum(Fraction(float(x)) * a for x, a in zip(row, w, strict=True)) for row in ZA)
    if norm == 2:
        return mpmath.mpf(smallest.numerator) / smallest.denominator / mpmath.norm(exactly(w))
    size = sum(map(abs, w)) if norm == 1 else max(map(abs, w))
    return mpmath.mpf((smallest / size).numerator) / (smallest / size).denominator


@pytest.mark.parametrize("size", FAR)
@pytest.mark.parametrize("norm", [1, 2, np.inf])
@pytest.mark.parametrize("w", [[3.0, -1.0], [-1.0, 0.5], [1.0, 0.0]])
def test_the_margin_is_the_smallest_signed_distance_in_that_norm(w, norm, size):
    w = size * np.array(w)
    assert off(ibnotes.margin(ZA, ONES, w, norm), exact_margin(w, norm)) < 1e-15


def test_the_margin_defaults_to_the_norm_2_and_knows_the_labels():
    y = np.array([1, -1, 1, -1, -1])
    assert ibnotes.margin(y[:, None] * ZA, y, [3, -1]) == ibnotes.margin(ZA, ONES, [3, -1], 2)
    assert ibnotes.margin(ZA, -ONES, [3, -1]) == pytest.approx(-8.8 / 10**0.5, abs=1e-15)


@pytest.mark.parametrize("norm", [3, 0, -1, "2", "inf", None, np.nan, (2,)])
def test_an_unknown_norm_is_named(norm):
    with pytest.raises(ValueError, match=r"^norm must be 1, 2 or numpy.inf, found "):
        ibnotes.margin(ZA, ONES, [1, 0], norm)


# --- losses and shares in log form ---


def exact_log_loss(margins):
    terms = [mpmath.log1p(mpmath.exp(-mpmath.mpf(float(m)))) for m in margins]
    return mpmath.log(mpmath.fsum(terms) / len(terms))


def exact_log_shares(margins):
    p = [1 / (1 + mpmath.exp(mpmath.mpf(float(m)))) for m in margins]
    return [mpmath.log(one / mpmath.fsum(p)) for one in p]


MARGINS = {
    "zero": (0.0, 0.0),
    "moderate": (0.3, -1.7),
    "thirty": (30.5, 31.0),
    "forty": (40.0, 40.0),
    "around the branch": (35.9999, 36.0001),
    "twenty and forty": (20.0, 40.0),
    "all wrong": (-40.0, -3.0),
    "where softplus is zero": (746.0, 800.0),
    "far apart": (1e5, -1e5),
    "very right": (1e5, 1e5 + 1),
    "very wrong": (-1e5, -1e5 + 1),
}


@pytest.mark.parametrize("margins", MARGINS.values(), ids=MARGINS)
def test_the_log_loss_is_exact_where_the_loss_underflows_and_where_it_is_huge(margins):
    exact = exact_log_loss(margins)
    assert off(ibnotes.log_logistic_loss(AXES, [1, 1], margins), exact) <= 3e-16 * max(1, abs(float(exact)))


@pytest.mark.parametrize("margins", MARGINS.values(), ids=MARGINS)
def test_log_shares_are_exact_where_shares_underflow(margins):
    shares = ibnotes.log_gradient_shares(AXES, [1, 1], margins)
    for measured, exact in zip(shares, exact_log_shares(margins), strict=True):
        assert off(measured, exact) <= 1e-15 * max(1, np.abs(margins).max())


@given(st.lists(st.floats(-800, 800), min_size=1, max_size=6))
def test_log_loss_and_shares_of_any_margins(margins):
    X, y, bound = np.eye(len(margins)), np.ones(len(margins)), 1e-15 * max(1, np.abs(margins).max())
    assert off(ibnotes.log_logistic_loss(X, y, margins), exact_log_loss(margins)) <= bound
    shares = ibnotes.log_gradient_shares(X, y, margins)
    assert max(map(off, shares, exact_log_shares(margins))) <= bound


@given(st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=6))
def test_shares_sum_to_one_and_are_the_exponentials_of_their_logarithms(margins):
    X, y = np.eye(len(margins)), np.ones(len(margins))
    shares = ibnotes.gradient_shares(X, y, margins)
    assert shares.sum() == pytest.approx(1, abs=1e-15 * len(margins))
    assert np.array_equal(shares, np.exp(ibnotes.log_gradient_shares(X, y, margins)))


def test_the_shares_rebuild_the_gradient():
    w = np.array([0.4, -0.2])
    p = 1 / (1 + np.exp(ZA @ w))
    assert ibnotes.gradient_shares(ZA, ONES, w) @ ZA * p.sum() == pytest.approx(p @ ZA, abs=1e-14)


def test_losses_and_shares_know_the_labels():
    y, w = np.array([1, -1, 1, -1, -1]), [0.4, -0.2]
    for measure in (ibnotes.log_logistic_loss, ibnotes.log_gradient_shares):
        assert np.array_equal(measure(y[:, None] * ZA, y, w), measure(ZA, ONES, w))
        assert not np.array_equal(measure(ZA, y, w), measure(ZA, ONES, w))


# --- all of them ---

MEASURES = {
    "margin": (ibnotes.margin, ()),
    "log_logistic_loss": (ibnotes.log_logistic_loss, ()),
    "gradient_shares": (ibnotes.gradient_shares, (5,)),
    "log_gradient_shares": (ibnotes.log_gradient_shares, (5,)),
}


@pytest.mark.parametrize(("measure", "shape"), MEASURES.values(), ids=MEASURES)
def test_measures_map_over_a_path_and_a_batch(measure, shape):
    w = np.random.default_rng(0).standard_normal((4, 3, 2))
    values = measure(ZA, ONES, w)
    assert values.shape == (4, 3, *shape)
    assert np.abs(values[2, 1] - measure(ZA, ONES, w[2, 1])).max() < 1e-15
    assert measure(ZA, ONES, w[2, 1]).shape == shape


@pytest.mark.parametrize(("measure", "shape"), MEASURES.values(), ids=MEASURES)
@pytest.mark.parametrize("w", [np.ones(3), np.ones((2, 3)), np.ones((2, 1))])
def test_a_w_that_does_not_fit_the_points_is_named(measure, shape, w):
    with pytest.raises(ValueError, match=r"^w must have 2 entries on its last axis, found shape \("):
        measure(ZA, ONES, w)


@pytest.mark.parametrize(("measure", "shape"), MEASURES.values(), ids=MEASURES)
def test_bad_labels_are_named(measure, shape):
    with pytest.raises(ValueError, match=r"^y must hold the labels -1 and \+1"):
        measure(ZA, [0, 1, 1, 0, 1], [1, 1])


@pytest.mark.parametrize("measure", [ibnotes.direction_gap, ibnotes.angle])
@pytest.mark.parametrize(("u", "v"), [([1.0, 2.0, 3.0], [1.0, 2.0]), ([1.0], [1.0, 2.0, 3.0])])
def test_vectors_of_different_lengths_have_no_angle(measure, u, v):
    with pytest.raises(ValueError, match=r"shape|entries"):
        measure(u, v)


@pytest.mark.parametrize("w", [1.0, [], np.ones((3, 0))], ids=["a number", "nothing", "no coordinates"])
def test_what_is_no_vector_is_named(w):
    with pytest.raises(ValueError, match=r"^w\b"):
        ibnotes.direction(w)
