"""The log-time flow against a separate integration, closed forms, the predicted limits and small-step descent."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import DEGENERATE, ZA, ZC, ZD, iris, near, rotation, thin
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from scipy.special import expit

import ibnotes
from ibnotes.dynamics import pulls


def signed(problem):
    X, y = problem
    return y[:, None] * X


def flow(Z, log_times, **options):
    return ibnotes.logistic_flow(Z, np.ones(len(Z)), log_times, **options)


def asymptotics(Z):
    return ibnotes.logistic_asymptotics(Z, np.ones(len(Z)))


def svm(Z):
    return ibnotes.max_margin(Z, np.ones(len(Z))).w


def beyond(Z, log_times, **options):
    """What is left of the flow beyond the SVM times log t, to full accuracy."""
    return flow(Z, log_times, reference=svm(Z), **options).residual


def gaussian(seed, n=12, d=4, margin=0.5):
    problem = ibnotes.make_separable(np.random.default_rng(seed), n, d, margin)
    return problem.Z


POINTS = {"ZA": ZA, "ZC": ZC, "ZD": ZD, "near": signed(near()), "degenerate": DEGENERATE}
REGULAR = [name for name in POINTS if name != "degenerate"]
MODERATE = np.array([-5.0, 0.1, 2.0, 10.0, 100.0, 230.0, 1000.0])
LATE = [1e4, 1e6, 1e9]
ALL = np.array([-2.0, 1.0, 5.0, 20.0, 29.0, 31.0, 100.0, 1e3, 1e5, *LATE])


@cache
def path_of(name, told=False, loss="logistic"):
    """At all times, told of the SVM or not."""
    return flow(POINTS[name], ALL, loss=loss, reference=svm(POINTS[name]) if told else None)


@cache
def moderate(name, loss="logistic"):
    return flow(POINTS[name], MODERATE, loss=loss).w


def independent(Z, log_times, w0=None, loss="logistic", method="Radau"):
    """dw/ds = e^s (1/n) sum_i p_i z_i integrated in w itself: no oracle, no reference, no rescaling."""
    w0 = np.zeros(Z.shape[1]) if w0 is None else np.asarray(w0)

    def log_p(m):
        return -m if loss == "exponential" else -m - np.logaddexp(0, -m)

    def velocity(s, w):
        return np.exp(s + log_p(Z @ w)) @ Z / len(Z)

    def jacobian(s, w):
        m = Z @ w
        damping = 1.0 if loss == "exponential" else expit(m)
        return -(Z.T * (np.exp(s + log_p(m)) * damping)) @ Z / len(Z)

    first = -20.0  # up to there w moves by exp(-20): one Euler step, wrong by exp(-40)
    start = w0 + velocity(first, w0)
    options = {"jac": jacobian} if method == "Radau" else {}
    span = (first, max(log_times))
    return solve_ivp(velocity, span, start, method, t_eval=log_times, rtol=1e-10, atol=1e-10, **options).y.T


# --- what comes back ---


def test_one_row_of_float64_for_each_log_time():
    path = flow(ZC, [0, 1, 100], reference=svm(ZC))
    assert path.w.shape == path.residual.shape == (3, 3)
    assert path.w.dtype == path.residual.dtype == path.log_times.dtype == np.float64
    assert path.steps is None


def test_the_log_times_come_back_as_they_were_given():
    assert flow(ZA, [7, -3, 2.5]).log_times.tolist() == [7, -3, 2.5]


@pytest.mark.parametrize("times", [[-3.0, 0.0, 5.0], [50.0, 1e4, 1e9]])
def test_the_residual_is_w_less_the_svm_times_log_t(times):
    path = flow(ZA, times, reference=svm(ZA))
    rounding = 1e-15 * max(times)
    assert np.abs(path.w - np.outer(times, svm(ZA)) - path.residual).max() < max(1e-14, rounding)


def test_the_order_of_the_log_times_does_not_matter():
    times = np.array([300.0, -2.0, 5.0, 1e6, 0.5])
    assert np.array_equal(flow(ZA, times).w, flow(ZA, np.sort(times)).w[[3, 0, 2, 4, 1]])


@pytest.mark.parametrize("s", [-4.0, 2.0, 20.0, 300.0])
def test_a_log_time_does_not_depend_on_which_others_are_asked_for(s):
    assert np.abs(flow(ZC, [s]).w - flow(ZC, [-6.0, 1.0, s, 1e3]).w[2]).max() < 1e-9


REPEATED = {
    "late": [5.0, 5.0],
    "at the end": [1e9, 1e9],
    "early": [-5.0, -5.0],
    "before the first float": [-900.0, -800.0],
}


@pytest.mark.parametrize("times", REPEATED.values(), ids=REPEATED)
def test_a_log_time_may_be_asked_for_twice(times):
    w = flow(ZA, times).w
    assert np.array_equal(w[0], w[1])


def test_points_of_length_one_at_time_one():
    """The flow's own clock reads one there: the seam between its two integrators."""
    Z = ZA / np.linalg.norm(ZA, axis=1)[:, None]
    assert np.abs(flow(Z, [0.0]).w - independent(Z, [0.0])).max() < 1e-9


def test_the_inputs_are_not_changed():
    X, y, times, w0 = ZA.copy(), np.ones(5), np.array([5.0, 1.0]), np.array([0.5, 0.5])
    ibnotes.logistic_flow(X, y, times, w0=w0)
    assert np.array_equal(X, ZA)
    assert (y.tolist(), times.tolist(), w0.tolist()) == ([1] * 5, [5, 1], [0.5, 0.5])


def test_labels_only_flip_the_points():
    y = np.array([1, -1, 1, -1, -1])
    assert np.array_equal(ibnotes.logistic_flow(y[:, None] * ZA, y, [1, 100]).w, flow(ZA, [1, 100]).w)


# --- the start ---


@pytest.mark.parametrize("w0", [None, [0.3, -0.7], [-30.0, 10.0]])
def test_the_flow_starts_at_the_start(w0):
    assert np.abs(flow(ZA, [-60.0], w0=w0).w - (np.zeros(2) if w0 is None else w0)).max() < 1e-14


def test_the_first_move_is_the_negative_gradient_of_the_mean_loss():
    w0, t = np.array([0.3, -0.7]), 1e-6
    gradient = -expit(-ZA @ w0) @ ZA / 5
    assert np.abs((flow(ZA, [np.log(t)], w0=w0).w[0] - w0) / t + gradient).max() < 2e-6


# --- closed forms and a separate integration ---


def test_one_point_under_exponential_loss_is_log_of_one_plus_t():
    """dw/dt = exp(-w) from 0."""
    s = np.array([-30, -3, -0.5, 0.5, 3, 30, 1e3, 1e6, 1e9])
    error = np.abs(flow(np.ones((1, 1)), s, loss="exponential").w[:, 0] - np.logaddexp(0, s))
    assert error[s < 0].max() < 1e-13
    assert error.max() < 5e-10


def test_one_point_under_logistic_loss_solves_its_implicit_equation():
    """dw/dt = 1 / (1 + exp(w)) from 0: w + exp(w) = 1 + t, here in logarithms."""
    s = np.array([-3, 0.5, 3, 30, 1e3, 1e6, 1e9])
    w = flow(np.ones((1, 1)), s).w[:, 0]
    assert np.abs(np.logaddexp(np.log(w), w) - np.logaddexp(0, s)).max() < 5e-10


@pytest.mark.parametrize("name", ["ZA", "ZC", "ZD", "degenerate"])
def test_the_flow_agrees_with_a_separate_integration(name):
    assert np.abs(moderate(name) - independent(POINTS[name], MODERATE)).max() < 1e-8


def test_from_another_start_it_agrees_with_an_explicit_integrator():
    w0, times = [-2.0, 3.0], [-1.0, 3.0, 30.0]
    path = flow(ZA, times, w0=w0)
    assert np.abs(path.w - independent(ZA, times, w0=w0, method="DOP853")).max() < 1e-8
    assert np.abs(path.w - flow(ZA, times).w)[:2].max() > 0.5


@pytest.mark.parametrize("name", ["ZA", "ZD", "near"])
def test_exponential_loss_agrees_with_a_separate_integration(name):
    ours = moderate(name, "exponential")
    assert np.abs(ours - independent(POINTS[name], MODERATE, loss="exponential")).max() < 1e-8
    assert np.abs(ours - moderate(name))[1].max() > 0.05


def test_a_slow_transient_is_followed_and_not_skipped():
    """On near the residual converges like t^-0.0116: at these times it is still far from its limit."""
    Z, limit = POINTS["near"], asymptotics(POINTS["near"])
    path = flow(Z, MODERATE, reference=svm(Z))
    still_off = np.linalg.norm(path.residual @ limit.span - limit.residual, axis=1)
    assert still_off[MODERATE <= 230].min() > 0.8
    assert np.abs(path.w - independent(Z, MODERATE)).max() < 1e-8


WRONG = {
    "zero": lambda w: np.zeros_like(w),
    "tilted": lambda w: w + 0.1 * np.eye(len(w))[0],
    "twice": lambda w: 2 * w,
    "opposite": lambda w: -w,
}


@pytest.mark.parametrize("g", [1e-4, 1e-6, 1e-8])
def test_the_weight_of_a_column_in_another_unit_is_followed_too(g):
    """By symmetry the first weight stays zero, and the second is half the time, up to where its exponent matters."""
    path = ibnotes.logistic_flow([[1, g], [-1, g]], [1, 1], [1.0, 2.0, 4.0])
    assert path.w[:, 1] == pytest.approx(0.5 * g * np.exp([1.0, 2.0, 4.0]), rel=1e-6)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("name", ["ZA", "near"])
def test_a_wrong_reference_gives_the_same_path(name, wrong):
    """It is subtracted for accuracy only: the flow cannot be made to find it."""
    times, reference = ALL[ALL <= 100], wrong(svm(POINTS[name]))
    path = flow(POINTS[name], times, reference=reference)
    assert np.abs(path.w - path_of(name).w[ALL <= 100]).max() < 1e-8
    assert np.abs(path.w - np.outer(times, reference) - path.residual).max() < 1e-12


@pytest.mark.parametrize("name", POINTS)
def test_the_flow_finds_its_own_origin(name):
    """Without a reference it is told nothing of the SVM, and follows the same path."""
    told, untold = path_of(name, told=True), path_of(name)
    assert untold.residual is None
    apart = np.linalg.norm(told.w - untold.w, axis=1)
    assert (apart < 1e-8 + 1e-14 * np.linalg.norm(told.w, axis=1)).all()


# --- the predicted limits ---


def short_of(Z, rest):
    """Distance to the limit within the span of the support vectors."""
    limit = asymptotics(Z)
    return np.linalg.norm(rest @ limit.span - limit.residual, axis=1)


def misses(Z, **options):
    """So far is the residual at late times."""
    return short_of(Z, beyond(Z, LATE, **options))


@pytest.mark.parametrize("name", REGULAR)
@pytest.mark.parametrize("loss", ["logistic", "exponential"])
def test_the_residual_arrives_where_the_dual_says(name, loss):
    assert short_of(POINTS[name], path_of(name, True, loss).residual[-3:]).max() < 1e-11


@pytest.mark.parametrize("name", REGULAR)
def test_the_weights_themselves_arrive_there(name):
    w = path_of(name).w[-3:]
    rounding = 1e-14 * np.linalg.norm(w, axis=1)
    assert (short_of(POINTS[name], w - np.outer(LATE, svm(POINTS[name]))) < 1e-10 + rounding).all()


@pytest.mark.parametrize("seed", range(6))
def test_the_residual_arrives_on_random_points(seed):
    Z = gaussian(seed)
    assert asymptotics(Z).rate > 0.005  # t^-rate is then below 1e-21 at the first of the times
    assert misses(Z).max() < 1e-10


@pytest.mark.parametrize(("name", "scale"), [("ZA", 1e6), ("ZC", 1e-6), ("ZD", 1e6), ("ZD", 1e-6), ("near", 1e6)])
def test_the_residual_arrives_on_scaled_points(name, scale):
    Z = scale * POINTS[name]
    assert misses(Z).max() < 1e-11 * np.linalg.norm(asymptotics(Z).residual)


@pytest.mark.parametrize(("seed", "margin"), [(3, 1e-3), (1, 1e-5), (0, 1e-6)])
def test_the_residual_arrives_on_thinly_separated_points(seed, margin):
    """There the velocity drowns in its rounding error while the residual still drifts: no reason to stop."""
    Z = thin(seed, margin)
    assert misses(Z).max() < 1e-10 * np.linalg.norm(asymptotics(Z).residual)


def test_the_limit_in_the_span_forgets_the_start_and_the_rest_does_not():
    limit, w0 = asymptotics(ZC), np.array([0.5, -2.0, 1.5])
    assert misses(ZC, w0=w0).max() < 1e-11
    away = beyond(ZC, LATE, w0=w0) - beyond(ZC, LATE)
    assert np.linalg.norm(away - away @ limit.span, axis=1).min() > 0.5


@pytest.mark.parametrize("w0", [[300.0, -100.0], [-300.0, 100.0], [800.0, -270.0]])
def test_a_far_start_arrives_in_the_end(w0):
    assert misses(ZA, w0=w0).max() < 1e-11


@pytest.mark.parametrize("w0", [[1000.0, -1000.0], [1e4, -1e4]])
def test_a_start_with_every_point_far_on_the_right_side_waits_and_then_arrives(w0):
    """Nothing happens until t times the loss derivative reaches one; the integrator must not jump over that."""
    path = flow(ZA, [200.0], w0=w0)
    assert np.abs(path.w - w0).max() < 1e-9
    assert misses(ZA, w0=w0)[1:].max() < 1e-11


def test_a_start_whose_exponential_loss_overflows_is_refused():
    """There a margin is -880 and exp(880) is no float: it must not run for ever on infinite velocities."""
    with pytest.raises((ValueError, ibnotes.NotConverged)):
        flow(ZA, [5.0], w0=[-300.0, 100.0], loss="exponential")


@pytest.mark.parametrize("step_size", [30.0, 1000.0])
def test_descent_with_a_huge_step_continued_by_the_flow_arrives(step_size):
    w0 = ibnotes.descend((ZA, np.ones(5)), ibnotes.GradientDescent(step_size), 20_000, records=2).w[-1]
    assert misses(ZA, w0=w0).max() < 1e-11


# --- a support vector with dual variable zero: the residual has no limit ---


def test_a_degenerate_residual_grows_like_log_log_t():
    s = np.array([1e2, 1e4, 1e5, 1e6])
    excess = beyond(DEGENERATE, s)[:, 1] - np.log(s)
    assert excess == pytest.approx([-4.1656e-2, -8.740e-4, -1.104e-4, -1.336e-5], rel=1e-3)


def test_a_degenerate_residual_keeps_its_slow_conservation_law():
    """Its second entry r obeys r' = e^-r / (1 + e^-r) up to O(1/s^2): e^r + r - s tends to a constant."""
    s = np.array([1e3, 1e4, 1e5])
    r = beyond(DEGENERATE, s)[:, 1]
    assert np.ptp(np.exp(r) + r - s) < 3e-3


@pytest.mark.parametrize("shift", [-0.05, 0.05])
def test_off_the_degenerate_position_the_residual_stops(shift):
    Z = np.add(DEGENERATE, [[0, 0], [shift, 0]])
    assert np.ptp(beyond(Z, [1e4, 1e5, 1e6]), axis=0).max() < 1e-10


# --- small steps ---


def apart(Z, w, T):
    return np.linalg.norm(w - flow(Z, [np.log(T)]).w[0])


def end_of_descent(Z, step_size, T):
    problem = (Z, np.ones(len(Z)))
    return ibnotes.descend(problem, ibnotes.GradientDescent(step_size), round(T / step_size), records=2).w[-1]


@pytest.mark.parametrize(("step_size", "T"), [(5e-4, 1.0), (1e-3, 20.0), (3e-3, 100.0)])
@pytest.mark.parametrize("name", ["ZA", "ZC"])
def test_small_steps_follow_the_flow(name, step_size, T):
    Z = POINTS[name]
    assert apart(Z, end_of_descent(Z, step_size, T), T) < 1e-4


@pytest.mark.parametrize("T", [1.0, 20.0])
@pytest.mark.parametrize("name", ["ZA", "ZC", "near"])
def test_the_disagreement_is_proportional_to_the_step_size(name, T):
    Z = POINTS[name]
    errors = [apart(Z, end_of_descent(Z, step_size, T), T) for step_size in (0.01, 0.005, 0.0025)]
    assert np.divide(errors[:-1], errors[1:]) == pytest.approx(2.0, abs=0.005)


# --- bad input ---

BAD_TIMES = {
    "nan": ([1.0, np.nan], r"^log_times .* nan at index \(1,\)"),
    "inf": ([np.inf], r"^log_times .* inf at index \(0,\)"),
    "minus inf": ([-np.inf], r"^log_times .* -inf at index \(0,\)"),
    "too late": ([1.0, 2e9], r"^log_times must be at most 1e\+09, found 2e\+09"),
    "none": ([], r"^log_times is empty"),
    "a number": (3.0, r"^log_times .*1-dimensional.* \(\)"),
    "a table": ([[1.0, 2.0]], r"^log_times .*1-dimensional.* \(1, 2\)"),
    "strings": (["1", "2"], r"^log_times .* dtype <U1"),
    "None": (None, r"^log_times .* dtype object"),
}


@pytest.mark.parametrize(("times", "message"), BAD_TIMES.values(), ids=BAD_TIMES)
def test_bad_log_times_are_named(times, message):
    with pytest.raises(ValueError, match=message):
        flow(ZA, times)


BAD_OPTIONS = {
    "short start": ({"w0": [1.0]}, r"^w0 .* 1 for 2"),
    "long start": ({"w0": [1.0, 2.0, 3.0]}, r"^w0 .* 3 for 2"),
    "nan in the start": ({"w0": [1.0, np.nan]}, r"^w0 .* nan at index \(1,\)"),
    "several starts": ({"w0": [[1.0, 2.0]]}, r"^w0 .*1-dimensional.* \(1, 2\)"),
    "a start of strings": ({"w0": ["a", "b"]}, r"^w0 .* dtype <U1"),
    "short reference": ({"reference": [1.0]}, r"^reference .* 1 for 2"),
    "inf in the reference": ({"reference": [np.inf, 0.0]}, r"^reference .* inf at index \(0,\)"),
    "another loss": ({"loss": "hinge"}, r"^loss .*'logistic', 'exponential'.* 'hinge'"),
    "no loss": ({"loss": None}, r"^loss .* None"),
}


@pytest.mark.parametrize(("options", "message"), BAD_OPTIONS.values(), ids=BAD_OPTIONS)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        flow(ZA, [1.0], **options)


BAD_POINTS = {
    "labels zero and one": (ZA, [0, 1, 1, 1, 1], r"^y .*-1 and \+1"),
    "too few labels": (ZA, np.ones(4), r"^y .* 4 for 5"),
    "nan": (ZA * [np.nan, 1], np.ones(5), r"^X .* nan"),
}


@pytest.mark.parametrize(("X", "y", "message"), BAD_POINTS.values(), ids=BAD_POINTS)
def test_bad_points_are_named(X, y, message):
    with pytest.raises(ValueError, match=message):
        ibnotes.logistic_flow(X, y, [1.0])


def test_data_that_no_hyperplane_separates_come_with_their_certificate():
    Z = np.vstack([ZA, -ZA[2:3]])
    with pytest.raises(ibnotes.NotSeparable) as caught:
        flow(Z, [1.0])
    certificate = caught.value.certificate
    assert certificate.min() >= 0
    assert certificate.sum() == pytest.approx(1, abs=1e-12)
    assert np.abs(certificate @ Z).max() < 1e-9


# --- symmetries ---

TIMES = np.array([-3.0, 0.5, 5.0, 30.0, 300.0])


@st.composite
def instances(draw):
    """Points and a generator for what is done to them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, d = draw(st.integers(1, 12)), draw(st.integers(1, 5))
    return ibnotes.make_separable(rng, n, d, margin=draw(st.floats(0.2, 2))).Z, rng


@pytest.mark.slow
@settings(max_examples=6)
@given(instances(), st.floats(-6, 6))
def test_the_path_of_reordered_rotated_and_scaled_points(drawn, exponent):
    """Scaling the points by c scales w by 1 / c and time by 1 / c^2."""
    Z, rng = drawn
    w, Q, c = flow(Z, TIMES).w, rotation(rng, Z.shape[1]), 10**exponent
    assert np.abs(flow(rng.permutation(Z), TIMES).w - w).max() < 2e-8
    assert np.abs(flow(Z @ Q, TIMES).w - w @ Q).max() < 2e-8
    assert np.abs(c * flow(c * Z, TIMES - 2 * np.log(c)).w - w).max() < 2e-8


@pytest.mark.parametrize("name", ["ZA", "ZC", "degenerate"])
def test_points_that_are_all_doubled_give_the_same_path(name):
    """The loss is a mean, so that repeating every point changes nothing."""
    Z = POINTS[name]
    assert np.abs(flow(np.vstack([Z, Z]), TIMES).w - flow(Z, TIMES).w).max() < 2e-8


def test_thin_data_are_followed_before_they_are_separated():
    """The SVM's weights are a million times the flow's there: as an origin they would cost it six digits."""
    Z, times = thin(0), [5.0, 10.0, 20.0]
    w, truth = flow(Z, times).w, independent(Z, times)
    assert (np.linalg.norm(w - truth, axis=1) < 1e-8 * np.linalg.norm(truth, axis=1)).all()


# --- an intercept ---


def planes():
    X, y = near()
    return {
        "ten dimensions": (X + 0.3, y),
        "iris": iris(),
        "a line": (np.array([[0.0], [1.0], [3.0]]), np.array([1.0, -1.0, -1.0])),
        "more columns than points": (np.random.default_rng(0).standard_normal((6, 40)) + 1, np.repeat([1.0, -1.0], 3)),
    }


PLANES = planes()


def with_best_intercept(X, y, log_times, loss="logistic"):
    """dw/dt = -grad_w L(w, b(w)) in log-time, b by bracketing the root of dL/db: nothing in common with the flow."""

    def log_p(m):
        return -m if loss == "exponential" else -m - np.logaddexp(0, -m)

    def best(w):
        slope = lambda b: np.sum(y * np.exp(log_p(y * (X @ w + b)) - log_p(y * (X @ w + b)).max()))
        return brentq(slope, -1e3, 1e3, xtol=1e-13)

    def velocity(s, w):
        return np.exp(s + log_p(y * (X @ w + best(w)))) @ (y[:, None] * X) / len(X)

    first = -20.0
    start = velocity(first, np.zeros(X.shape[1]))
    w = solve_ivp(velocity, (first, max(log_times)), start, "LSODA", t_eval=log_times, rtol=1e-9, atol=1e-10).y.T
    return w, np.array([best(each) for each in w])


@pytest.mark.parametrize("loss", ["logistic", "exponential"])
@pytest.mark.parametrize(("X", "y"), PLANES.values(), ids=PLANES)
def test_the_intercept_is_at_its_best_along_the_path(X, y, loss):
    times = [-3.0, 1.0, 5.0, 12.0]
    path = ibnotes.logistic_flow(X, y, times, loss=loss, intercept=True)
    w, b = with_best_intercept(X, y, times, loss)
    assert np.abs(path.w - w).max() < 1e-6
    assert np.abs(path.intercept - b).max() < 1e-6
    fixed = ibnotes.logistic_flow(X, y, times, loss=loss) if np.linalg.matrix_rank(X) == len(X) else None
    assert fixed is None or np.abs(fixed.w - path.w).max() > 1e-3  # without one it is another path


@cache
def late(name):
    """The SVM with an intercept, late times, and the flow of which it is told."""
    (X, y), times = PLANES[name], np.array([1e4, 1e6, 1e9])
    svm = ibnotes.max_margin(X, y, intercept=True)
    reference = np.append(svm.w, svm.intercept)
    return svm, times, ibnotes.logistic_flow(X, y, times, intercept=True, reference=reference)


@pytest.mark.parametrize("name", PLANES)
def test_with_an_intercept_the_flow_goes_to_the_svm_with_an_intercept(name):
    svm, times, told = late(name)
    path = ibnotes.logistic_flow(*PLANES[name], times, intercept=True)
    gaps = ibnotes.direction_gap(path.w, svm.w)
    assert (gaps * times < 20).all()
    assert np.abs(path.intercept / times - svm.intercept)[-1] < 1e-6
    assert np.abs(told.w - path.w).max() < 1e-8 + 1e-14 * np.abs(path.w).max()
    rest = np.column_stack([told.w, told.intercept]) - np.outer(times, np.append(svm.w, svm.intercept))
    assert np.abs(rest - told.residual).max() < 1e-14 * max(np.abs(told.w).max(), np.abs(told.intercept).max())


@pytest.mark.parametrize("name", PLANES)
def test_what_is_left_beyond_it_is_what_the_asymptotics_say(name):
    (X, y), (svm, _, told) = PLANES[name], late(name)
    limit = ibnotes.logistic_asymptotics(X, y, intercept=True)
    w, b = told.residual[1, :-1], told.residual[1, -1]
    assert np.linalg.norm(limit.span @ w - limit.residual) < 1e-9 * np.linalg.norm(limit.residual)
    reached = (y * (X @ w + b))[svm.support]  # the support vectors' exponents, whatever lies off the span
    np.testing.assert_allclose(np.exp(-reached) / len(X), limit.dual[svm.support], rtol=1e-9)
    assert abs(limit.dual @ y) < 1e-12 * limit.dual.sum()
    assert limit.loss == pytest.approx(svm.w @ svm.w)
    if np.linalg.matrix_rank(limit.span) == X.shape[1]:
        assert b == pytest.approx(limit.intercept, abs=1e-9)


def test_a_dear_bias_is_no_intercept_and_a_cheap_one_is():
    """The path with a column of g tends to the intercept's like 1 / g^2, and a column of ones is far from it."""
    X, y = PLANES["iris"]
    times = [2.0, 6.0, 20.0]
    free = ibnotes.logistic_flow(X, y, times, intercept=True)
    off = [
        np.abs(ibnotes.logistic_flow(np.column_stack([X, np.full(len(X), g)]), y, times).w[:, :-1] - free.w).max()
        for g in (1.0, 100.0, 300.0)
    ]
    assert off[0] > 0.1
    assert off[1] / off[2] == pytest.approx(9, rel=0.2)


def test_moving_the_points_moves_the_intercept_only():
    X, y = PLANES["ten dimensions"]
    shift, times = np.linspace(-2, 2, 10), [1.0, 10.0, 100.0]
    before, after = (ibnotes.logistic_flow(Z, y, times, intercept=True) for Z in (X, X + shift))
    assert np.abs(after.w - before.w).max() < 1e-7
    assert np.abs(after.intercept - (before.intercept - before.w @ shift)).max() < 1e-6


@pytest.mark.parametrize("reference", [False, True])
def test_an_offset_of_many_spreads_costs_an_intercept_nothing(reference):
    """Like the year: integrated as it stands it took minutes, and then gave up."""
    (X, y), shift, times = PLANES["iris"], np.array([1e5, -2e5, 3e5, 0]), [-1.0, 3.0, 30.0, 1e4]
    given = [np.append(*(lambda svm: (svm.w, svm.intercept))(ibnotes.max_margin(Z, y, intercept=True)))
             if reference else None for Z in (X, X + shift)]  # fmt: skip
    before, after = (
        ibnotes.logistic_flow(Z, y, times, intercept=True, reference=r)
        for Z, r in zip((X, X + shift), given, strict=True)
    )
    np.testing.assert_allclose(after.w, before.w, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(after.intercept + after.w @ shift, before.intercept, atol=1e-3)
    if reference:
        np.testing.assert_allclose(after.w - np.outer(times, given[1][:-1]), after.residual[:, :-1], atol=1e-6)
        np.testing.assert_allclose(after.intercept - np.multiply(times, given[1][-1]), after.residual[:, -1], atol=1e-3)


@pytest.mark.parametrize("unit", [2.0**-1000, 2.0**-560, 2.0**700])
def test_lengths_whose_squares_leave_the_range_of_floats(unit):
    times = np.array([1.0, 1e3])
    there = flow(unit * ZA, times).w * unit
    np.testing.assert_allclose(there, flow(ZA, times + 2 * np.log(unit)).w, rtol=1e-9, atol=1e-300)


def test_the_intercept_starts_at_the_log_odds():
    path = ibnotes.logistic_flow(np.array([[0.0], [1.0], [3.0]]), [1, -1, -1], [-60.0], intercept=True)
    assert path.intercept[0] == pytest.approx(-np.log(2))


@pytest.mark.parametrize(
    "name", ["a line", "more columns than points", pytest.param("ten dimensions", marks=pytest.mark.slow)]
)
def test_a_far_start_has_an_intercept_too(name):
    """On its way all points of a label may be out of sight, and every pull may underflow."""
    X, y = PLANES[name]
    svm = ibnotes.max_margin(X, y, intercept=True)
    for w0 in 300 * svm.w, -300 * svm.w:
        path = ibnotes.logistic_flow(X, y, [1e6], w0=w0, intercept=True)
        assert ibnotes.direction_gap(path.w[0], svm.w) < 1e-3


def test_bad_intercepts_are_named():
    with pytest.raises(ValueError, match=r"^y must hold both labels"):
        ibnotes.logistic_flow(ZA, np.ones(5), [1.0], intercept=True)
    with pytest.raises(
        ValueError, match=r"^reference must have one entry per column of X and one for the intercept, found 2"
    ):
        ibnotes.logistic_flow(ZA, [1, 1, -1, -1, -1], [1.0], intercept=True, reference=[1.0, 2.0])


# --- many points, many columns ---


def begun_on_one_side():
    """The start favours other points than the ones that pull in the end: they are left out for a while."""
    Z = gaussian(5, n=200, d=4)
    return flow(Z, MODERATE, w0=[3e2, -4e2, 1e2, 2e2], reference=svm(Z)).w


@pytest.fixture(scope="module")
def right():
    return begun_on_one_side()


def test_points_that_are_left_out_come_back(monkeypatch, right):
    monkeypatch.setattr(pulls, "FORGOTTEN", 1e9)
    monkeypatch.setattr(pulls, "RECALLED", 9e8)
    assert np.abs(begun_on_one_side() - right).max() < 1e-9 * np.abs(right).max()


def test_points_that_never_come_back_spoil_the_path(monkeypatch, right):
    """The control."""
    monkeypatch.setattr(pulls.Pulls, "_may_have_come_near", lambda *_: False)
    assert np.abs(begun_on_one_side() - right).max() > 1e-3


def test_few_points_in_many_columns_move_in_their_span():
    """In d columns as in the n coordinates of an orthonormal basis; what w0 has off the span stays."""
    rng = np.random.default_rng(0)
    small, Q = gaussian(1, n=5, d=5), rotation(rng, 60)[:, :5]
    off = rng.standard_normal(60)
    off -= Q @ (off @ Q)
    w0, times = rng.standard_normal(5), np.array([-2.0, 3.0, 50.0])
    here, there = flow(small, times, w0=w0), flow(small @ Q.T, times, w0=Q @ w0 + off)
    assert np.abs(there.w - (here.w @ Q.T + off)).max() < 1e-8
    for beside in 0 * off, off:  # of the reference: none of the path is there
        reference = Q @ svm(small) + beside
        told = flow(small @ Q.T, times, w0=Q @ w0 + off, reference=reference)
        assert np.abs(told.w - there.w).max() < 1e-8
        assert np.abs(told.residual - (there.w - np.outer(times, reference))).max() < 1e-8
